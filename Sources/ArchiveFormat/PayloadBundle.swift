internal import Digests

/// What a bundle of payloads has for one entry.
public enum PayloadRecord: Hashable, Sendable {
    /// The entry has no payload, or an envelope of no bytes.
    case none
    /// The payload was removed.
    case removed
    /// An envelope of so many bytes, at least 1.
    case envelope(Int)
}

/// The records of a bundle of payloads, one after the other: for each entry four bytes of length, and the envelope
/// (docs/archive.md, "Payloads").
public struct PayloadBundle: ~Copyable {
    /// The length that says that a payload was removed.
    public static let removed: UInt32 = .max

    private var stream: HashedStream
    private var left: Int
    private let expected: Digest?

    /// Opens `file` of `width` records below `folder`. `expected`: the digest that the manifest states.
    init(_ file: ArchiveFile, width: Int, in folder: String, expected: Digest?) throws(ArchiveError) {
        stream = try HashedStream(file.path, in: folder, atMost: file.maximumByteCount)
        left = width
        self.expected = expected
    }

    /// Reads `bytes` as a bundle of `width` records.
    public init(bytes: [UInt8], width: Int) {
        stream = HashedStream("payloads", bytes: bytes)
        left = width
        expected = nil
    }

    /// Reads the next record and puts its envelope into `envelope`, in place of what is there. nil behind the last.
    ///
    /// Throws `malformed` when the file ends before, or states a length that none may have.
    public mutating func next(_ envelope: inout [UInt8]) throws(ArchiveError) -> PayloadRecord? {
        envelope.removeAll(keepingCapacity: true)
        guard left > 0 else { return nil }
        left -= 1
        guard try stream.take(4, into: &envelope) else { throw cut }
        let length: UInt32 = envelope.span.bigEndian(at: 0)
        envelope.removeAll(keepingCapacity: true)
        if length == PayloadBundle.removed { return .removed }
        if length == 0 { return PayloadRecord.none }
        guard length <= UInt32(ArchiveLimits.envelopeByteCount) else {
            throw ArchiveError(
                .malformed, stream.file,
                "states an envelope of \(length) bytes; at most \(ArchiveLimits.envelopeByteCount) are allowed")
        }
        guard try stream.take(Int(length), into: &envelope) else { throw cut }
        return .envelope(Int(length))
    }

    private var cut: ArchiveError { ArchiveError(.malformed, stream.file, "ends in the middle of its records") }

    /// Ends the reading: reports when something follows the last record, or when the file is not what the manifest
    /// states. Call it behind the last record, or to look at the file's digest alone.
    public consuming func finish(_ report: ArchiveReport) throws(ArchiveError) {
        let file = stream.file
        let isAtEnd = try stream.isAtEnd()
        if left == 0, !isAtEnd {
            try report(ArchiveError(.malformed, file, "goes on behind its last record"))
        }
        let digest = try stream.digest()
        if let expected, digest != expected { try report(.altered(file)) }
    }
}

extension ArchiveError {
    /// That the bytes of `file` are not those that its manifest states.
    public static func altered(_ file: String) -> ArchiveError {
        ArchiveError(.altered, file, "does not have the SHA-256 that the manifest states")
    }
}
