import Auditing
import Testing

/// Strikes every call on a file that archiving makes.
@Suite(.enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct ArchivingFaultTests {
    @Test(.timeLimit(.minutes(15)), arguments: ArchiveScene.Start.allCases, FileFaults.actions)
    func `an archiving struck at any call leaves the archive as it was or refused, and the next completes it`(
        _ start: ArchiveScene.Start, _ action: String
    ) async throws {
        let scene = try await ArchiveScene(start)
        let folder = scene.folder
        for name in ["older", "fresh"] {
            #expect(try Auditor(folder: folder.path(name), policy: scene.policy).run().verdict == .intact)
        }
        let count = try await FileFaults.sweep(action, below: folder.path("try"), in: folder) { note, variables in
            let note = "from \(start.rawValue), \(note)"
            try folder.copy("start", to: "try")
            let status = try await scene.run("archive", scene.archiving, variables)
            try scene.checkArchive(note, ended: status)
            let again = try await scene.run("archive", scene.archiving)
            #expect(again == 0, "\(note): the next run failed")
            #expect(try folder.content(below: "try") == scene.fresh, "\(note): the next run left something else")
            #expect(!folder.exists("try/incoming"), "\(note)")
            return status
        }
        #expect(count >= (start == .decided ? 20 : 30))
    }
}
