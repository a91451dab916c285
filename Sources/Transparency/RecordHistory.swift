internal import Digests
public import EventFormat

/// A record's whole history in one file, to keep and to check without asking anybody: `<name>.mohur-record`.
///
/// The entries of one stream from its first, with their payloads where they are there, and the receipt of the newest.
/// Each entry names the one before by its leaf hash, so the newest one's receipt stands for them all. That no entry
/// followed is not shown: the file speaks of the stream as of its newest entry.
///
///     mohur/record/v1
///     stream <name>
///     entry <base64>              for each entry, oldest first,
///     payload <base64 or ->       its envelope, or - when it has none or it is not there
///                                 an empty line
///     <the receipt, verbatim>
public struct RecordHistory: Hashable, Sendable {
    /// The most bytes of a file, 256 MiB.
    public static let maximumByteCount = 256 << 20

    /// The most entries.
    public static let maximumEntryCount = 1 << 20

    static let header = "mohur/record/v1"

    /// An entry with its payload.
    public struct Item: Hashable, Sendable {
        /// The entry's bytes, which are hashed.
        public let bytes: [UInt8]

        /// The same, read.
        public let entry: Entry

        /// The payload's envelope, nil when the entry has no payload or it is not there.
        public let envelope: [UInt8]?

        /// Throws `malformedRecord` when `bytes` are no entry, and `tooLarge` for an envelope past its limit.
        public init(bytes: [UInt8], envelope: [UInt8]?) throws(TransparencyError) {
            do throws(FormatError) { entry = try Entry(decoding: bytes.span) } catch {
                throw TransparencyError(.malformedRecord, "the bytes are no entry: \(error)")
            }
            guard (envelope?.count ?? 0) <= Envelope.maximumByteCount else {
                throw TransparencyError(
                    .tooLarge,
                    "a payload has \(envelope?.count ?? 0) bytes; at most \(Envelope.maximumByteCount) are allowed"
                )
            }
            self.bytes = bytes
            self.envelope = envelope
        }
    }

    public let stream: StreamName

    /// The entries, the oldest first; at least one.
    public let items: [Item]

    /// The receipt of the newest entry.
    public let proof: TlogProof

    init(unchecked stream: StreamName, _ items: [Item], _ proof: TlogProof) {
        self.stream = stream
        self.items = items
        self.proof = proof
    }

    /// Throws `brokenRecord` or `payloadMismatch` when the items are not the unbroken chain of `stream` that ends in
    /// the receipt's entry, and `tooLarge`.
    public init(stream: StreamName, items: [Item], proof: TlogProof) throws(TransparencyError) {
        self.init(unchecked: stream, items, proof)
        guard items.count <= RecordHistory.maximumEntryCount else { throw RecordHistory.tooManyEntries }
        _ = try checkChain()
        let size = items.reduce(proof.bytes.count) { $0 + ($1.bytes.count + ($1.envelope?.count ?? 0) + 24) / 3 * 4 }
        guard size + 512 <= RecordHistory.maximumByteCount else { throw RecordHistory.tooManyBytes(size) }
    }

    /// The file.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(line: RecordHistory.header)
        bytes.append(line: "stream \(stream)")
        for item in items {
            bytes += Array("entry ".utf8)
            Base64.append(item.bytes, to: &bytes)
            bytes += Array("\npayload ".utf8)
            if let envelope = item.envelope { Base64.append(envelope, to: &bytes) } else { bytes += Array("-".utf8) }
            bytes.append(newline)
        }
        bytes.append(newline)
        return bytes + proof.bytes
    }

    static var tooManyEntries: TransparencyError {
        TransparencyError(.tooLarge, "more than \(maximumEntryCount) entries in one history")
    }

    static func tooManyBytes(_ count: Int) -> TransparencyError {
        TransparencyError(.tooLarge, "the history has \(count) bytes; at most \(maximumByteCount) are allowed")
    }
}
