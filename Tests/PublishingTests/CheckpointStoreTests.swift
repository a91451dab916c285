import EventLog
import Files
import Foundation
import Ledger
import Merkle
import Publishing
import Signing
import Testing
import Transparency

@Suite struct CheckpointStoreTests {
    private let folder: TestFolder
    private let key: PrivateKey

    init() throws {
        folder = try TestFolder()
        key = try PrivateKey.generate(.ed25519)
    }

    private func sign(_ ledger: Ledger, by other: PrivateKey? = nil) async throws -> SignedCheckpoint {
        let (store, signer, origin) = (CheckpointStore(ledger: ledger.path), other ?? key, ledger.genesis.origin)
        return try await ledger.blocking { log throws(PublishingError) in
            let lock = try store.lock(for: "testing")
            let signed = try store.sign(log, by: signer, of: origin)
            withExtendedLifetime(lock) {}
            return signed
        }
    }

    private func noteKey(_ ledger: Ledger) throws -> NoteKey {
        try NoteKey(name: KeyName(ledger.genesis.origin.text), publicKey: key.publicKey)
    }

    /// What opening for appends will say of the ledger at `name`.
    private func refusal(_ name: String) async throws -> LedgerError? {
        let ledger = try await Ledger.open(at: folder.path(name))
        let origin = ledger.genesis.origin
        let error = await ledger.blocking { log -> LedgerError? in
            do throws(LedgerError) { try PublishedCheckpoint.check(log, origin: origin) } catch { return error }
            return nil
        }
        await ledger.close()
        return error
    }

    @Test func `a signed checkpoint is what the ledger has, is kept and listed, and becomes the guard`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 5)
        let store = CheckpointStore(ledger: ledger.path)
        #expect(try store.sizes() == [] && store.published() == nil)
        let first = try await sign(ledger)
        #expect(try await first.checkpoint.root == ledger.root(size: 5).root)
        #expect(first.checkpoint.size == 5 && first.extensionLines == [])
        try first.verify(log: noteKey(ledger))
        try await grow(ledger, to: 300)
        let second = try await sign(ledger)
        #expect(try store.sizes() == [5, 300])
        #expect(try store.checkpoint(5) == first && store.checkpoint(300) == second && store.checkpoint(6) == nil)
        #expect(try store.published() == second)
        #expect(try store.earliest(covering: 5) == first && store.earliest(covering: 6) == second)
        #expect(try store.earliest(covering: 301) == nil)
        #expect(try DurableFile.read(folder.path("l/published"), atMost: 4096) == second.bytes)
        #expect(try await sign(ledger) == second, "signing again changes nothing")
        #expect(folder.files(below: "l/checkpoints").count == 2)
        await ledger.close()
        #expect(try await refusal("l") == nil)
    }

    @Test func `a ledger behind what it gave out is refused and nothing is signed`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        try await ledger.backup(to: folder.path("copy"))
        try await grow(ledger, to: 20)
        let last = try await sign(ledger)
        await ledger.close()
        // Yesterday's file under today's guard.
        try Folder.make(folder.path("old"))
        try FileManager.default.moveItem(atPath: folder.path("copy/data.mdb"), toPath: folder.path("old/data.mdb"))
        try FileManager.default.copyItem(atPath: folder.path("l/published"), toPath: folder.path("old/published"))
        #expect(try await refusal("old")?.code == .behindPublished)
        let old = try await Ledger.open(at: folder.path("old"))
        let error = await #expect(throws: PublishingError.self) { try await sign(old) }
        #expect(error?.ledgerError?.code == .behindPublished)
        #expect(error?.reason.contains("has 10 entries, but a checkpoint of 20 was given out") == true)
        #expect(try CheckpointStore(ledger: old.path).published() == last)
        #expect(try CheckpointStore(ledger: old.path).sizes() == [])
        await old.close()
    }

    @Test func `a ledger with other entries than it gave out is refused, however much it has grown`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        _ = try await sign(ledger)
        await ledger.close()
        let other = try await makeLedger(at: folder.path("other"), size: 50)
        try FileManager.default.copyItem(atPath: folder.path("l/published"), toPath: folder.path("other/published"))
        let error = await #expect(throws: PublishingError.self) { try await sign(other) }
        #expect(error?.ledgerError?.code == .differsFromPublished)
        #expect(error?.reason.contains("rewritten") == true)
        await other.close()
        #expect(try await refusal("other")?.code == .differsFromPublished)
    }

    @Test func `a guard of another ledger or without a checkpoint is refused, not passed over`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        let other = try await makeLedger(at: folder.path("o"), size: 5, origin: "records.example.gov/other")
        _ = try await sign(other)
        try FileManager.default.copyItem(atPath: folder.path("o/published"), toPath: folder.path("l/published"))
        let mixed = await #expect(throws: PublishingError.self) { try await sign(ledger) }
        #expect(mixed?.reason.contains("mixed up") == true)
        for damage in ["", "records.example.gov/tests\n10\n", "\u{0}"] {
            try Data(damage.utf8).write(to: URL(fileURLWithPath: folder.path("l/published")))
            let error = await #expect(throws: PublishingError.self) { try await sign(ledger) }
            #expect(error?.ledgerError?.code == .differsFromPublished)
        }
        await ledger.close()
        await other.close()
        #expect(try await refusal("l")?.code == .differsFromPublished)
    }

    @Test func `a checkpoint that a crash kept out of the list is put in by the next signing`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        let first = try await sign(ledger)
        let store = CheckpointStore(ledger: ledger.path)
        try DurableFile.remove(folder.path("l/checkpoints/00000000000000000010.checkpoint"))
        try await grow(ledger, to: 12)
        _ = try await sign(ledger)
        #expect(try store.sizes() == [10, 12] && store.checkpoint(10) == first)
        await ledger.close()
    }

    @Test func `cosignatures that were gathered stay when the same size is signed or kept again`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        let signed = try await sign(ledger)
        let store = CheckpointStore(ledger: ledger.path)
        let witness = try Cosigner(name: KeyName("witness.example.org"), signer: PrivateKey.generate(.ed25519))
        let line = try witness.cosign(signed, at: 1_700_000_000)
        let cosigned = try SignedCheckpoint(signed.note.adding([line]))
        #expect(try store.keep(cosigned) == cosigned)
        #expect(try store.keep(signed) == cosigned)
        #expect(try await sign(ledger) == cosigned)
        #expect(try store.published() == signed, "the guard has the log's line only")
        await ledger.close()
    }

    @Test func `a damaged file of the list is named, and files of other names are passed over`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        _ = try await sign(ledger)
        let store = CheckpointStore(ledger: ledger.path)
        for name in ["00000000000000000010.tsr", "x.checkpoint", "+0000000000000000011.checkpoint"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path("l/checkpoints/\(name)")))
        }
        #expect(try store.sizes() == [10])
        let path = folder.path("l/checkpoints/00000000000000000010.checkpoint")
        try FileManager.default.copyItem(
            atPath: path, toPath: folder.path("l/checkpoints/00000000000000000009.checkpoint"))
        #expect(throws: PublishingError(.unreadableCheckpoint, "")) { try store.checkpoint(9) }
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: PublishingError.self) { try store.checkpoint(10) }
        #expect(error?.reason.contains("00000000000000000010.checkpoint is not a checkpoint") == true)
        await ledger.close()
    }

    @Test func `only an Ed25519 key signs, and only one process at a time`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 3)
        let other = try PrivateKey.generate(.ecdsaP256)
        await #expect(throws: PublishingError(.unsuitableKey, "")) { try await sign(ledger, by: other) }
        #expect(try CheckpointStore(ledger: ledger.path).published() == nil)
        let lock = try CheckpointStore(ledger: ledger.path).lock(for: "publishing")
        let error = await #expect(throws: PublishingError.self) { try await sign(ledger) }
        #expect(error?.fileError?.code == .locked)
        withExtendedLifetime(lock) {}
        await ledger.close()
    }
}

/// Promise 11, where appends meet it.
@Suite struct PublishedGuardTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func refusal(_ ledger: Ledger) async -> [LedgerError.Code?] {
        let event = StreamEvent(Event(type: "note.made", source: "urn:t"), to: "note-1")
        var codes: [LedgerError.Code?] = []
        for attempt in 0..<3 {
            do throws(LedgerError) {
                switch attempt {
                case 0: try await ledger.append([event.event], to: event.stream)
                case 1: try await ledger.append([event])
                default: _ = try await ledger.submit([event]).value
                }
                codes.append(nil)
            } catch {
                codes.append(error.code)
            }
        }
        return codes
    }

    @Test func `a ledger behind or beside what it gave out opens, is read, and takes nothing`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        try await ledger.backup(to: folder.path("old"))
        try await grow(ledger, to: 20)
        let (store, key, origin) = (
            CheckpointStore(ledger: ledger.path), try PrivateKey.generate(), ledger.genesis.origin
        )
        _ = try await ledger.blocking { log throws(PublishingError) in try store.sign(log, by: key, of: origin) }
        #expect(await refusal(ledger) == [nil, nil, nil])
        await ledger.close()
        let again = try await Ledger.open(at: folder.path("l"))
        #expect(await refusal(again) == [nil, nil, nil])
        await again.close()
        let fork = try await Ledger.open(at: folder.path("old"))
        try await grow(fork, to: 30)
        try await fork.backup(to: folder.path("fork"))
        await fork.close()
        for (name, code) in [("old", LedgerError.Code.differsFromPublished), ("fork", .differsFromPublished)] {
            try FileManager.default.copyItem(
                atPath: folder.path("l/published"), toPath: folder.path("\(name)/published"))
            let opened = try await Ledger.open(at: folder.path(name))
            #expect(await refusal(opened) == [code, code, code])
            #expect(try await opened.size() == 30)
            #expect(try await opened.event(at: 9).index == 9)
            await opened.close()
        }
        let small = try await makeLedger(at: folder.path("small"), size: 5)
        await small.close()
        try FileManager.default.copyItem(atPath: folder.path("l/published"), toPath: folder.path("small/published"))
        let opened = try await Ledger.open(at: folder.path("small"))
        #expect(await refusal(opened) == [.behindPublished, .behindPublished, .behindPublished])
        #expect(try await opened.size() == 5)
        await opened.close()
    }

    @Test func `where the ledger's events name log keys, only one in force signs`() async throws {
        let (authority, log, next) = (
            try PrivateKey.generate(), try PrivateKey.generate(), try PrivateKey.generate()
        )
        let ledger = try await Ledger.create(
            at: folder.path("l"), origin: Origin("records.example.gov/tests"), authorities: [authority.publicKey])
        let (store, origin) = (CheckpointStore(ledger: ledger.path), ledger.genesis.origin)
        func sign(_ key: PrivateKey) async throws -> String? {
            do throws(PublishingError) {
                _ = try await ledger.blocking { log throws(PublishingError) in try store.sign(log, by: key, of: origin)
                }
                return nil
            } catch {
                #expect(error.code == .unsuitableKey)
                return error.reason
            }
        }
        #expect(try await sign(log) == nil, "no log key is introduced: any signs")
        #expect(try await sign(authority)?.contains("is an authority key") == true)
        try await ledger.record(.keyIntroduced(log.publicKey, role: .log), signedBy: authority)
        #expect(try await sign(log) == nil)
        #expect(try await sign(next)?.contains("not one that the ledger's events have introduced") == true)
        try await ledger.record(.keyRotated(old: log.publicKey.id, new: next.publicKey), signedBy: authority)
        #expect(try await sign(next) == nil)
        let refusal = try await sign(log)
        #expect(refusal?.contains("no more in force") == true && refusal?.contains("(\(next.publicKey.id))") == true)
        await ledger.close()
    }
}
