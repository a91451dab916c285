import EventFormat
import Ledger
import Merkle
import Publishing
import Signing
import Testing
import Transparency

@Suite struct ReceiptTests {
    private let folder: TestFolder
    private let key: PrivateKey
    private let witnesses: FakeWitnesses

    init() throws {
        folder = try TestFolder()
        key = try PrivateKey.generate(.ed25519)
        witnesses = try FakeWitnesses(["anna"])
    }

    /// Signs the ledger as it is, cosigned when `needing` is not nil.
    @discardableResult
    private func publish(_ ledger: Ledger, cosigned: Bool = false) async throws -> SignedCheckpoint {
        var publisher = Publisher(ledger, into: folder.path("tiles"), client: witnesses)
        if cosigned { publisher.policy = try witnesses.policy(needing: 1) }
        return try await publisher.publish(signedBy: key).checkpoint
    }

    /// What a citizen has: the log's key, and perhaps the witnesses'.
    private func policy(cosigned: Bool = false) throws -> TrustPolicy {
        let vkey = try NoteKey(name: KeyName("records.example.gov/tests"), publicKey: key.publicKey).vkey
        let more = cosigned ? String(decoding: try witnesses.policy(needing: 1).bytes, as: UTF8.self) : "quorum none\n"
        return try TrustPolicy("log \(vkey)\n\(more)")
    }

    @Test func `a receipt of any entry holds by itself and for that entry only`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 300)
        try await publish(ledger, cosigned: true)
        for index in [UInt64(0), 1, 255, 256, 299] {
            let receipt = try await Receipts(of: ledger).proof(of: EntryIndex(index))
            let read = try TlogProof(receipt.bytes)
            let entry = try await ledger.event(at: EntryIndex(index))
            let bytes = try #require(read.extra)
            let leaf = MerkleHash.leaf(bytes.span)
            #expect(read == receipt && leaf == entry.leaf)
            let result = try read.verify(leaf: leaf, policy: policy(cosigned: true))
            #expect(result.checkpoint.size == 300 && result.cosignatures.map(\.time) == [1_700_000_000])
            let other = try await ledger.event(at: EntryIndex((index + 1) % 300)).leaf
            let wrong = try policy()
            #expect(throws: TransparencyError.self) { try read.verify(leaf: other, policy: wrong) }
        }
        await ledger.close()
    }

    @Test func `a receipt is of the newest cosigned checkpoint that has the entry, or of the one asked for`()
        async throws
    {
        let ledger = try await makeLedger(at: folder.path("l"), size: 100)
        let receipts = Receipts(of: ledger)
        func size(_ index: EntryIndex, _ size: TreeSize? = nil) throws -> TreeSize {
            try receipts.checkpoint(size, covering: index).checkpoint.size
        }
        #expect(throws: PublishingError(.noCheckpoint, "")) { try size(5) }
        try await publish(ledger)
        try await grow(ledger, to: 200)
        try await publish(ledger, cosigned: true)
        try await grow(ledger, to: 300)
        try await publish(ledger)
        #expect(try size(5) == 200 && size(199) == 200 && size(200) == 300 && size(5, 100) == 100)
        #expect(throws: PublishingError(.noCheckpoint, "")) { try size(300) }
        #expect(throws: PublishingError(.noCheckpoint, "")) { try size(5, 150) }
        #expect(throws: PublishingError(.noCheckpoint, "")) { try size(100, 100) }
        await ledger.close()
    }

    @Test func `a stream's history holds by itself, and says what is newer than its checkpoint`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 500)
        try await publish(ledger)
        try await grow(ledger, to: 700)
        let (history, newer) = try await Receipts(of: ledger).history(of: "note-7")
        let read = try RecordHistory(history.bytes)
        let result = try read.verify(policy: policy())
        let expected = try #require(try await ledger.head(of: "note-7", below: 500))
        #expect(read == history && read.items.count == Int(expected.rawValue) + 1)
        #expect(result.withoutPayload == [] && newer == 4)
        #expect(read.items.contains { $0.envelope != nil } && read.items.contains { $0.envelope == nil })
        await #expect(throws: PublishingError(.notRecorded, "")) {
            _ = try await Receipts(of: ledger).history(of: "nothing-1")
        }
        try await ledger.append([Event(type: "note.made", source: "urn:t")], to: "new-1")
        await #expect(throws: PublishingError(.noCheckpoint, "")) {
            _ = try await Receipts(of: ledger).history(of: "new-1")
        }
        await ledger.close()
    }

    @Test func `a later checkpoint is shown to continue an earlier one`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 100)
        try await publish(ledger)
        try await grow(ledger, to: 257)
        try await publish(ledger)
        try await grow(ledger, to: 300)
        let last = try await publish(ledger, cosigned: true)
        for (old, new) in [(TreeSize(100), TreeSize?.none), (100, 257), (257, 300), (300, 300)] {
            let receipt = try await Receipts(of: ledger).consistency(from: old, to: new)
            let read = try ConsistencyReceipt(receipt.bytes)
            let result = try read.verify(policy: policy())
            #expect(read == receipt && result.old.checkpoint.size == old)
            #expect(result.new.checkpoint.size == new ?? last.checkpoint.size)
        }
        let receipt = try await Receipts(of: ledger).consistency(from: 100)
        #expect(try receipt.verify(policy: policy(cosigned: true)).new.isQuorumMet)
        let uncosigned = try await Receipts(of: ledger).consistency(from: 100, to: 257)
        let strict = try policy(cosigned: true)
        #expect(throws: TransparencyError.self) { try uncosigned.verify(policy: strict) }
        await #expect(throws: PublishingError(.noCheckpoint, "")) {
            _ = try await Receipts(of: ledger).consistency(from: 101)
        }
        await ledger.close()
    }

    @Test func `an altered receipt of consistency does not hold`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 100)
        let first = try await publish(ledger)
        try await grow(ledger, to: 300)
        let second = try await publish(ledger)
        let receipt = try await Receipts(of: ledger).consistency(from: 100)
        let policy = try policy()
        let bytes = receipt.bytes
        var refused = 0
        for place in bytes.indices {
            var altered = bytes
            altered[place] ^= 1
            do {
                _ = try ConsistencyReceipt(altered).verify(policy: policy)
                Issue.record("byte \(place) may be altered")
            } catch { refused += 1 }
        }
        #expect(refused == bytes.count)
        for count in [0, 1, bytes.count / 2, bytes.count - 1] {
            #expect(throws: TransparencyError.self) {
                try ConsistencyReceipt(Array(bytes.prefix(count))).verify(policy: policy)
            }
        }
        let hashes = receipt.hashes
        #expect(throws: TransparencyError.self) { try ConsistencyReceipt(old: second, new: first, hashes: hashes) }
        #expect(throws: TransparencyError.self) { try ConsistencyReceipt(old: first, new: second, hashes: []) }
        await ledger.close()
    }

    @Test func `nothing is handed out under a checkpoint that the ledger contradicts`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 100)
        let other = try await makeLedger(at: folder.path("o"), size: 100)
        let foreign = try await Publisher(other, into: folder.path("t"), client: witnesses).publish(signedBy: key)
        try CheckpointStore(ledger: ledger.path).keep(foreign.checkpoint)
        await #expect(throws: PublishingError(.damaged, "")) { _ = try await Receipts(of: ledger).proof(of: 5) }
        await #expect(throws: PublishingError(.damaged, "")) {
            _ = try await Receipts(of: ledger).history(of: "note-1")
        }
        await ledger.close()
        await other.close()
    }
}
