internal import Digests

/// Public keys as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7; RFC 8410 §4 for Ed25519, RFC 5480 §2 for P-256).
extension PublicKey {
    /// What precedes the key's bytes in its SubjectPublicKeyInfo: both algorithms have keys of one length, and DER one
    /// encoding, so that the head is always the same.
    private static func head(_ algorithm: SignatureAlgorithm) -> [UInt8] {
        switch algorithm {
        case .ed25519: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        default:
            [
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
                0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ]
        }
    }

    static func spki(algorithm: SignatureAlgorithm, _ bytes: [UInt8]) -> [UInt8] { head(algorithm) + bytes }

    /// The key as DER: 44 bytes for Ed25519, 91 for P-256.
    public var spki: [UInt8] { PublicKey.spki(algorithm: algorithm, bytes) }

    /// The key as PEM text, `-----BEGIN PUBLIC KEY-----`.
    public var pem: String { String(decoding: PEM(label: "PUBLIC KEY", bytes: spki).text, as: UTF8.self) }

    /// Reads DER: exactly what ``spki`` writes. Throws `malformedPublicKey`.
    public init(spki: [UInt8]) throws(SigningError) {
        for algorithm in SignatureAlgorithm.all {
            let head = PublicKey.head(algorithm)
            guard spki.starts(with: head), spki.count == head.count + (algorithm.publicKeyByteCount ?? 0) else {
                continue
            }
            try self.init(algorithm: algorithm, bytes: Array(spki[head.count...]))
            return
        }
        throw SigningError(
            .malformedPublicKey,
            "\(spki.count) bytes are no public key of Ed25519 or of P-256 with an uncompressed point "
                + "(SubjectPublicKeyInfo): keys of other kinds are not used")
    }

    /// Reads one PEM block `PUBLIC KEY`. Throws `malformedPEM` or `malformedPublicKey`.
    public init(pem: [UInt8]) throws(SigningError) {
        let block = try PEM(pem)
        guard block.label == "PUBLIC KEY" else {
            let isPrivate = block.label.hasSuffix("PRIVATE KEY")
            throw SigningError(
                .malformedPEM,
                "the PEM block is “\(block.label)”, not “PUBLIC KEY”"
                    + (isPrivate ? ": give the public key, which stands in the file beside it that ends in .pub" : ""))
        }
        try self.init(spki: block.bytes)
    }
}
