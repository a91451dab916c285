import Digests
import Foundation
import Ledger
import Testing
import Transparency

/// Promise 11: a ledger that is not the one it last published can be read and not added to.
@Suite struct PublishedGuardTests {
    /// Puts a checkpoint into the ledger's directory as the one that was last published, or beside that as one that
    /// is kept.
    private func publish(
        _ path: String, origin: String = "records.example.gov/tests", _ size: UInt64, _ root: Digest,
        kept: Bool = false
    ) throws {
        let name: Origin = try Origin(origin)
        let checkpoint = Checkpoint(origin: name, size: TreeSize(size), root: root)
        let bytes = try checkpoint.signed(by: try PrivateKey.generate()).bytes
        let file = kept ? PublishedCheckpoint.file(of: TreeSize(size), ledger: path) : "\(path)/published"
        if kept {
            try FileManager.default.createDirectory(
                atPath: "\(path)/checkpoints", withIntermediateDirectories: true)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    private func check(
        _ store: Store, _ code: LedgerError.Code?, _ words: [String], _ prepare: (String, Ledger) async throws -> Void
    ) async throws {
        let folder = try Folder()
        let path = folder.path("a")
        let made = try await store.create(path, LogOptions())
        try await made.append((0..<9).map { note("\($0)") }, to: "a-1")
        try await prepare(path, made)
        await made.close()
        let ledger = try await store.open(path, LogOptions())
        let single = await refusal { try await ledger.append([note()], to: "a-1") }
        let submitted = await refusal { try await ledger.submit([StreamEvent(note(), to: "a-1")]).value }
        for error in [single, submitted] {
            #expect(error?.code == code, "\(error?.reason ?? "")")
            for word in words { #expect(error?.reason.contains(word) ?? false, "\(error?.reason ?? "")") }
        }
        #expect(try await ledger.events().collected().count == (code == nil ? 12 : 10))
        await ledger.close()
    }

    @Test(arguments: Store.all, [1, 7, 10] as [UInt64])
    func `a ledger that has what it published goes on`(_ store: Store, _ size: UInt64) async throws {
        try await check(store, nil, []) { path, ledger in
            try publish(path, size, try await ledger.root(size: TreeSize(size)).root)
        }
    }

    @Test(arguments: Store.all)
    func `an older copy takes nothing and says what to do`(_ store: Store) async throws {
        try await check(store, .behindPublished, ["nothing was recorded", "10 entries", "of 11", "Restore"]) {
            path, ledger in
            try publish(path, 11, try await ledger.root().root)
        }
    }

    @Test(arguments: Store.all)
    func `a ledger with other entries takes nothing and says what to do`(_ store: Store) async throws {
        try await check(store, .differsFromPublished, ["nothing was recorded", "first 7 entries", "restore"]) {
            path, ledger in
            try publish(path, 7, try await ledger.root(size: 8).root)
        }
    }

    @Test(arguments: Store.all, [true, false])
    func `the newest kept checkpoint guards when the last one is gone, or was put back to an older one`(
        _ store: Store, _ isGone: Bool
    ) async throws {
        func keep(_ path: String, _ size: UInt64, _ root: Digest, _ ledger: Ledger) async throws {
            if !isGone { try publish(path, 4, try await ledger.root(size: 4).root) }
            try publish(path, 3, try await ledger.root(size: 3).root, kept: true)
            try publish(path, size, root, kept: true)
        }
        try await check(store, nil, []) { path, ledger in
            try await keep(path, 9, try await ledger.root(size: 9).root, ledger)
        }
        try await check(store, .behindPublished, ["nothing was recorded", "of 11", "checkpoints/000"]) { path, ledger in
            try await keep(path, 11, try await ledger.root().root, ledger)
        }
        try await check(store, .differsFromPublished, ["nothing was recorded", "first 7 entries"]) { path, ledger in
            try await keep(path, 7, try await ledger.root(size: 8).root, ledger)
        }
        try await check(store, .differsFromPublished, ["not a checkpoint", "put back"]) { path, ledger in
            try await keep(path, 9, try await ledger.root(size: 9).root, ledger)
            let file = PublishedCheckpoint.file(of: 9, ledger: path)
            try Data("hello\n".utf8).write(to: URL(fileURLWithPath: file))
        }
        try await check(store, .differsFromPublished, ["is a checkpoint of 3 entries", "put back"]) { path, ledger in
            try await keep(path, 9, try await ledger.root(size: 9).root, ledger)
            let other = try Data(
                contentsOf: URL(fileURLWithPath: PublishedCheckpoint.file(of: 3, ledger: path)))
            try other.write(to: URL(fileURLWithPath: PublishedCheckpoint.file(of: 50, ledger: path)))
        }
        try await check(store, .differsFromPublished, ["checkpoints is no folder", "put it back"]) { path, _ in
            if isGone {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(path)/checkpoints", withDestinationPath: "\(path)/nowhere")
            } else {
                try Data().write(to: URL(fileURLWithPath: "\(path)/checkpoints"))
            }
        }
    }

    @Test(arguments: Store.all)
    func `a checkpoint of another ledger or of none stops appends`(_ store: Store) async throws {
        try await check(store, .differsFromPublished, ["records.example.gov/other"]) { path, ledger in
            try publish(path, origin: "records.example.gov/other", 7, try await ledger.root(size: 7).root)
        }
        try await check(store, .differsFromPublished, ["not a checkpoint", "put back"]) { path, _ in
            try Data("hello\n".utf8).write(to: URL(fileURLWithPath: "\(path)/published"))
        }
    }
}
