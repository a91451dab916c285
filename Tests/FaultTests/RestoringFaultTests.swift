import Foundation
import Merkle
import Publishing
import Testing
import Transparency

/// Strikes every call that `mohur restore` makes on files, and on the data file of the ledger that it fills.
@Suite(.enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct RestoringFaultTests {
    /// An archive, where its ledger is restored to, and what the ledger's own folder of checkpoints holds.
    private struct Scene {
        let source: ArchiveScene
        let checkpoints: [String: [UInt8]]

        init() async throws {
            source = try await ArchiveScene(.nothing)
            checkpoints = try source.folder.content(below: "ledger/checkpoints")
        }

        var folder: Folder { source.folder }

        func restore(_ variables: [String: String] = [:]) async throws -> (status: Int32?, text: String) {
            let words = [Child.mohur, "restore", folder.path("fresh"), folder.path("try")]
            let child = try Child(words, environment: variables, folder: folder)
            return (try await child.end(), child.text)
        }

        /// The ledger is whole, with its checkpoints and its guard.
        func check(_ note: String) async throws {
            try await verify(folder.path("try"), note)
            #expect(try folder.content(below: "try/checkpoints") == checkpoints, "\(note)")
            #expect(try folder.content(below: "try/contents") == folder.content(below: "ledger/contents"), "\(note)")
            #expect(try CheckpointStore(ledger: folder.path("try")).published()?.checkpoint.size == 520, "\(note)")
        }

        /// One struck run: leaves no ledger or a whole one, and the next completes it. Returns how it ended.
        func round(_ note: String, _ action: String, _ variables: [String: String]) async throws -> Int32? {
            try folder.remove("try")
            let (status, text) = try await restore(variables)
            if status == 0 { #expect(folder.exists("try"), "\(note): it said that it was done") }
            if action != "kill", status != 0 {
                #expect(status.map { $0 >> 8 } == 2 && text.contains("mohur: "), "\(note): \(status ?? -1), \(text)")
            }
            if folder.exists("try") {
                try await check(note)
            } else {
                let again = try await restore()
                #expect(again.status == 0, "\(note): the next restoring failed: \(again.text)")
                try await check("\(note), anew")
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
            where name.hasPrefix("try.restoring-") {
                // On a disk that stays full the removing may be what is struck.
                #expect(["kill", "short"].contains(action), "\(note): a run that failed has left \(name)")
                try folder.remove(name)
            }
            return status
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: FileFaults.actions)
    func `a restoring struck at any file leaves no ledger or a whole one, and can be started anew`(
        _ action: String
    ) async throws {
        let scene = try await Scene()
        let folder = scene.folder
        let count = try await FileFaults.sweep(action, below: folder.path("try"), in: folder) { note, variables in
            try await scene.round(note, action, variables)
        }
        #expect(count >= 15)
    }

    @Test(.timeLimit(.minutes(15)), arguments: ["data", "sync", "meta"], FileFaults.actions)
    func `a restoring struck while it fills the data file leaves no ledger, and can be started anew`(
        _ kind: String, _ action: String
    ) async throws {
        let scene = try await Scene()
        for number in 1... {
            let variables = [
                "FAULT_KIND": kind, "FAULT_AT": "\(number)", "FAULT_ACTION": action, "LD_PRELOAD": Child.injection,
            ]
            let status = try await scene.round("\(kind) \(action) at \(number)", action, variables)
            guard status != 0 else { return #expect(number > 1) }
            try #require(number < 100)
        }
    }
}
