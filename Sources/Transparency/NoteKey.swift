internal import Digests
public import Signing

/// The kind of signature that a note's key makes (C2SP signed-note, "Signature types").
public struct NoteKeyType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Ed25519 over the text: what a log signs its checkpoints with.
    public static let ed25519 = NoteKeyType(rawValue: 0x01)
    /// ECDSA over SHA-256 of the text, in DER; verified for P-256, never made here.
    public static let ecdsa = NoteKeyType(rawValue: 0x02)
    /// Ed25519 over a time and the text: what a witness cosigns checkpoints with (C2SP tlog-cosignature v1.0.1).
    public static let cosignature = NoteKeyType(rawValue: 0x04)
    /// The tree head signature of Certificate Transparency (C2SP static-ct-api); not verified here.
    public static let treeHead = NoteKeyType(rawValue: 0x05)
    /// ML-DSA-44 cosignatures (C2SP tlog-cosignature v1.1.0-rc.1); not verified here, for libcrypto 3.0 cannot.
    public static let mlDSA44Cosignature = NoteKeyType(rawValue: 0x06)
}

extension NoteKeyType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ed25519: "Ed25519 (type 1)"
        case .ecdsa: "ECDSA (type 2)"
        case .cosignature: "Ed25519 cosignature (type 4)"
        case .treeHead: "RFC 6962 tree head (type 5)"
        case .mlDSA44Cosignature: "ML-DSA-44 cosignature (type 6)"
        default: "signature type \(rawValue)"
        }
    }
}

/// The name and public key of one who signs notes: what a verifier key (vkey) tells.
///
/// A key of a type or curve that this library cannot verify is kept, so that a policy may name it, and verifies
/// nothing: ``canVerify`` is false.
public struct NoteKey: Hashable, Sendable {
    public let name: KeyName
    public let type: NoteKeyType

    /// The public key's bytes as the type has them: 32 of Ed25519, a SubjectPublicKeyInfo of ECDSA.
    public let material: [UInt8]

    /// The four bytes by which signature lines name this key.
    public let id: NoteKeyID

    /// The key that verifies, or nil when this library cannot.
    public let publicKey: PublicKey?

    /// The key of a log, type 1 for Ed25519 and type 2 for P-256.
    ///
    /// Throws `unsupportedAlgorithm` for other keys.
    public init(name: KeyName, publicKey: PublicKey) throws(TransparencyError) {
        switch publicKey.algorithm {
        case .ed25519: self.init(name, .ed25519, publicKey.bytes, publicKey)
        case .ecdsaP256: self.init(name, .ecdsa, publicKey.spki, publicKey)
        default:
            throw TransparencyError(
                .unsupportedAlgorithm, "keys of the algorithm \(publicKey.algorithm.name) cannot sign notes")
        }
    }

    /// The key of a witness, type 4.
    ///
    /// Throws `unsupportedAlgorithm` when the key is not of Ed25519.
    public static func cosigner(name: KeyName, publicKey: PublicKey) throws(TransparencyError) -> NoteKey {
        guard publicKey.algorithm == .ed25519 else {
            throw TransparencyError(
                .unsupportedAlgorithm,
                "a witness's key must be of Ed25519, not \(publicKey.algorithm.name): cosignatures have no other type")
        }
        return NoteKey(name, .cosignature, publicKey.bytes, publicKey)
    }

    init(_ name: KeyName, _ type: NoteKeyType, _ material: [UInt8], _ publicKey: PublicKey?) {
        self.name = name
        self.type = type
        self.material = material
        self.publicKey = publicKey
        id = NoteKey.id(name, type, material)
    }

    /// Whether this library can check the key's signatures.
    public var canVerify: Bool { publicKey != nil }

    /// Whether both wrap the same public key, whatever their names and types.
    public func wrapsSameKey(as other: NoteKey) -> Bool { wrapped == other.wrapped }

    /// The public key apart from the use that is made of it: types 1 and 4 hold the same kind, and so do 2 and 5.
    var wrapped: WrappedKey {
        let kind: UInt8 =
            switch type {
            case .cosignature: NoteKeyType.ed25519.rawValue
            case .treeHead: NoteKeyType.ecdsa.rawValue
            default: type.rawValue
            }
        return WrappedKey(kind: kind, material: material)
    }

    struct WrappedKey: Hashable {
        let kind: UInt8
        let material: [UInt8]
    }

    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key), except: of ECDSA keys, those of SHA-256(key); of tree
    /// head keys, the key stands there as the log ID, SHA-256(key) (C2SP static-ct-api, "Checkpoints").
    private static func id(_ name: KeyName, _ type: NoteKeyType, _ material: [UInt8]) -> NoteKeyID {
        guard type != .ecdsa else { return NoteKeyID(SHA256.hash(material.span)) }
        let key = type == .treeHead ? SHA256.hash(material.span).bytes : material
        let named = name.bytes + [newline, type.rawValue] + key
        return NoteKeyID(SHA256.hash(named.span))
    }
}
