extension JSONScanner {
    /// Reads the string at ``offset``: valid UTF-8 (RFC 3629), no bare control characters, whole surrogate pairs.
    mutating func string(_ input: Span<UInt8>) throws(JSONError) {
        let start = offset
        var hasEscapes = false
        offset += 1
        while true {
            skipPlain(input)
            guard offset < input.count else { break }
            let byte = input[offset]
            if byte == UInt8(ascii: "\"") {
                offset += 1
                add(JSONToken(.string, from: start, to: offset, next: tokens.count + 1, hasEscapes: hasEscapes))
                return
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try escape(input)
            } else if byte >= 0x80 {
                try multibyte(input)
            } else {
                throw JSONError(
                    .syntax,
                    "a string has the bare control character 0x\(hex(byte)); write it as \\u00\(hex(byte))",
                    at: offset, in: input)
            }
        }
        throw truncated(input, "the closing quotation mark of a string")
    }

    /// Passes ASCII characters that stand for themselves, eight at a time where they do.
    private mutating func skipPlain(_ input: Span<UInt8>) {
        var index = offset
        while input.count - index >= 8, JSONScanner.isPlain(input.word(at: index)) { index += 8 }
        while index < input.count {
            let byte = input[index]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index += 1
        }
        offset = index
    }

    /// Whether all eight bytes of `word` stand for themselves.
    ///
    /// Where they do, none of the three differences borrows, and none has a high bit. The lowest byte that does not has
    /// one in the difference for its kind (or its own), since no byte below it borrows.
    @inline(__always)
    static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotation = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5c5c_5c5c_5c5c_5c5c
        let special = (word &- ones &* 0x20) | (quotation &- ones) | (backslash &- ones) | word
        return special & (ones &* 0x80) == 0
    }

    private func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private mutating func escape(_ input: Span<UInt8>) throws(JSONError) {
        guard offset + 1 < input.count else { throw truncated(input, "the rest of an escape") }
        switch input[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 2
        case UInt8(ascii: "u"):
            try unicodeEscape(input)
        default:
            throw JSONError(
                .syntax, "a string has an unknown escape; write a backslash itself as \\\\", at: offset, in: input)
        }
    }

    private mutating func unicodeEscape(_ input: Span<UInt8>) throws(JSONError) {
        let first = try unit(input, at: offset)
        switch first {
        case 0xdc00...0xdfff:
            throw loneSurrogate(input)
        case 0xd800...0xdbff:
            guard offset + 7 < input.count, input[offset + 6] == UInt8(ascii: "\\"),
                input[offset + 7] == UInt8(ascii: "u"), case 0xdc00...0xdfff = try unit(input, at: offset + 6)
            else { throw loneSurrogate(input) }
            offset += 12
        default:
            offset += 6
        }
    }

    private func loneSurrogate(_ input: Span<UInt8>) -> JSONError {
        JSONError(
            .invalidText, "a string names half of a surrogate pair, which is no character; write both halves",
            at: offset, in: input)
    }

    /// The four digits of the escape `\uXXXX` at `start`.
    private func unit(_ input: Span<UInt8>, at start: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for index in start + 2..<start + 6 {
            guard index < input.count else { throw truncated(input, "four hexadecimal digits") }
            guard let digit = hexValue(input[index]) else {
                throw JSONError(.syntax, "\\u needs four hexadecimal digits", at: index, in: input)
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// One character of two to four bytes, in its shortest form, no surrogate, at most U+10FFFF (RFC 3629 §4).
    private mutating func multibyte(_ input: Span<UInt8>) throws(JSONError) {
        let lead = input[offset]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0...0xef:
            length = 3
            if lead == 0xe0 { second = 0xa0...0xbf } else if lead == 0xed { second = 0x80...0x9f }
        case 0xf0...0xf4:
            length = 4
            if lead == 0xf0 { second = 0x90...0xbf } else if lead == 0xf4 { second = 0x80...0x8f }
        default: throw notUTF8(input)
        }
        guard input.count - offset >= length, second.contains(input[offset + 1]) else { throw notUTF8(input) }
        for index in 2..<4 where index < length && input[offset + index] & 0xc0 != 0x80 { throw notUTF8(input) }
        offset += length
    }

    private func notUTF8(_ input: Span<UInt8>) -> JSONError {
        JSONError(.invalidText, "a string is not valid UTF-8; convert the text to UTF-8", at: offset, in: input)
    }
}

/// The value of a hexadecimal digit of either case.
func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
}
