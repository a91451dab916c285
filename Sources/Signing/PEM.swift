internal import Digests

/// One block of textual encoding (RFC 7468).
///
/// What stands before and after the block is ignored, as that RFC asks; a second block is refused, since it is not
/// clear then which one is meant.
struct PEM {
    /// Larger texts are refused before they are looked at: a key has some hundred bytes.
    static let maximumByteCount = 65_536

    let label: String
    var bytes: [UInt8]

    init(label: String, bytes: [UInt8]) {
        self.label = label
        self.bytes = bytes
    }

    /// Reads the only block of `text`.
    init(_ text: [UInt8]) throws(SigningError) {
        guard text.count <= PEM.maximumByteCount else {
            throw SigningError(.malformedPEM, "a key's text has \(text.count) bytes; at most 65536 are read")
        }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(PEM.trimmed)
        let starts = lines.indices.filter { PEM.name(of: lines[$0], after: "-----BEGIN ") != nil }
        guard let start = starts.first, let label = PEM.name(of: lines[start], after: "-----BEGIN ") else {
            throw SigningError(.malformedPEM, "no line “-----BEGIN …-----” was found: a key in PEM is expected")
        }
        guard starts.count == 1 else {
            throw SigningError(.malformedPEM, "\(starts.count) PEM blocks were found: give a text of exactly one key")
        }
        let rest = lines[(start + 1)...]
        guard let end = rest.firstIndex(where: { PEM.name(of: $0, after: "-----END ") == label }) else {
            throw SigningError(.malformedPEM, "no line “-----END \(label)-----” was found: the text is cut off")
        }
        var body: [UInt8] = []
        for line in lines[(start + 1)..<end] { body += line }
        defer { wipe(&body) }
        guard !body.isEmpty, let bytes = Base64.decode(body) else {
            throw SigningError(.malformedPEM, "what stands in the PEM block “\(label)” is not base64")
        }
        self.init(label: label, bytes: bytes)
    }

    /// The block as text, 64 characters a line, with a newline at the end.
    var text: [UInt8] {
        var digits: [UInt8] = []
        Base64.append(bytes, to: &digits)
        var output = Array("-----BEGIN \(label)-----\n".utf8)
        output.reserveCapacity(output.count * 2 + digits.count + digits.count / 64 + 1)
        for start in stride(from: 0, to: digits.count, by: 64) {
            output += digits[start..<min(start + 64, digits.count)]
            output.append(UInt8(ascii: "\n"))
        }
        wipe(&digits)
        return output + Array("-----END \(label)-----\n".utf8)
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let space: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
        let start = line.drop(while: space)
        return start[..<(start.lastIndex { !space($0) }.map { $0 + 1 } ?? start.startIndex)]
    }

    /// `PUBLIC KEY` of the line `-----BEGIN PUBLIC KEY-----`.
    private static func name(of line: ArraySlice<UInt8>, after opening: String) -> String? {
        let (opening, closing) = (Array(opening.utf8), Array("-----".utf8))
        guard line.count > opening.count + closing.count, line.starts(with: opening),
            line.suffix(closing.count).elementsEqual(closing)
        else { return nil }
        let name = line.dropFirst(opening.count).dropLast(closing.count)
        guard name.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        return String(decoding: name, as: UTF8.self)
    }
}
