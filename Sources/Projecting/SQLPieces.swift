/// Cuts SQL into comments, quoted texts, words, parameters and single characters, as SQLite's tokenizer does.
///
/// It knows only what is needed to find comments and parameters that are not inside of something else.
struct SQLPieces {
    enum Kind {
        case space, lineComment, blockComment, quoted, word, parameter, other
    }

    struct Piece {
        let kind: Kind
        let range: Range<Int>
    }

    private let bytes: [UInt8]
    private let end: Int
    private var offset: Int

    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next piece, or nil at the end; never empty.
    mutating func next() -> Piece? {
        guard offset < end else { return nil }
        let start = offset
        let kind = advance()
        return Piece(kind: kind, range: start..<offset)
    }

    private mutating func advance() -> Kind {
        let byte = bytes[offset]
        switch byte {
        case 0x09...0x0d, 0x20:
            skip { SQLPieces.isSpace($0) }
            return .space
        case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
            skip { $0 != UInt8(ascii: "\n") }
            return .lineComment
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            skipBlockComment()
            return .blockComment
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
            skipQuoted(closing: byte)
            return .quoted
        case UInt8(ascii: "["):
            skip { $0 != UInt8(ascii: "]") }
            offset = min(end, offset + 1)
            return .quoted
        case UInt8(ascii: "$"), UInt8(ascii: "?"), UInt8(ascii: "@"), UInt8(ascii: ":"):
            skipParameter()
            return .parameter
        case let byte where SQLPieces.isWord(byte):
            skip { SQLPieces.isWord($0) }
            return .word
        default:
            offset += 1
            return .other
        }
    }

    private func peek(_ distance: Int) -> UInt8? {
        offset + distance < end ? bytes[offset + distance] : nil
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while offset < end, condition(bytes[offset]) { offset += 1 }
    }

    private mutating func skipBlockComment() {
        offset += 2
        while offset < end {
            if bytes[offset] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                offset += 2
                return
            }
            offset += 1
        }
        offset = end
    }

    /// A doubled quotation mark stands for itself.
    private mutating func skipQuoted(closing mark: UInt8) {
        offset += 1
        while offset < end {
            defer { offset += 1 }
            guard bytes[offset] == mark else { continue }
            guard peek(1) == mark else { return }
            offset += 1
        }
        offset = end
    }

    /// `$name(suffix)`: what SQLite takes for one parameter.
    private mutating func skipParameter() {
        offset += 1
        skip { SQLPieces.isWord($0) }
        guard offset < end, bytes[offset] == UInt8(ascii: "(") else { return }
        skip { !SQLPieces.isSpace($0) && $0 != UInt8(ascii: ")") }
        if offset < end, bytes[offset] == UInt8(ascii: ")") { offset += 1 }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        (0x09...0x0d).contains(byte) || byte == 0x20
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }
}
