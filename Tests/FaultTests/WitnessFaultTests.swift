import Foundation
import Merkle
import TestSupport
import Testing
import Transparency
import Witnessing

/// Strikes every call on a file that a witness makes while it cosigns checkpoint after checkpoint.
@Suite(.enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct WitnessFaultTests {
    /// A log at several sizes, and for each the request by which it continues the size before.
    private struct Scene {
        let folder: Folder
        let states: [TestLog]

        init() throws {
            folder = try Folder()
            var log = try TestLog("log.example/a")
            var states: [TestLog] = []
            try FileManager.default.createDirectory(
                atPath: folder.path("requests"), withIntermediateDirectories: false)
            for number in 1...4 {
                let old = log.size
                log.grow(3 * number)
                states.append(log)
                let body = Data(try log.request(from: old))
                try body.write(to: URL(fileURLWithPath: folder.path("requests/request-\(number)")))
            }
            self.states = states
            let witness = WitnessFolder(folder.path("start"))
            _ = try witness.make(name: KeyName("witness.example.org"))
            try witness.add([log.key.vkey])
        }

        var log: TestLog { states[0] }

        /// Asks a witness in a process of its own; returns how it ended and the last size that it cosigned.
        func ask(_ variables: [String: String]) async throws -> (status: Int32?, size: Int) {
            let words = ["dir=\(folder.path("try"))", "from=\(folder.path("requests"))", "count=\(states.count)"]
            let child = try Child("witness", words, environment: variables, folder: folder)
            let status = try await child.end()
            let cosigned = child.lines.filter { $0.count == 3 && $0[2] == "200" }.compactMap { Int($0[1]) }
            return (status, cosigned.last.map { Int(states[$0 - 1].size.rawValue) } ?? 0)
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: FileFaults.actions)
    func `what a struck witness has cosigned it remembers, and signs no other history`(_ action: String) async throws {
        let scene = try Scene()
        let folder = scene.folder
        let count = try await FileFaults.sweep(action, below: folder.path("try"), in: folder) { note, variables in
            try folder.copy("start", to: "try")
            let (status, size) = try await scene.ask(variables)
            let witness = try Witness(WitnessFolder(folder.path("try"))) { UInt64(time(nil)) }
            let last = witness.last(ofLogWith: scene.log.origin.hash)?.checkpoint
            let kept = Int(last?.size.rawValue ?? 0)
            #expect(kept >= size, "\(note): it cosigned \(size) and remembers \(kept)")
            if let last { #expect(scene.states.map(\.head).contains(last), "\(note)") }
            if kept > 0 {
                // The same size with another entry, and a longer tree that does not continue it.
                for (old, length) in [(kept, kept), (kept, kept + 5), (0, kept)] {
                    let fork = scene.log.forked(at: kept - 1, to: length)
                    let answer = witness.addCheckpoint(try fork.request(from: TreeSize(UInt64(old)))).answer
                    #expect([409, 422].contains(answer.status), "\(note): \(old) to \(length): \(answer.status)")
                }
            }
            var longer = scene.states[3]
            longer.grow(2)
            let next = witness.addCheckpoint(try longer.request(from: TreeSize(UInt64(kept)))).answer
            #expect(next.status == 200, "\(note): it does not go on from \(kept)")
            return status
        }
        #expect(count >= 15)
    }
}
