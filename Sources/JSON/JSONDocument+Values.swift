extension JSONDocument {
    /// One member of an object.
    public struct Member: Sendable {
        /// The key's text.
        public let key: String
        /// The source bytes from the key's first quotation mark to the value's last byte.
        public let range: Range<Int>
        public let value: Position
    }

    /// What the value is.
    public func kind(at position: Position) -> JSONKind { token(at: position).kind }

    /// Where the value's source bytes are, quotation marks and brackets included.
    public func range(at position: Position) -> Range<Int> {
        let token = token(at: position)
        return Int(token.start)..<Int(token.end)
    }

    /// The value exactly as the source has it, quotation marks and brackets included.
    public func source(at position: Position) -> [UInt8] { Array(bytes[range(at: position)]) }

    /// A string's text, or nil when the value is something else.
    public func string(at position: Position) -> String? {
        let token = token(at: position)
        guard token.kind == .string else { return nil }
        return text(of: token)
    }

    /// A string's text as UTF-8, or nil when the value is something else.
    public func utf8(at position: Position) -> [UInt8]? {
        let token = token(at: position)
        guard token.kind == .string else { return nil }
        return token.hasEscapes ? JSONText.unescape(token, bytes.span) : Array(bytes[token.contents])
    }

    func text(of token: JSONToken) -> String {
        guard token.hasEscapes else { return String(decoding: bytes[token.contents], as: UTF8.self) }
        return String(decoding: JSONText.unescape(token, bytes.span), as: UTF8.self)
    }

    /// A boolean, or nil when the value is something else.
    public func bool(at position: Position) -> Bool? {
        let token = token(at: position)
        return token.kind == .bool ? bytes[Int(token.start)] == UInt8(ascii: "t") : nil
    }

    /// A number's text as the source has it, or nil when the value is something else.
    public func number(at position: Position) -> String? {
        let token = token(at: position)
        guard token.kind == .number else { return nil }
        return String(decoding: bytes[Int(token.start)..<Int(token.end)], as: UTF8.self)
    }

    /// A number that is written without fraction and exponent and fits; nil for every other value.
    public func integer(at position: Position) -> Int64? {
        let token = token(at: position)
        guard token.kind == .number else { return nil }
        var offset = Int(token.start)
        let isNegative = bytes[offset] == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        var value: Int64 = 0
        while offset < Int(token.end) {
            guard bytes[offset] >= UInt8(ascii: "0"), bytes[offset] <= UInt8(ascii: "9") else { return nil }
            let digit = Int64(bytes[offset] - UInt8(ascii: "0"))
            let (scaled, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowed2) = scaled.addingReportingOverflow(isNegative ? -digit : digit)
            guard !overflowed, !overflowed2 else { return nil }
            value = next
            offset += 1
        }
        return value
    }

    /// The binary number nearest to a number's text; nil for other values and for numbers beyond a Double's range.
    public func double(at position: Position) -> Double? {
        guard let text = number(at: position), let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// An object's members in the order of the text, or nil when the value is something else.
    public func members(at position: Position) -> [Member]? {
        let token = token(at: position)
        guard token.kind == .object else { return nil }
        var members: [Member] = []
        var index = position.index + 1
        while index < Int(token.next) {
            let value = tokens[index + 1]
            let range = Int(tokens[index].start)..<Int(value.end)
            members.append(Member(key: text(of: tokens[index]), range: range, value: Position(index: index + 1)))
            index = Int(value.next)
        }
        return members
    }

    /// An array's elements in order, or nil when the value is something else.
    public func elements(at position: Position) -> [Position]? {
        let token = token(at: position)
        guard token.kind == .array else { return nil }
        var elements: [Position] = []
        var index = position.index + 1
        while index < Int(token.next) {
            elements.append(Position(index: index))
            index = Int(tokens[index].next)
        }
        return elements
    }
}
