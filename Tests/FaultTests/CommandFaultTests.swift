import Foundation
import Signing
import Testing

/// Strikes every call on a file of commands that make a few files: keys, receipts, a witness.
@Suite(.enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct CommandFaultTests {
    private func run(
        _ words: [String], in folder: Folder, _ variables: [String: String] = [:]
    ) async throws -> (status: Int32?, text: String) {
        let child = try Child([Child.mohur] + words, environment: variables, folder: folder)
        return (try await child.end(), child.text)
    }

    /// How a failed run ended: an exit code and a sentence, when it was not killed.
    private func checkEnd(_ note: String, _ action: String, _ run: (status: Int32?, text: String)) {
        guard action != "kill", run.status != 0 else { return }
        #expect(run.status.map { $0 >> 8 } == 2 && run.text.contains("mohur: "), "\(note): \(run)")
    }

    @Test(.timeLimit(.minutes(10)), arguments: FileFaults.actions)
    func `a key whose making is struck at any call is not there, or whole and for its owner alone`(
        _ action: String
    ) async throws {
        let folder = try Folder()
        let path = folder.path("try/key")
        let count = try await FileFaults.sweep(action, below: folder.path("try"), in: folder) { note, variables in
            try folder.remove("try")
            try FileManager.default.createDirectory(atPath: folder.path("try"), withIntermediateDirectories: false)
            let made = try await run(["key", "make", path], in: folder, variables)
            checkEnd(note, action, made)
            let (isThere, hasPublic) = (folder.exists("try/key"), folder.exists("try/key.pub"))
            if made.status == 0 || hasPublic { #expect(isThere && hasPublic, "\(note)") }
            if ["EIO", "ENOSPC"].contains(action) { #expect(isThere == hasPublic, "\(note): half of a pair is left") }
            guard isThere else {
                let again = try await run(["key", "make", path], in: folder)
                #expect(again.status == 0, "\(note): \(again.text)")
                return made.status
            }
            // Also throws when others may read it.
            let key = try PrivateKey(file: path)
            let shown = try await run(["key", "show", path], in: folder)
            #expect(shown.text.contains(key.publicKey.id.hex), "\(note)")
            if hasPublic { #expect(try PublicKey(file: "\(path).pub") == key.publicKey, "\(note)") }
            return made.status
        }
        #expect(count >= 8)
    }

    @Test(.timeLimit(.minutes(10)), arguments: FileFaults.actions)
    func `a receipt that is written is whole or not there, and an older one stays until then`(
        _ action: String
    ) async throws {
        let scene = try await ArchiveScene(.nothing)
        let folder = scene.folder
        func prove(_ index: Int, to name: String, _ variables: [String: String] = [:]) async throws
            -> (status: Int32?, text: String)
        {
            let words = ["prove", folder.path("ledger"), "--event", "\(index)", "-o", folder.path(name)]
            return try await run(words, in: folder, variables)
        }
        #expect(try await prove(5, to: "receipt-5").status == 0)
        #expect(try await prove(7, to: "receipt-7").status == 0)
        let files = try ["receipt-5", "receipt-7"].map { try Data(contentsOf: URL(fileURLWithPath: folder.path($0))) }
        let count = try await FileFaults.sweep(action, below: folder.path("try"), in: folder) { note, variables in
            try folder.remove("try")
            try FileManager.default.createDirectory(atPath: folder.path("try"), withIntermediateDirectories: false)
            try folder.copy("receipt-5", to: "try/receipt")
            let proved = try await prove(7, to: "try/receipt", variables)
            checkEnd(note, action, proved)
            let found = try Data(contentsOf: URL(fileURLWithPath: folder.path("try/receipt")))
            #expect(proved.status == 0 ? found == files[1] : files.contains(found), "\(note)")
            return proved.status
        }
        #expect(count >= 4)
    }

    @Test(.timeLimit(.minutes(10)), arguments: FileFaults.actions)
    func `a witness whose making is struck at any call can be made again`(_ action: String) async throws {
        let folder = try Folder()
        let path = folder.path("try")
        let count = try await FileFaults.sweep(action, below: path, in: folder) { note, variables in
            try folder.remove("try")
            let words = ["witness", "init", path, "--name", "witness.example.org"]
            let made = try await run(words, in: folder, variables)
            checkEnd(note, action, made)
            if made.status != 0 {
                let again = try await run(words, in: folder)
                let isThere = again.text.contains("already")
                #expect(again.status == 0 || isThere, "\(note): \(again.text)")
            }
            let shown = try await run(["witness", "status", path], in: folder)
            #expect(shown.status == 0, "\(note): \(shown.text)")
            _ = try PrivateKey(file: "\(path)/witness.key")
            return made.status
        }
        #expect(count >= 10)
    }
}
