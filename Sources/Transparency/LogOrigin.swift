public import Digests
public import EventFormat

/// The first line of a checkpoint: which log it is of (C2SP tlog-checkpoint, "Note text").
///
/// Any line of UTF-8 that is not empty, for logs of others; a Mohur ledger's is an `Origin`. Origins are equal when
/// their bytes are.
public struct LogOrigin: Hashable, Sendable {
    /// The UTF-8 bytes.
    public let bytes: [UInt8]

    /// A ledger's own origin.
    public init(_ origin: Origin) {
        bytes = Array(origin.text.utf8)
    }

    /// Throws `malformedCheckpoint` when `text` is empty or has a character below U+0020.
    public init(_ text: String) throws(TransparencyError) {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 }) else {
            throw TransparencyError(
                .malformedCheckpoint, "\(quoted(Array(text.utf8))) is no origin: it must be one line that is not empty")
        }
        bytes = Array(text.utf8)
    }

    /// Throws `malformedCheckpoint`, also for bytes that are not UTF-8.
    init(bytes: ArraySlice<UInt8>) throws(TransparencyError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TransparencyError(.malformedCheckpoint, "the origin \(quoted(bytes)) is not UTF-8")
        }
        try self.init(text)
    }

    /// SHA-256(origin): its 64 lowercase hexadecimal digits name the log in the paths of witnesses and mirrors (C2SP
    /// tlog-witness, "Monitoring").
    ///
    /// Distributors that name logs by SHA-256("o:" ‖ origin) are another matter.
    public var hash: Digest { SHA256.hash(bytes.span) }

    /// Whether a key of that name may be the log's own: the names are the same bytes.
    public func matches(_ name: KeyName) -> Bool { bytes == name.bytes }
}

extension LogOrigin: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
