/// The path to a value inside a JSON text (RFC 6901), split once: `/applicant/names/0`.
public struct JSONPointer: Hashable, Sendable {
    struct Step: Hashable, Sendable {
        /// The key, UTF-8, with `~0` and `~1` resolved.
        let key: [UInt8]
        /// The element's number when the step can be one: digits without a leading zero.
        let index: Int?
    }

    /// The pointer as it was written.
    public let text: String
    let steps: [Step]

    /// Splits `text`: empty for the whole value, or steps that each begin with `/`; `~1` stands for `/` and `~0` for
    /// `~`.
    public init(_ text: String) throws(JSONError) {
        self.text = text
        let characters = Array(text.utf8)
        var steps: [Step] = []
        var offset = 0
        while offset < characters.count {
            guard characters[offset] == UInt8(ascii: "/") else {
                throw JSONPointer.invalid(characters, at: offset, "a pointer begins with \"/\" or is empty")
            }
            offset += 1
            steps.append(try JSONPointer.step(characters, &offset))
        }
        self.steps = steps
    }

    private static func step(_ characters: [UInt8], _ offset: inout Int) throws(JSONError) -> Step {
        var key: [UInt8] = []
        while offset < characters.count, characters[offset] != UInt8(ascii: "/") {
            var character = characters[offset]
            if character == UInt8(ascii: "~") {
                offset += 1
                switch offset < characters.count ? characters[offset] : 0 {
                case UInt8(ascii: "0"): character = UInt8(ascii: "~")
                case UInt8(ascii: "1"): character = UInt8(ascii: "/")
                default: throw invalid(characters, at: offset - 1, "\"~\" is written \"~0\", and \"/\" in a key \"~1\"")
                }
            }
            key.append(character)
            offset += 1
        }
        let isNumber = !key.isEmpty && key.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        let isIndex = isNumber && (key.count == 1 || key[0] != UInt8(ascii: "0"))
        return Step(key: key, index: isIndex ? Int(String(decoding: key, as: UTF8.self)) : nil)
    }

    private static func invalid(_ characters: [UInt8], at offset: Int, _ rule: String) -> JSONError {
        let text = String(decoding: characters.prefix(80), as: UTF8.self)
        return JSONError(
            .invalidPointer, "\(JSONText.quoted(text)) is no JSON Pointer: \(rule)", at: offset, in: characters.span)
    }
}

extension JSONPointer: ExpressibleByStringLiteral {
    /// A pointer written in the source; traps when it is not valid.
    public init(stringLiteral value: StaticString) {
        do {
            try self.init(value.description)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

extension JSONPointer: CustomStringConvertible {
    public var description: String { text }
}

extension JSONDocument {
    /// The value that `pointer` names from `start` on, or nil when there is none.
    ///
    /// O(m) in the members on the way; builds nothing, so looking up a handful of pointers costs less than reading
    /// the text does.
    public func find(_ pointer: JSONPointer, from start: Position) -> Position? {
        precondition(start.index < tokens.count, "a position of another JSON document")
        return JSONDocument.find(pointer.steps, from: start.index, tokens, bytes.span).map(Position.init(index:))
    }

    /// The value that `pointer` names, or nil when there is none.
    public func find(_ pointer: JSONPointer) -> Position? { find(pointer, from: root) }

    private static func find(
        _ steps: [JSONPointer.Step], from start: Int, _ tokens: [JSONToken], _ input: Span<UInt8>
    ) -> Int? {
        var index = start
        for step in steps {
            let found: Int?
            switch tokens[index].kind {
            case .object: found = member(step.key, of: index, tokens, input)
            case .array: found = step.index.flatMap { element($0, of: index, tokens) }
            default: found = nil
            }
            guard let found else { return nil }
            index = found
        }
        return index
    }

    private static func member(
        _ key: [UInt8], of object: Int, _ tokens: [JSONToken], _ input: Span<UInt8>
    ) -> Int? {
        let end = Int(tokens[object].next)
        var index = object + 1
        while index < end {
            if matches(tokens[index], key, input) { return index + 1 }
            index = Int(tokens[index + 1].next)
        }
        return nil
    }

    private static func matches(_ token: JSONToken, _ key: [UInt8], _ input: Span<UInt8>) -> Bool {
        if token.hasEscapes { return JSONText.unescape(token, input) == key }
        let start = Int(token.start) + 1
        guard Int(token.end) - start - 1 == key.count else { return false }
        for offset in key.indices where input[start + offset] != key[offset] { return false }
        return true
    }

    private static func element(_ number: Int, of array: Int, _ tokens: [JSONToken]) -> Int? {
        let end = Int(tokens[array].next)
        var index = array + 1
        var passed = 0
        while index < end {
            if passed == number { return index }
            index = Int(tokens[index].next)
            passed += 1
        }
        return nil
    }
}
