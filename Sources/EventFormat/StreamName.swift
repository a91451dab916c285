internal import Digests

/// The name of a stream, the history of one record: `application-0198c0de-…`.
///
/// 1 to 255 bytes of UTF-8 without control characters (U+0000–U+001F, U+007F–U+009F). Names are public: they stand in
/// entries, so they must not tell who a person is. What stands before the first `-` is the ``category``.
public struct StreamName: Hashable, Sendable {
    /// The most bytes that a name may have.
    public static let maximumByteCount = 255

    /// The stream of the ledger's own events; only the ledger appends to it.
    public static let ledger = StreamName(unchecked: "ledger")

    public let text: String

    init(unchecked text: String) {
        self.text = text
    }

    /// Throws ``FormatError`` when `text` is empty, longer than 255 bytes of UTF-8, or has a control character.
    public init(_ text: String) throws(FormatError) {
        try FieldRules.check(text, as: "stream", maximum: StreamName.maximumByteCount)
        self.text = text
    }

    /// What stands before the first `-` (the byte 0x2D), or the whole name: `application`.
    public var category: Substring {
        Substring(text.utf8.prefix { $0 != UInt8(ascii: "-") })
    }
}

extension StreamName {
    /// Compares UTF-8 bytes: `String` holds two spellings of one character for equal, which the entries and the stream
    /// index do not.
    public static func == (left: StreamName, right: StreamName) -> Bool {
        left.text.utf8.span.isSame(as: right.text.utf8.span)
    }

    public func hash(into hasher: inout Hasher) {
        let bytes = text.utf8.span
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension StreamName: Comparable {
    /// Compares UTF-8 bytes, as the stream index does.
    public static func < (left: StreamName, right: StreamName) -> Bool {
        left.text.utf8.span.precedes(right.text.utf8.span)
    }
}

extension StreamName: CustomStringConvertible {
    public var description: String { text }
}

extension StreamName: ExpressibleByStringLiteral {
    /// A name written in the source; traps when it is not valid.
    public init(stringLiteral value: StaticString) {
        let text = value.description
        do {
            try self.init(text)
        } catch {
            preconditionFailure("\"\(text)\" is no stream name: \(error)")
        }
    }
}
