internal import Digests

/// A key that verifies signatures.
///
/// Making one takes some microseconds (P-256: some 150, for its point is checked to lie on the curve); copies share
/// what libcrypto made of it, so that verifying many signatures by one key makes it once. May be used from any number
/// of threads at a time.
public struct PublicKey: Sendable {
    public let algorithm: SignatureAlgorithm
    /// Ed25519: the 32 bytes of RFC 8032 §5.1.5. P-256: the 65 bytes 04 ‖ x ‖ y of SEC 1 §2.3.3.
    public let bytes: [UInt8]
    /// The key's name. Computed once.
    public let id: KeyID

    private let handle: KeyHandle

    /// Takes the key `bytes` of `algorithm`. Throws `unknownAlgorithm`, `malformedPublicKey` when the length is wrong
    /// or the point not on the curve, or `weakPublicKey` for a point of small order.
    ///
    /// Of Ed25519, 32 bytes are taken whose number without the highest bit is below 2²⁵⁵ − 19, whether or not they are
    /// a point: those that are none verify nothing.
    public init(algorithm: SignatureAlgorithm, bytes: [UInt8]) throws(SigningError) {
        guard let count = algorithm.publicKeyByteCount else {
            throw SigningError(
                .unknownAlgorithm,
                "signature algorithm \(algorithm.rawValue) is not known here: 1 (ed25519) and 2 (ecdsa-p256) are")
        }
        guard bytes.count == count else {
            throw SigningError(
                .malformedPublicKey, "a public key of \(algorithm) has \(count) bytes, not \(bytes.count)")
        }
        if algorithm == .ed25519 { try Ed25519Encoding.check(bytes) }
        let handle =
            algorithm == .ed25519
            ? KeyHandle(ed25519: bytes) : KeyHandle(spki: PublicKey.spki(algorithm: algorithm, bytes))
        guard let handle, algorithm != .ecdsaP256 || bytes[0] == 0x04 else {
            throw SigningError(
                .malformedPublicKey,
                "the bytes are no public key of \(algorithm): the point \(Hex.encode(bytes)) is not on its curve")
        }
        self.algorithm = algorithm
        self.bytes = bytes
        self.handle = handle
        id = KeyID(algorithm: algorithm, publicKey: bytes)
    }

    /// Whether `signature` is this key's over `message`: 64 bytes, for P-256 r ‖ s. False for anything malformed.
    ///
    /// Strict for Ed25519 (RFC 8032 §5.1.7): S below the group's order, R as the one encoding of its point. Of P-256
    /// both s and its negative are right, as FIPS 186-5 has it.
    public func verify(_ signature: Span<UInt8>, over message: Span<UInt8>) -> Bool {
        guard signature.count == SignatureAlgorithm.signatureByteCount else { return false }
        switch algorithm {
        case .ed25519: return handle.verify(signature, over: message, hashing: false)
        default:
            let encoded = ECDSASignature.der(signature)
            return handle.verify(encoded.span, over: message, hashing: true)
        }
    }

    /// Whether `signature` is this key's over `message`.
    public func verify(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        verify(signature.span, over: message.span)
    }
}

extension PublicKey: Hashable, CustomStringConvertible {
    public static func == (left: PublicKey, right: PublicKey) -> Bool {
        left.algorithm == right.algorithm && left.bytes == right.bytes
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// The algorithm and the key's id.
    public var description: String { "\(algorithm) \(id)" }
}
