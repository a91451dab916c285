/// Reads a text once, checks all of RFC 8259, and notes every value's place as a ``JSONToken``.
struct JSONScanner {
    private(set) var tokens: [JSONToken] = []
    var offset = 0
    private var maximumDepth = 0

    private static let trueWord = Array("true".utf8)
    private static let falseWord = Array("false".utf8)
    private static let nullWord = Array("null".utf8)

    /// Fills ``tokens`` with the values of `input`, the whole text's first. O(n).
    mutating func scan(_ input: Span<UInt8>, maximumDepth: Int) throws(JSONError) {
        tokens.removeAll(keepingCapacity: true)
        offset = 0
        self.maximumDepth = maximumDepth
        guard input.count <= JSONDocument.maximumByteCount else {
            throw JSONError(
                .tooLarge,
                "the text has \(input.count) bytes; at most \(JSONDocument.maximumByteCount) are read: split it",
                at: JSONDocument.maximumByteCount, in: input)
        }
        skipSpace(input)
        try value(input, depth: 0)
        skipSpace(input)
        guard offset == input.count else {
            throw JSONError(
                .trailingText, "something follows the JSON value; a text holds one value: remove the rest",
                at: offset, in: input)
        }
    }

    mutating func skipSpace(_ input: Span<UInt8>) {
        while offset < input.count {
            switch input[offset] {
            case 0x20, 0x0a, 0x0d, 0x09: offset += 1
            default: return
            }
        }
    }

    private mutating func value(_ input: Span<UInt8>, depth: Int) throws(JSONError) {
        guard offset < input.count else { throw truncated(input, "a value") }
        switch input[offset] {
        case UInt8(ascii: "{"): try object(input, depth: depth + 1)
        case UInt8(ascii: "["): try array(input, depth: depth + 1)
        case UInt8(ascii: "\""): try string(input)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(input)
        case UInt8(ascii: "t"): try word(JSONScanner.trueWord, .bool, input)
        case UInt8(ascii: "f"): try word(JSONScanner.falseWord, .bool, input)
        case UInt8(ascii: "n"): try word(JSONScanner.nullWord, .null, input)
        default: throw unexpected(input, "a value: an object, array, string, number, true, false or null")
        }
    }

    private mutating func object(_ input: Span<UInt8>, depth: Int) throws(JSONError) {
        let index = try open(.object, input, depth: depth)
        var count = 0
        if !closes(UInt8(ascii: "}"), input) {
            repeat {
                skipSpace(input)
                guard offset < input.count else { throw truncated(input, "a key") }
                guard input[offset] == UInt8(ascii: "\"") else {
                    throw unexpected(input, "a key in double quotation marks")
                }
                try string(input)
                skipSpace(input)
                try take(UInt8(ascii: ":"), "\":\" between key and value", input)
                skipSpace(input)
                try value(input, depth: depth)
                count += 1
            } while try continues(before: UInt8(ascii: "}"), "\",\" or \"}\" after a member", input)
        }
        close(index)
        if count > 1 { try checkKeys(of: index, count: count, input) }
    }

    private mutating func array(_ input: Span<UInt8>, depth: Int) throws(JSONError) {
        let index = try open(.array, input, depth: depth)
        if !closes(UInt8(ascii: "]"), input) {
            repeat {
                skipSpace(input)
                try value(input, depth: depth)
            } while try continues(before: UInt8(ascii: "]"), "\",\" or \"]\" after an element", input)
        }
        close(index)
    }

    private mutating func open(_ kind: JSONKind, _ input: Span<UInt8>, depth: Int) throws(JSONError) -> Int {
        guard depth <= maximumDepth else {
            throw JSONError(
                .tooDeep, "arrays and objects are nested deeper than \(maximumDepth); flatten the value",
                at: offset, in: input)
        }
        add(JSONToken(kind, from: offset, to: offset, next: 0))
        offset += 1
        return tokens.count - 1
    }

    /// Whether the container that was just opened is empty.
    private mutating func closes(_ bracket: UInt8, _ input: Span<UInt8>) -> Bool {
        skipSpace(input)
        guard offset < input.count, input[offset] == bracket else { return false }
        offset += 1
        return true
    }

    /// Whether a comma, and so another item, follows, rather than the closing `bracket`.
    private mutating func continues(
        before bracket: UInt8, _ wanted: String, _ input: Span<UInt8>
    ) throws(JSONError) -> Bool {
        skipSpace(input)
        guard offset < input.count else { throw truncated(input, wanted) }
        let byte = input[offset]
        guard byte == UInt8(ascii: ",") || byte == bracket else { throw unexpected(input, wanted) }
        offset += 1
        return byte != bracket
    }

    private mutating func close(_ index: Int) {
        tokens[index].end = UInt32(truncatingIfNeeded: offset)
        tokens[index].next = UInt32(truncatingIfNeeded: tokens.count)
    }

    private mutating func take(_ byte: UInt8, _ wanted: String, _ input: Span<UInt8>) throws(JSONError) {
        guard offset < input.count else { throw truncated(input, wanted) }
        guard input[offset] == byte else { throw unexpected(input, wanted) }
        offset += 1
    }

    private mutating func word(_ word: [UInt8], _ kind: JSONKind, _ input: Span<UInt8>) throws(JSONError) {
        let start = offset
        for byte in word {
            guard offset < input.count, input[offset] == byte else {
                let wanted = "\"" + String(decoding: word, as: UTF8.self) + "\""
                throw offset < input.count ? unexpected(input, wanted) : truncated(input, wanted)
            }
            offset += 1
        }
        add(JSONToken(kind, from: start, to: offset, next: tokens.count + 1))
    }

    mutating func add(_ token: JSONToken) {
        tokens.append(token)
    }

    func truncated(_ input: Span<UInt8>, _ wanted: String) -> JSONError {
        JSONError(.truncated, "the text ends where \(wanted) should stand; it may be cut off", at: offset, in: input)
    }

    func unexpected(_ input: Span<UInt8>, _ wanted: String) -> JSONError {
        let byte = input[offset]
        let found: String
        if byte == 0xef, offset == 0 {
            found = "a byte order mark"
        } else if byte > 0x20, byte < 0x7f {
            found = "\"\(Character(Unicode.Scalar(byte)))\""
        } else {
            found = "byte 0x\(String(byte, radix: 16))"
        }
        return JSONError(.syntax, "\(found) stands where JSON needs \(wanted)", at: offset, in: input)
    }
}
