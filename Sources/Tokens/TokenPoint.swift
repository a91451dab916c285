internal import Signing

/// Public keys as tokens show them. The standard's versions and their makers differ in how they wrap a point.
enum TokenPoint {
    /// CKA_EC_PARAMS: the OBJECT IDENTIFIER of P-256 (RFC 5480 §2.1.1.1).
    static let p256Parameters: [UInt8] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
    /// CKA_EC_PARAMS of Ed25519 in the ways that are met: the curve's name as a PrintableString (PKCS#11 3.0 §2.3.10),
    /// id-Ed25519 of RFC 8410, and the older identifier of GnuPG.
    static let ed25519Parameters: [[UInt8]] = [
        [0x13, 0x0c] + Array("edwards25519".utf8),
        [0x06, 0x03, 0x2b, 0x65, 0x70],
        [0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01],
    ]

    /// The algorithm of a key with these CKA_EC_PARAMS, nil when it is none of ours.
    static func algorithm(parameters: [UInt8]) -> SignatureAlgorithm? {
        if parameters == p256Parameters { return .ecdsaP256 }
        return ed25519Parameters.contains(parameters) ? .ed25519 : nil
    }

    /// The key of a CKA_EC_POINT: the bytes in an OCTET STRING or a BIT STRING, or bare; the lengths tell which.
    static func publicKey(_ algorithm: SignatureAlgorithm, point: [UInt8]) throws(SigningError) -> PublicKey {
        guard let count = algorithm.publicKeyByteCount else {
            throw SigningError(.unknownAlgorithm, "algorithm \(algorithm) has no keys in tokens")
        }
        var bytes = point
        if point.count == count + 2, point.starts(with: [0x04, UInt8(count)]) { bytes.removeFirst(2) }
        if point.count == count + 3, point.starts(with: [0x03, UInt8(count + 1), 0]) { bytes.removeFirst(3) }
        return try PublicKey(algorithm: algorithm, bytes: bytes)
    }
}
