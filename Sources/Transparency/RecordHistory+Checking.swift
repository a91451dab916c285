internal import Digests
public import EventFormat
internal import Merkle

extension RecordHistory {
    /// What a history that was checked shows.
    public struct Result: Hashable, Sendable {
        /// What the policy says of the checkpoint that the newest entry is under.
        public let policy: PolicyResult

        /// The revisions whose entries commit to a payload that is not in the file: what they held is not shown.
        public let withoutPayload: [Revision]
    }

    /// Checks the chain from revision 0, every payload that is there, the newest entry's receipt and the policy with
    /// its quorum.
    ///
    /// One hash an entry and one a payload. `alsoTrusting` are log keys that are known from elsewhere. Throws
    /// `brokenRecord`, `payloadMismatch`, and what ``TlogProof/verify(leaf:policy:alsoTrusting:)`` throws.
    public func verify(
        policy: TrustPolicy, alsoTrusting others: [NoteKey] = []
    ) throws(TransparencyError) -> Result {
        let (leaf, withoutPayload) = try checkChain()
        let result = try proof.verify(leaf: leaf, policy: policy, alsoTrusting: others)
        return Result(policy: result, withoutPayload: withoutPayload)
    }

    /// The leaf hash of the newest entry, once the entries are the chain of the stream and end in the receipt's.
    func checkChain() throws(TransparencyError) -> (newest: Digest, withoutPayload: [Revision]) {
        var previous: (leaf: Digest, index: EntryIndex)?
        var withoutPayload: [Revision] = []
        for (number, item) in items.enumerated() {
            let entry = item.entry
            guard entry.stream == stream else {
                throw TransparencyError(
                    .brokenRecord,
                    "entry \(entry.index) is of the stream \(quoted(Array(entry.stream.text.utf8))), not of "
                        + quoted(Array(stream.text.utf8)))
            }
            guard entry.revision.rawValue == UInt64(number) else {
                throw TransparencyError(
                    .brokenRecord,
                    "revision \(entry.revision) stands in the place of revision \(number): entries are missing, "
                        + "doubled or in another order")
            }
            guard entry.streamPrevious == previous?.leaf else {
                throw TransparencyError(
                    .brokenRecord, "revision \(number) continues another entry than the one before it in the file")
            }
            guard previous.map({ $0.index < entry.index }) ?? true else {
                throw TransparencyError(.brokenRecord, "revision \(number) has a lower index than the one before it")
            }
            if try !RecordHistory.checkPayload(item) { withoutPayload.append(entry.revision) }
            previous = (MerkleHash.leaf(item.bytes.span), entry.index)
        }
        guard let newest = previous else { throw TransparencyError(.brokenRecord, "the history has no entries") }
        guard newest.index.rawValue == proof.index.rawValue else {
            throw TransparencyError(
                .brokenRecord,
                "the receipt is of entry \(proof.index), but the newest of the history is \(newest.index)")
        }
        return (newest.leaf, withoutPayload)
    }

    /// False when the entry commits to a payload that is not there.
    private static func checkPayload(_ item: Item) throws(TransparencyError) -> Bool {
        guard let envelope = item.envelope else { return item.entry.payload == nil }
        guard let commitment = item.entry.payload else {
            throw TransparencyError(
                .payloadMismatch, "entry \(item.entry.index) has no payload, but the file gives it one")
        }
        guard commitment.size == UInt64(envelope.count), commitment.digest == Envelope.digest(envelope.span) else {
            throw TransparencyError(
                .payloadMismatch, "the payload of entry \(item.entry.index) is not the one that the entry commits to")
        }
        return true
    }
}
