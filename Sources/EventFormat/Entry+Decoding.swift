internal import Digests

extension Entry {
    /// Decodes strictly (F1–F6). O(size). Throws ``FormatError`` with the offset of the first byte that breaks a rule.
    public init(decoding bytes: Span<UInt8>) throws(FormatError) {
        try self.init(EntryLayout(bytes), in: bytes)
    }

    /// The entry that `layout` found in `bytes`.
    public init(_ layout: EntryLayout, in bytes: Span<UInt8>) {
        self.init(layout, in: bytes) { layout.text($0, in: bytes) }
    }

    /// The entry that `layout` found in `bytes`, with texts that `texts` knows where it does.
    public init(_ layout: EntryLayout, in bytes: Span<UInt8>, _ texts: inout TextCache) {
        self.init(layout, in: bytes) { texts.text(bytes.extracting($0.start..<$0.end)) }
    }

    @inline(__always)
    private init(_ layout: EntryLayout, in bytes: Span<UInt8>, _ text: (ByteRange) -> String) {
        var commitment: PayloadCommitment?
        if let payload = layout.payload, let digest = layout.payloadDigest(in: bytes) {
            commitment = PayloadCommitment(
                form: payload.form, digest: digest, size: payload.size, mediaType: text(payload.mediaType))
        }
        self.init(
            index: layout.index, previous: layout.previous(in: bytes), recorded: layout.recorded,
            stream: StreamName(unchecked: text(layout.stream)), revision: layout.revision,
            streamPrevious: layout.streamPrevious(in: bytes), id: layout.id(in: bytes), type: text(layout.type),
            source: text(layout.source), occurred: layout.occurred, payload: commitment,
            schema: layout.schema.map(text), correlation: layout.correlation(in: bytes),
            causation: layout.causation(in: bytes), append: layout.append.map { AppendSignature($0, in: bytes) })
    }
}

extension EntryLayout {
    /// The entry's stream; a name that `texts` knows is not copied.
    public func streamName(in bytes: Span<UInt8>, _ texts: inout TextCache) -> StreamName {
        StreamName(unchecked: texts.text(bytes.extracting(stream.start..<stream.end)))
    }
}

extension AppendSignature {
    /// The signature that `layout` found in `bytes`.
    public init(_ layout: EntryLayout.AppendLayout, in bytes: Span<UInt8>) {
        self.init(
            count: layout.count, keyID: Array(collecting: bytes.extracting(layout.keyID.start..<layout.keyID.end)),
            signature: Array(collecting: bytes.extracting(layout.signature.start..<layout.signature.end)))
    }
}
