extension ByteReader {
    /// Passes spaces, tabs and line endings and returns the byte behind them, left where it is, or nil at the end.
    mutating func skipSpace() throws(InterchangeError) -> UInt8? {
        while let byte = try peek() {
            guard byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d else { return byte }
            advance()
        }
        return nil
    }

    /// The bytes of a JSON array's element: up to the comma or closing bracket behind it, which is left where it is.
    ///
    /// Only quotation marks and brackets are looked at; whether the element is JSON shows when it is read. Throws
    /// when the file ends before the array does, and when the element has more than `maximum` bytes.
    mutating func arrayElement(maximum: Int) throws(InterchangeError) -> [UInt8] {
        let start = place
        var bytes: [UInt8] = []
        var depth = 0
        var isString = false
        var isEscaped = false
        while let byte = try peek() {
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"):
                    if depth == 0 { return bytes }
                    if byte != UInt8(ascii: ",") { depth -= 1 }
                default: break
                }
            }
            guard bytes.count < maximum else {
                throw InterchangeError(
                    .tooLarge, "an event of the batch has more than \(maximum) bytes; check its brackets", at: start)
            }
            bytes.append(byte)
            advance()
        }
        throw InterchangeError(
            .truncated, "the file ends inside of the batch that begins with \"[\"; it may be cut off", at: place)
    }
}
