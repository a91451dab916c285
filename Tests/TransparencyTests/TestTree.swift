import Digests
import EventFormat
import Merkle
import Transparency

/// A log "alice" (key 1) of the given entries, as its own tree.
struct TestTree {
    let entries: [[UInt8]]
    private let tree: MemoryTree

    init(entries: [[UInt8]]) {
        self.entries = entries
        tree = MemoryTree(leaves: entries.map { MerkleHash.leaf($0.span) })
    }

    /// `count` entries, no two alike.
    init(_ count: Int) {
        self.init(entries: (0..<count).map { "entry \($0)".bytes })
    }

    func leaf(_ index: Int) -> Digest {
        let entry = entries[index]
        return MerkleHash.leaf(entry.span)
    }

    func checkpoint(cosignedBy witnesses: [Cosigner] = [], at time: UInt64 = 1_700_000_000) throws -> SignedCheckpoint {
        let checkpoint = try Checkpoint(
            origin: LogOrigin("alice"), size: TreeSize(UInt64(entries.count)), root: tree.root
        ).signed(by: TestKeys.signer(1))
        guard !witnesses.isEmpty else { return checkpoint }
        return try SignedCheckpoint(checkpoint.note.adding(witnesses.map { try $0.cosign(checkpoint, at: time) }))
    }

    func proof(
        _ index: Int, extra: [UInt8]? = nil, cosignedBy witnesses: [Cosigner] = []
    ) throws -> TlogProof {
        let path = try tree.inclusionProof(
            index: LeafIndex(UInt64(index)), size: TreeSize(UInt64(entries.count)))
        return try TlogProof(
            index: path.index, hashes: path.hashes, extra: extra, checkpoint: checkpoint(cosignedBy: witnesses))
    }

    func consistency(from old: UInt64) throws -> [Digest] {
        try tree.consistencyProof(from: TreeSize(old), to: TreeSize(UInt64(entries.count))).hashes
    }

    /// The policy that trusts alice and asks for the one witness w (key 2).
    static func policy(quorum: String = "w") throws -> TrustPolicy {
        let witness = try TestKeys.witness("w.example", 2).key.vkey
        return try TrustPolicy("log \(TestKeys.log("alice", 1).vkey)\nwitness w \(witness)\nquorum \(quorum)\n")
    }
}

/// The entries of a stream, with others between them, and their envelopes.
struct TestStream {
    private(set) var items: [RecordHistory.Item] = []
    private(set) var entries: [[UInt8]] = []
    let name: StreamName

    /// `count` entries, every third without a payload.
    init(_ count: Int, of name: StreamName = "application-1") throws {
        self.name = name
        var (previous, streamPrevious): (Digest, Digest?) = (.zero, nil)
        for number in 0..<2 * count {
            let isOurs = number % 2 == 1
            let envelope = number % 3 == 0 ? nil : [UInt8](repeating: UInt8(number), count: 20)
            let commitment = envelope.map { envelope in
                PayloadCommitment(
                    form: .clear, digest: Envelope.digest(envelope.span), size: UInt64(envelope.count),
                    mediaType: "application/json")
            }
            let id = [UInt8](repeating: UInt8(number), count: 16)
            let entry = Entry(
                index: EntryIndex(UInt64(number)), previous: previous, recorded: .epoch,
                stream: isOurs ? name : "other-1", revision: Revision(UInt64(number / 2)),
                streamPrevious: isOurs ? streamPrevious : number == 0 ? nil : .zero,
                id: EventID(bytes: id) ?? EventID(), type: "application.received", source: "https://a.example",
                occurred: .epoch, payload: commitment)
            let bytes = try entry.encoded()
            entries.append(bytes)
            previous = MerkleHash.leaf(bytes.span)
            guard isOurs else { continue }
            streamPrevious = previous
            items.append(try .init(bytes: bytes, envelope: envelope))
        }
    }

    func history(cosignedBy witnesses: [Cosigner] = []) throws -> RecordHistory {
        let proof = try TestTree(entries: entries).proof(entries.count - 1, cosignedBy: witnesses)
        return try RecordHistory(stream: name, items: items, proof: proof)
    }
}
