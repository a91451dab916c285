public import Digests

/// An event as recorded: its position, its links and its digests. The public, hashed bytes: the Merkle leaf.
///
/// The bytes are one deterministic CBOR map (docs/format.md). Invariants, which the encoder keeps and the decoder
/// checks:
///
/// - **F1** An entry is at most 65,535 bytes, and nothing follows the map.
/// - **F2** Keys are ascending, known to version 1, and none stands twice; every head is in its shortest form.
/// - **F3** Keys 0–5 and 7–10 are present; key 6 is present exactly when the revision is not 0.
/// - **F4** `previous` is 32 zero bytes exactly when the index is 0.
/// - **F5** Texts are valid UTF-8 of the lengths in ``FieldRules``, without control characters.
/// - **F6** Times lie in the years 0001–9999; `recorded` is not before 1970.
public struct Entry: Hashable, Sendable {
    /// The most bytes of an encoded entry, the limit of the C2SP tlog-tiles entry bundles.
    public static let maximumByteCount = 65_535
    /// The prefix byte of a leaf hash (RFC 6962 §2.1).
    public static let leafPrefix: UInt8 = 0x00

    public var index: EntryIndex
    /// The leaf hash of the entry before, zero at index 0.
    public var previous: Digest
    public var recorded: Timestamp
    public var stream: StreamName
    public var revision: Revision
    /// The leaf hash of the stream's entry before, nil at revision 0.
    public var streamPrevious: Digest?
    public var id: EventID
    public var type: String
    public var source: String
    public var occurred: Timestamp
    public var payload: PayloadCommitment?
    public var schema: String?
    public var correlation: EventID?
    public var causation: EventID?
    /// Present on the last entry of a signed append.
    public var append: AppendSignature?

    public init(
        index: EntryIndex, previous: Digest, recorded: Timestamp, stream: StreamName, revision: Revision,
        streamPrevious: Digest?, id: EventID, type: String, source: String, occurred: Timestamp,
        payload: PayloadCommitment? = nil, schema: String? = nil, correlation: EventID? = nil,
        causation: EventID? = nil, append: AppendSignature? = nil
    ) {
        self.index = index
        self.previous = previous
        self.recorded = recorded
        self.stream = stream
        self.revision = revision
        self.streamPrevious = streamPrevious
        self.id = id
        self.type = type
        self.source = source
        self.occurred = occurred
        self.payload = payload
        self.schema = schema
        self.correlation = correlation
        self.causation = causation
        self.append = append
    }
}

/// What an entry says of its payload: enough to check the stored bytes, too little to guess them (promise 8).
public struct PayloadCommitment: Hashable, Sendable {
    public var form: PayloadForm
    /// SHA-256(0x02 ‖ envelope).
    public var digest: Digest
    /// The number of bytes of the envelope.
    public var size: UInt64
    public var mediaType: String

    public init(form: PayloadForm, digest: Digest, size: UInt64, mediaType: String) {
        self.form = form
        self.digest = digest
        self.size = size
        self.mediaType = mediaType
    }
}

/// How an envelope holds its payload.
public enum PayloadForm: UInt8, Hashable, Sendable {
    /// Sixteen random bytes, then the payload.
    case clear = 1
    /// Encrypted for the subjects whom it concerns.
    case sealed = 2
}

/// The signature of a source over an append, as its last entry carries it.
public struct AppendSignature: Hashable, Sendable {
    /// The most bytes of a key id.
    public static let maximumKeyIDByteCount = 64
    /// The most bytes of a signature; ML-DSA-65 has 3,309.
    public static let maximumSignatureByteCount = 8192

    /// How many entries, this one included, the signature covers.
    public var count: UInt64
    public var keyID: [UInt8]
    public var signature: [UInt8]

    public init(count: UInt64, keyID: [UInt8], signature: [UInt8]) {
        self.count = count
        self.keyID = keyID
        self.signature = signature
    }
}
