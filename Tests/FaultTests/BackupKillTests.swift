import Foundation
import Ledger
import Testing

@Suite(.serialized, .enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct BackupKillTests {
    /// Forty events of 1 MiB: more than two commits of a copy.
    private func grow(_ ledger: Ledger) async throws {
        let bytes = [UInt8](repeating: 5, count: 1 << 20)
        let payload = Payload(bytes: bytes, mediaType: "application/octet-stream")
        for _ in 0..<4 {
            try await ledger.append((0..<10).map { _ in Event(type: "t", source: "s", payload: payload) }, to: "a-1")
        }
    }

    /// Runs a backup that is killed at its commit number `commit`.
    private func backupKilled(at commit: Int, _ path: String, _ folder: Folder) async throws {
        let faults = [
            "FAULT_KIND": "meta", "FAULT_AT": "\(commit)", "FAULT_ACTION": "kill", "LD_PRELOAD": Child.injection,
        ]
        let words = ["dir=\(path)", "to=\(folder.path("copy"))"]
        let child = try Child("backup", words, environment: faults, folder: folder)
        #expect(try await child.end() == SIGKILL)
        #expect(child.lines.isEmpty)
    }

    @Test(.timeLimit(.minutes(15)))
    func `a new backup that is killed leaves nothing at its path and can be made again`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let ledger = try await Ledger.open(at: path)
        try await grow(ledger)
        try await backupKilled(at: 3, path, folder)
        #expect(!FileManager.default.fileExists(atPath: folder.path("copy")))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left.filter { $0.hasPrefix("copy.creating-") }.count == 1)
        #expect(try await ledger.backup(to: folder.path("copy")) == 41)
        try await verify(folder.path("copy"))
        await ledger.close()
    }

    @Test(.timeLimit(.minutes(15)))
    func `a backup that is killed while it adds to a copy leaves a prefix and is continued`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let ledger = try await Ledger.open(at: path)
        try await ledger.backup(to: folder.path("copy"))
        try await grow(ledger)
        try await backupKilled(at: 2, path, folder)
        let copy = try await Ledger.open(at: folder.path("copy"))
        let (size, root) = try await copy.root()
        #expect(size > 1 && size < 41)
        #expect(try await ledger.root(size: size).root == root)
        await copy.close()
        #expect(try await ledger.backup(to: folder.path("copy")) == 41 - size.rawValue)
        try await verify(folder.path("copy"))
        await ledger.close()
    }
}
