internal import Digests

/// What texts in entries may hold: the same rule for writers and for the decoder.
enum FieldRules {
    /// The most bytes of a source or schema, which are URI-references.
    static let maximumReferenceByteCount = 2048
    /// The most bytes of an event type.
    static let maximumTypeByteCount = 255
    /// The most bytes of a media type.
    static let maximumMediaTypeByteCount = 255

    /// Throws when `text` is empty, has more than `maximum` bytes of UTF-8, or has a control character.
    static func check(_ text: String, as field: String, maximum: Int) throws(FormatError) {
        let count = text.utf8.count
        guard count > 0 else {
            throw FormatError(.outOfRange, "the \(field) is empty; it needs 1 to \(maximum) bytes")
        }
        guard count <= maximum else {
            throw FormatError(.tooLarge, "the \(field) has \(count) bytes; at most \(maximum) are allowed")
        }
        guard mayHaveControl(text.utf8.span) else { return }
        if let control = text.unicodeScalars.first(where: { isControl($0.value) }) {
            let code = String(control.value, radix: 16, uppercase: true)
            throw FormatError(
                .outOfRange, "the \(field) has the control character U+\(code); control characters are refused")
        }
    }

    /// Whether a byte is a control character or the first of a C1 control's two: rare, so most texts need no look at
    /// their characters. Eight bytes at a time.
    private static func mayHaveControl(_ bytes: Span<UInt8>) -> Bool {
        var offset = 0
        while bytes.count - offset >= 8 {
            if suspects(bytes.bigEndian(at: offset)) { return true }
            offset += 8
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte < 0x20 || byte == 0x7f || byte == 0xc2 { return true }
            offset += 1
        }
        return false
    }

    /// Whether one of the word's bytes is below 0x20, or 0x7f, or 0xc2 (H. S. Warren, "Hacker's Delight", §6–1).
    private static func suspects(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let delete = word ^ (ones &* 0x7f)
        let lead = word ^ (ones &* 0xc2)
        let low = (word &- (ones &* 0x20)) & ~word
        let found = low | ((delete &- ones) & ~delete) | ((lead &- ones) & ~lead)
        return found & (ones &* 0x80) != 0
    }

    /// C0, DEL and C1.
    static func isControl(_ scalar: UInt32) -> Bool {
        scalar < 0x20 || (scalar >= 0x7f && scalar <= 0x9f)
    }
}

extension String {
    /// The text with control characters, bidirectional controls and invisible separators written as `\u{…}`, for
    /// showing foreign text on a terminal.
    public var escapingControls: String { escaping(\.isDeceptive) }

    /// The lines of the text, and their columns between tabs, with what could control a terminal or hide itself written
    /// as `\u{…}`: for text of one's own that has foreign text in it.
    ///
    /// A line that must stay one is made of parts that ``escapingControls`` has escaped.
    public var escapingForTerminal: String { escaping { $0 != "\n" && $0 != "\t" && $0.isDeceptive } }

    private func escaping(_ isUnsafe: (Unicode.Scalar) -> Bool) -> String {
        guard utf8.contains(where: { $0 < 0x20 || $0 > 0x7e }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if isUnsafe(scalar) {
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether a terminal may act on it, or a reader be misled by it.
    fileprivate var isDeceptive: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        default: false
        }
    }
}
