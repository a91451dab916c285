/// Writes one flat JSON object (RFC 8259) without white space; the names of its fields come in the order of the calls.
struct JSONObjectWriter: ~Copyable {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    init() {
        bytes.reserveCapacity(160)
    }

    /// The object's text; the writer is used up.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    mutating func field(_ name: String, _ value: String) {
        begin(name)
        string(value)
    }

    mutating func field(_ name: String, _ value: Int) {
        begin(name)
        append(value)
    }

    /// A number of hundredths, with two decimals.
    mutating func field(_ name: String, hundredths value: Int) {
        begin(name)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        append(Int(value.magnitude / 100))
        let rest = value.magnitude % 100
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(rest / 10))
        bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
    }

    /// The last second of a day counted from 1970, as RFC 3339.
    mutating func field(_ name: String, endOfDay number: Int64) {
        begin(name)
        let date = CivilDate(dayNumber: number)
        bytes.append(UInt8(ascii: "\""))
        append(date.year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        append(date.month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        append(date.day, width: 2)
        bytes.append(contentsOf: "T23:59:59Z\"".utf8)
    }

    /// A prefix and the id, such as `document-0198…`.
    mutating func field(_ name: String, _ prefix: String, _ id: Identifier) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: prefix.utf8)
        id.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A prefix and 12 hexadecimal digits of `key`: a pseudonym.
    mutating func field(_ name: String, _ prefix: String, pseudonym key: UInt64) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: prefix.utf8)
        for shift in stride(from: UInt64(44), through: 0, by: -4) {
            bytes.append(Identifier.digit(UInt8(truncatingIfNeeded: key >> shift) & 15))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A field's name, which must not need escapes, and the colon.
    private mutating func begin(_ name: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: "\":".utf8)
    }

    /// Escapes what RFC 8259 §7 demands: the quotation mark, the reverse solidus and U+0000 to U+001F.
    private mutating func string(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        guard value.utf8.contains(where: JSONObjectWriter.needsEscape) else {
            bytes.append(contentsOf: value.utf8)
            return
        }
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"):
                bytes.append(contentsOf: #"\n"#.utf8)
            case 0..<0x20:
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(Identifier.digit(byte >> 4))
                bytes.append(Identifier.digit(byte & 15))
            default: bytes.append(byte)
            }
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func append(_ value: Int, width: Int = 1) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || bytes.count - start < width
        bytes[start...].reverse()
    }
}
