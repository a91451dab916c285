/// What a JSON value is.
public enum JSONKind: UInt8, Hashable, Sendable {
    case null, bool, number, string, array, object
}

/// One value or key of a scanned text: 16 bytes in a flat array, in the order of the text.
///
/// An object's token is followed by its members' tokens, each key before its value; an array's by its elements'.
struct JSONToken {
    let kind: JSONKind
    /// Of a string: whether a backslash stands in it, so that its bytes are not its text.
    let hasEscapes: Bool
    /// The value's first byte: of a string its quotation mark.
    let start: UInt32
    /// Behind the value's last byte.
    var end: UInt32
    /// The index of the first token that is not part of this value.
    var next: UInt32

    init(_ kind: JSONKind, from start: Int, to end: Int, next: Int, hasEscapes: Bool = false) {
        self.kind = kind
        self.hasEscapes = hasEscapes
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
    }

    /// The bytes between a string's quotation marks.
    var contents: Range<Int> { Int(start) + 1..<Int(end) - 1 }
}
