/// A text with the signatures of those who stand for it (C2SP signed-note v1.0.0).
///
/// The bytes are the text, an empty line, and one or more signature lines. The text may hold empty lines itself: the
/// last one of the note parts it from the signatures. Parsing verifies no signature; what the text says must not be
/// used before ``verified(by:)``.
public struct SignedNote: Hashable, Sendable {
    /// The most bytes of a note, 1 MiB: 100 signatures of ML-DSA-87 and their text fit.
    public static let maximumByteCount = 1 << 20

    /// The most signature lines; the specification demands at least 16.
    public static let maximumSignatureCount = 100

    /// What is signed, with the newline at its end.
    public let text: [UInt8]

    /// The signature lines in their order, at least one.
    public let signatures: [NoteSignature]

    /// Throws `tooLarge`, `invalidText`, or `malformedNote` when the text does not end in a newline or nobody signed.
    public init(text: [UInt8], signatures: [NoteSignature]) throws(TransparencyError) {
        guard text.last == newline else {
            throw TransparencyError(.malformedNote, "the text of a note must end in a newline")
        }
        guard !signatures.isEmpty else {
            throw TransparencyError(.malformedNote, "a note needs at least one signature line")
        }
        guard signatures.count <= SignedNote.maximumSignatureCount else {
            throw TransparencyError(
                .tooLarge,
                "the note has \(signatures.count) signature lines; at most \(SignedNote.maximumSignatureCount) are "
                    + "allowed")
        }
        guard isNoteText(text) else { throw SignedNote.invalidText }
        self.text = text
        self.signatures = signatures
        try SignedNote.checkSize(byteCount)
    }

    /// Reads the one spelling that ``bytes`` writes. O(n).
    ///
    /// Throws `tooLarge`, `invalidText`, `malformedNote` or `malformedName`.
    public init(_ bytes: [UInt8]) throws(TransparencyError) {
        try SignedNote.checkSize(bytes.count)
        guard isNoteText(bytes) else { throw SignedNote.invalidText }
        guard bytes.last == newline else {
            throw TransparencyError(.malformedNote, "the note's last line does not end in a newline; it may be cut")
        }
        guard let split = SignedNote.lastEmptyLine(of: bytes) else {
            throw TransparencyError(.malformedNote, "the note has no empty line before its signatures")
        }
        text = Array(bytes[..<split])
        signatures = try SignedNote.signatureLines(Array(bytes[(split + 1)...]))
        guard !signatures.isEmpty else {
            throw TransparencyError(.malformedNote, "the note has no signature lines behind its last empty line")
        }
    }

    /// The note as it is stored and sent.
    public var bytes: [UInt8] {
        var bytes = text
        bytes.append(newline)
        for signature in signatures { bytes += signature.line }
        return bytes
    }

    /// The same text with `more` signature lines behind those that are there; lines that are there already are left
    /// out.
    ///
    /// Throws `tooLarge`.
    public func adding(_ more: [NoteSignature]) throws(TransparencyError) -> SignedNote {
        var lines = signatures
        for signature in more where !lines.contains(signature) { lines.append(signature) }
        return try SignedNote(text: text, signatures: lines)
    }
}

// MARK: - Parsing

extension SignedNote {
    /// The signature lines that make up `bytes`, such as a witness's answer; none when there are no bytes.
    ///
    /// Throws `malformedNote`, `malformedName`, or `tooLarge` for more than ``maximumSignatureCount`` lines.
    static func signatureLines(_ bytes: [UInt8]) throws(TransparencyError) -> [NoteSignature] {
        var reader = LineReader(bytes)
        var signatures: [NoteSignature] = []
        while let line = reader.next() {
            guard signatures.count < maximumSignatureCount else {
                throw TransparencyError(.tooLarge, "more than \(maximumSignatureCount) signature lines")
            }
            signatures.append(try NoteSignature(line: line))
        }
        guard reader.isAtEnd else {
            throw TransparencyError(.malformedNote, "the last signature line does not end in a newline; it may be cut")
        }
        return signatures
    }

    /// Where the last empty line's own newline stands, or nil.
    private static func lastEmptyLine(of bytes: [UInt8]) -> Int? {
        var index = bytes.count - 1
        while index > 0 {
            if bytes[index] == newline, bytes[index - 1] == newline { return index }
            index -= 1
        }
        return nil
    }

    private var byteCount: Int {
        signatures.reduce(text.count + 1) { count, signature in
            count + 6 + signature.name.bytes.count + (signature.signature.count + 6) / 3 * 4
        }
    }

    private static func checkSize(_ count: Int) throws(TransparencyError) {
        guard count <= maximumByteCount else {
            throw TransparencyError(.tooLarge, "the note has \(count) bytes; at most \(maximumByteCount) are allowed")
        }
    }

    private static var invalidText: TransparencyError {
        TransparencyError(.invalidText, "the note is not UTF-8, or has a control character other than the newline")
    }
}
