internal import Digests

extension Entry {
    /// Decodes strictly (F1–F6). O(size). Throws ``FormatError`` with the offset of the first byte that breaks a rule.
    public init(decoding bytes: Span<UInt8>) throws(FormatError) {
        try self.init(EntryLayout(bytes), in: bytes)
    }

    /// The entry that `layout` found in `bytes`.
    public init(_ layout: EntryLayout, in bytes: Span<UInt8>) {
        var commitment: PayloadCommitment?
        if let payload = layout.payload, let digest = layout.payloadDigest(in: bytes) {
            commitment = PayloadCommitment(
                form: payload.form, digest: digest, size: payload.size,
                mediaType: layout.text(payload.mediaType, in: bytes))
        }
        var signature: AppendSignature?
        if let append = layout.append {
            signature = AppendSignature(
                count: append.count,
                keyID: Array(collecting: bytes.extracting(append.keyID.start..<append.keyID.end)),
                signature: Array(collecting: bytes.extracting(append.signature.start..<append.signature.end)))
        }
        var schema: String?
        if let range = layout.schema { schema = layout.text(range, in: bytes) }
        self.init(
            index: layout.index, previous: layout.previous(in: bytes), recorded: layout.recorded,
            stream: StreamName(unchecked: layout.text(layout.stream, in: bytes)), revision: layout.revision,
            streamPrevious: layout.streamPrevious(in: bytes), id: layout.id(in: bytes),
            type: layout.text(layout.type, in: bytes), source: layout.text(layout.source, in: bytes),
            occurred: layout.occurred, payload: commitment, schema: schema,
            correlation: layout.correlation(in: bytes), causation: layout.causation(in: bytes), append: signature)
    }
}
