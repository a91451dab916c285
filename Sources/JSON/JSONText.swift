/// Strings between their JSON form and their text.
public enum JSONText {
    /// `text` as a JSON string with its quotation marks.
    ///
    /// Escapes quotation marks, backslashes, control characters (C0, DEL and C1) and U+2028 and U+2029, so that the
    /// string stays on one line and does nothing to a terminal; all else is written as it is.
    public static func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        append(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends what ``quoted(_:)`` returns.
    public static func append(_ text: String, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + text.utf8.count + 2)
        output.append(UInt8(ascii: "\""))
        var isPlain = true
        for byte in text.utf8
        where byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            isPlain = false
            break
        }
        if isPlain {
            output.append(contentsOf: text.utf8)
        } else {
            for scalar in text.unicodeScalars { append(scalar, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar.value {
        case 0x22, 0x5c:
            output.append(UInt8(ascii: "\\"))
            output.append(UInt8(scalar.value))
        case 0x0a: output.append(contentsOf: "\\n".utf8)
        case 0x0d: output.append(contentsOf: "\\r".utf8)
        case 0x09: output.append(contentsOf: "\\t".utf8)
        case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029: appendEscape(UInt16(scalar.value), to: &output)
        case 0x20..<0x7f: output.append(UInt8(scalar.value))
        default: output.append(contentsOf: scalar.utf8)
        }
    }

    private static func appendEscape(_ unit: UInt16, to output: inout [UInt8]) {
        let digits = String(unit, radix: 16)
        output.append(contentsOf: "\\u".utf8)
        for _ in digits.utf8.count..<4 { output.append(UInt8(ascii: "0")) }
        output.append(contentsOf: digits.utf8)
    }

    /// The line and the column of the byte at `offset`, both from 1; LF ends a line, columns count Unicode scalars.
    /// O(offset).
    public static func place(of offset: Int, in input: Span<UInt8>) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for index in 0..<min(offset, input.count) {
            if input[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if input[index] & 0xc0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }

    /// The text of a scanned string as UTF-8.
    static func unescape(_ token: JSONToken, _ input: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        let range = token.contents
        output.reserveCapacity(range.count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let byte = input[offset]
            if byte != UInt8(ascii: "\\") {
                output.append(byte)
                offset += 1
            } else if input[offset + 1] != UInt8(ascii: "u") {
                output.append(character(ofEscape: input[offset + 1]))
                offset += 2
            } else {
                offset += appendCharacter(at: offset, input, to: &output)
            }
        }
        return output
    }

    private static func character(ofEscape letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    /// Appends the character that `\uXXXX` or a pair of them names and returns the escapes' length.
    private static func appendCharacter(at offset: Int, _ input: Span<UInt8>, to output: inout [UInt8]) -> Int {
        let first = unit(at: offset, input)
        let isPair = (0xd800...0xdbff).contains(first)
        let value = isPair ? 0x10000 + (first - 0xd800) << 10 + (unit(at: offset + 6, input) - 0xdc00) : first
        guard let scalar = Unicode.Scalar(value) else { preconditionFailure("the scanner accepted half a pair") }
        output.append(contentsOf: scalar.utf8)
        return isPair ? 12 : 6
    }

    private static func unit(at offset: Int, _ input: Span<UInt8>) -> UInt32 {
        var unit: UInt32 = 0
        for index in offset + 2..<offset + 6 { unit = unit << 4 | (hexValue(input[index]) ?? 0) }
        return unit
    }
}

extension Unicode.Scalar {
    /// The scalar's UTF-8 bytes.
    fileprivate var utf8: Unicode.UTF8.EncodedScalar {
        guard let encoded = Unicode.UTF8.encode(self) else { preconditionFailure("every scalar has a UTF-8 form") }
        return encoded
    }
}
