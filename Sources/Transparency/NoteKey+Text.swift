internal import Digests
internal import Signing

/// Verifier keys as text: `<name>+<key ID, 8 hexadecimal digits>+<base64 of type ‖ key>` (C2SP signed-note, "Verifier
/// keys").
extension NoteKey {
    /// The most bytes of a verifier key that are looked at; one of ML-DSA-44 has 1,762 and its name.
    public static let maximumTextByteCount = 16_384

    /// The bytes of an ML-DSA-44 public key (FIPS 204).
    private static let mlDSA44ByteCount = 1312

    /// Reads the one spelling that ``vkey`` writes.
    ///
    /// Throws `malformedKey`, `malformedName`, `wrongKeyID`, `tooLarge`, or `unsupportedAlgorithm` for a type that no
    /// specification assigns to notes.
    public init(vkey text: String) throws(TransparencyError) {
        try self.init(vkey: Array(text.utf8)[...])
    }

    init(vkey text: ArraySlice<UInt8>) throws(TransparencyError) {
        guard text.count <= NoteKey.maximumTextByteCount else {
            throw TransparencyError(
                .tooLarge, "the vkey has \(text.count) bytes; at most \(NoteKey.maximumTextByteCount) are allowed")
        }
        let parts = text.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw TransparencyError(
                .malformedKey, "\(quoted(text)) is no vkey: write <name>+<8 hexadecimal digits>+<base64 of the key>")
        }
        let name = try KeyName(bytes: parts[0])
        guard let payload = Base64.decode(Array(parts[2])), payload.count > 1 else {
            throw TransparencyError(
                .malformedKey, "the key of \(quoted(parts[0])) is not base64 of a type and a key, with padding")
        }
        let (type, material) = (NoteKeyType(rawValue: payload[0]), Array(payload[1...]))
        self.init(name, type, material, try NoteKey.publicKey(type, material, of: name))
        guard id.description.utf8.elementsEqual(parts[1]) else {
            throw TransparencyError(
                .wrongKeyID,
                "the vkey of \(quoted(parts[0])) gives the key ID \(quoted(parts[1])), but its name and key have "
                    + "\(id): it was mistyped or tampered with; get it again from its owner")
        }
    }

    /// The verifier key as text.
    public var vkey: String {
        var text: [UInt8] = []
        Base64.append([type.rawValue] + material, to: &text)
        return "\(name)+\(id)+\(String(decoding: text, as: UTF8.self))"
    }

    /// What verifies for a key of `type`; nil for the types and curves that are known and not verified here.
    private static func publicKey(
        _ type: NoteKeyType, _ material: [UInt8], of name: KeyName
    ) throws(TransparencyError) -> PublicKey? {
        switch type {
        case .ed25519, .cosignature:
            do throws(SigningError) { return try PublicKey(algorithm: .ed25519, bytes: material) } catch {
                throw TransparencyError(.malformedKey, "the key of \(quoted(name.bytes)): \(error.reason)")
            }
        case .ecdsa, .treeHead: return try ellipticKey(type, material, of: name)
        case .mlDSA44Cosignature:
            guard material.count == mlDSA44ByteCount else {
                throw TransparencyError(
                    .malformedKey,
                    "the ML-DSA-44 key of \(quoted(name.bytes)) has \(material.count) bytes, not \(mlDSA44ByteCount)")
            }
            return nil
        default:
            throw TransparencyError(
                .unsupportedAlgorithm,
                "the key of \(quoted(name.bytes)) has the signature type \(type.rawValue), which is not known here: "
                    + "1, 2, 4, 5 and 6 are")
        }
    }

    /// A P-256 key for verifying, nil for keys that are not verified here: of other curves, or of tree heads.
    private static func ellipticKey(
        _ type: NoteKeyType, _ material: [UInt8], of name: KeyName
    ) throws(TransparencyError) -> PublicKey? {
        guard isKeyInfo(material) else {
            throw TransparencyError(
                .malformedKey, "the key of \(quoted(name.bytes)) is no SubjectPublicKeyInfo: \(material.count) bytes")
        }
        guard material.starts(with: p256Head) else { return nil }
        do throws(SigningError) {
            let key = try PublicKey(spki: material)
            return type == .ecdsa ? key : nil
        } catch {
            throw TransparencyError(.malformedKey, "the key of \(quoted(name.bytes)): \(error.reason)")
        }
    }

    /// Whether the bytes are one DER SEQUENCE and nothing behind it, as every SubjectPublicKeyInfo is.
    private static func isKeyInfo(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 4, bytes[0] == 0x30 else { return false }
        switch bytes[1] {
        case ..<0x80: return bytes.count == 2 + Int(bytes[1])
        case 0x81: return bytes[2] >= 0x80 && bytes.count == 3 + Int(bytes[2])
        case 0x82: return bytes[2] != 0 && bytes.count == 4 + Int(bytes[2]) << 8 + Int(bytes[3])
        default: return false
        }
    }

    /// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 … : such a key must be one that can be read.
    private static let p256Head: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07,
    ]
}
