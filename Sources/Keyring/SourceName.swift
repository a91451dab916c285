internal import Digests
internal import EventFormat

/// Who says so: the `source` of events, a URI-reference of 1–2,048 bytes without control characters.
///
/// Compared byte by byte, as texts of entries are: `String` holds two spellings of one character for equal.
public struct SourceName: Hashable, Sendable {
    /// The most bytes of a source.
    public static let maximumByteCount = 2048

    let utf8: [UInt8]

    /// Throws ``KeyringError/Code/malformed`` when `text` is empty, longer than 2,048 bytes or has a control character.
    public init(_ text: String) throws(KeyringError) {
        if let complaint = TextRule.complaint(text, maximum: SourceName.maximumByteCount) {
            throw KeyringError(.malformed, "a source \(complaint)")
        }
        utf8 = Array(text.utf8)
    }

    /// A copy of the source in an entry, whose bytes were checked when it was decoded.
    init(_ range: ByteRange, in bytes: Span<UInt8>) {
        utf8 = Array(collecting: bytes.extracting(range.start..<range.end))
    }

    public var text: String { String(decoding: utf8, as: UTF8.self) }
}

extension SourceName: Comparable {
    public static func < (left: SourceName, right: SourceName) -> Bool { left.utf8.span.precedes(right.utf8.span) }
}

extension SourceName: CustomStringConvertible {
    /// In quotation marks, with what a terminal might act on escaped.
    public var description: String { "\"\(text.escapingControls)\"" }
}

/// The rule for the texts of trust events: bounded, and without control characters.
enum TextRule {
    /// What is wrong with `text`, to follow the name of what it is; nil when nothing is.
    static func complaint(_ text: String, maximum: Int) -> String? {
        let count = text.utf8.count
        guard count >= 1, count <= maximum else { return "has \(count) bytes; write 1 to \(maximum)" }
        guard let control = text.unicodeScalars.first(where: isControl) else { return nil }
        return "has the control character U+\(String(control.value, radix: 16, uppercase: true)); remove it"
    }

    /// C0, DEL and C1.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (scalar.value >= 0x7f && scalar.value <= 0x9f)
    }
}
