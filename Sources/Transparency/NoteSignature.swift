internal import Digests

/// Four bytes that with a key's name tell which key signed (C2SP signed-note, "Signatures").
public struct NoteKeyID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The first four bytes of `digest`.
    init(_ digest: Digest) {
        rawValue = digest.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Eight lowercase hexadecimal digits.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: rawValue)
        return Hex.encode(bytes)
    }
}

/// One signature line of a note: `— <name> <base64 of key ID ‖ signature>`.
public struct NoteSignature: Hashable, Sendable {
    public let name: KeyName
    public let keyID: NoteKeyID

    /// What the key's algorithm made, at least one byte; in cosignatures, the time stands before it.
    public let signature: [UInt8]

    /// An em dash (U+2014) and a space.
    private static let start: [UInt8] = [0xe2, 0x80, 0x94, space]

    /// Throws `malformedNote` when there are no signature bytes.
    public init(name: KeyName, keyID: NoteKeyID, signature: [UInt8]) throws(TransparencyError) {
        guard !signature.isEmpty else {
            throw TransparencyError(.malformedNote, "the signature of \(quoted(name.bytes)) has no bytes")
        }
        self.name = name
        self.keyID = keyID
        self.signature = signature
    }

    /// Reads a line without its newline, in the one spelling that ``line`` writes.
    ///
    /// Throws `malformedNote` or `malformedName`.
    public init(line: ArraySlice<UInt8>) throws(TransparencyError) {
        guard line.starts(with: NoteSignature.start) else {
            throw TransparencyError(
                .malformedNote, "\(quoted(line)) is no signature line: it must begin with an em dash and a space")
        }
        let content = line.dropFirst(NoteSignature.start.count)
        guard let end = content.firstIndex(of: space) else {
            throw TransparencyError(.malformedNote, "the signature line \(quoted(line)) has a name and no signature")
        }
        let name = try KeyName(bytes: content[..<end])
        guard let payload = Base64.decode(Array(content[(end + 1)...])), payload.count > 4 else {
            throw TransparencyError(
                .malformedNote,
                "the signature of \(quoted(name.bytes)) is not base64 of a key ID and a signature, with padding and "
                    + "nothing else")
        }
        let id = payload[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        try self.init(name: name, keyID: NoteKeyID(rawValue: id), signature: Array(payload[4...]))
    }

    /// The line's bytes, newline included.
    public var line: [UInt8] {
        var payload: [UInt8] = []
        payload.append(bigEndian: keyID.rawValue)
        payload += signature
        var line = NoteSignature.start + name.bytes + [space]
        Base64.append(payload, to: &line)
        return line + [newline]
    }
}
