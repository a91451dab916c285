extension JSONScanner {
    /// Reads the number at ``offset`` (RFC 8259 §6); its text is kept and never converted.
    mutating func number(_ input: Span<UInt8>) throws(JSONError) {
        let start = offset
        if input[offset] == UInt8(ascii: "-") { offset += 1 }
        if offset < input.count, input[offset] == UInt8(ascii: "0") {
            offset += 1
            guard !isDigit(input) else {
                throw JSONError(.syntax, "a number has a leading zero; remove it", at: offset - 1, in: input)
            }
        } else {
            try digits(input)
        }
        if offset < input.count, input[offset] == UInt8(ascii: ".") {
            offset += 1
            try digits(input)
        }
        if offset < input.count, input[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < input.count, input[offset] == UInt8(ascii: "+") || input[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            try digits(input)
        }
        add(JSONToken(.number, from: start, to: offset, next: tokens.count + 1))
    }

    private func isDigit(_ input: Span<UInt8>) -> Bool {
        offset < input.count && input[offset] >= UInt8(ascii: "0") && input[offset] <= UInt8(ascii: "9")
    }

    private mutating func digits(_ input: Span<UInt8>) throws(JSONError) {
        guard isDigit(input) else {
            guard offset < input.count else { throw truncated(input, "a digit") }
            throw unexpected(input, "a digit")
        }
        while isDigit(input) { offset += 1 }
    }
}
