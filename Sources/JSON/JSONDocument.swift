/// A strictly checked JSON text (RFC 8259) with the place of each of its values.
///
/// Reading makes one flat array of 16-byte tokens and no tree; values are taken out of the source bytes when they are
/// asked for, so numbers and whole values can be had exactly as they were written. Refuses duplicate keys, invalid
/// UTF-8, halves of surrogate pairs, byte order marks and anything after the value.
///
/// ```swift
/// let document = try JSONDocument(Array(#"{"fee":{"amount":12.50}}"#.utf8))
/// let amount = document.find("/fee/amount").flatMap { document.number(at: $0) }   // "12.50"
/// ```
public struct JSONDocument: Sendable {
    /// The most bytes of one text: 1 GiB.
    public static let maximumByteCount = 1 << 30
    /// How deep arrays and objects may be nested.
    public static let maximumDepth = 128

    /// A value's place in one document; means nothing in another.
    public struct Position: Hashable, Sendable {
        let index: Int
    }

    /// The text as it was given.
    public private(set) var bytes: [UInt8]
    private var scanner = JSONScanner()

    /// Checks `bytes`. O(n) time; memory of 16 bytes a value.
    ///
    /// `maximumDepth` is from 1 to ``JSONDocument/maximumDepth``.
    public init(_ bytes: [UInt8], maximumDepth: Int = JSONDocument.maximumDepth) throws(JSONError) {
        precondition((1...JSONDocument.maximumDepth).contains(maximumDepth), "the depth limit is from 1 to 128")
        self.bytes = bytes
        try scanner.scan(bytes.span, maximumDepth: maximumDepth)
    }

    /// Checks the UTF-8 bytes of `text`.
    public init(_ text: String) throws(JSONError) {
        try self.init(Array(text.utf8))
    }

    /// Replaces the text by a copy of `text`, using the memory of the one before again: for reading many texts one
    /// after the other.
    ///
    /// When it throws, the document is `null`.
    public mutating func reload(_ text: Span<UInt8>) throws(JSONError) {
        bytes.removeAll(keepingCapacity: true)
        text.append(to: &bytes)
        do {
            try scanner.scan(text, maximumDepth: JSONDocument.maximumDepth)
        } catch {
            self = .null
            throw error
        }
    }

    /// The text `null`.
    public static let null: JSONDocument = {
        do { return try JSONDocument("null") } catch { preconditionFailure("null is a JSON text") }
    }()

    /// The whole text's value.
    public var root: Position { Position(index: 0) }

    func token(at position: Position) -> JSONToken {
        precondition(position.index < scanner.tokens.count, "a position of another JSON document")
        return scanner.tokens[position.index]
    }

    var tokens: [JSONToken] { scanner.tokens }
}
