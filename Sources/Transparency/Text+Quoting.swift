internal import EventFormat

/// Foreign bytes for a reason: at most 80 of them, invalid UTF-8 replaced, controls written out.
func quoted(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(80), as: UTF8.self).escapingControls
    return bytes.count > 80 ? "\"\(text)…\"" : "\"\(text)\""
}

/// As ``quoted(_:)``, without the quotation marks: for names whose owners are known.
func shown(_ bytes: some Collection<UInt8>) -> String { String(quoted(bytes).dropFirst().dropLast()) }

/// Whether the bytes are valid UTF-8 without characters below U+0020 other than newlines (signed-note, "Format"). O(n).
func isNoteText(_ bytes: [UInt8]) -> Bool {
    !bytes.contains { $0 < 0x20 && $0 != newline } && String(validating: bytes, as: UTF8.self) != nil
}

let newline = UInt8(ascii: "\n")
let space = UInt8(ascii: " ")

extension UInt64 {
    /// Reads an ASCII decimal without sign and leading zeros, below 2^64; nil for everything else.
    init?(decimal digits: ArraySlice<UInt8>) {
        guard (1...20).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (scaled, carried) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowed) = scaled.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !carried, !overflowed else { return nil }
            value = next
        }
        self = value
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of `text` and a newline.
    mutating func append(line text: String) {
        append(contentsOf: text.utf8)
        append(newline)
    }
}
