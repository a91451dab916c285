internal import CCrypto

/// A private key in memory. libcrypto wipes it when the last reference is gone.
public final class PrivateKey: Signer {
    public let publicKey: PublicKey
    private let handle: KeyHandle

    /// Takes over `handle`. Throws `malformedPrivateKey` when it is a key of another kind, or when its two halves do
    /// not belong together.
    init(_ handle: KeyHandle) throws(SigningError) {
        do throws(SigningError) { publicKey = try PublicKey(spki: handle.spki()) } catch {
            throw SigningError(
                .malformedPrivateKey,
                "the private key is of a kind that is not used: make one of Ed25519 or P-256 (named curve)")
        }
        self.handle = handle
        let message = Array("mohur/key/v1 check".utf8)
        guard publicKey.verify(try sign(message.span), over: message) else {
            throw SigningError(
                .malformedPrivateKey, "the private key does not belong to the public key that stands beside it")
        }
    }

    /// A new key from libcrypto's random generator.
    public static func generate(_ algorithm: SignatureAlgorithm = .ed25519) throws(SigningError) -> PrivateKey {
        try PrivateKey(KeyHandle.generate(algorithm))
    }

    /// The Ed25519 key of a seed (RFC 8032 §5.1.5): 32 secret bytes.
    public convenience init(ed25519Seed seed: [UInt8]) throws(SigningError) {
        guard seed.count == 32 else {
            throw SigningError(.malformedPrivateKey, "the seed of an Ed25519 key has 32 bytes, not \(seed.count)")
        }
        try self.init(KeyHandle.ed25519(seed: seed))
    }

    /// The 64 bytes of the signature over `message`; for P-256 r ‖ s, another each time. Never blocks.
    public func sign(_ message: Span<UInt8>) throws(SigningError) -> [UInt8] {
        let isHashing = publicKey.algorithm == .ecdsaP256
        let signature = handle.sign(message, hashing: isHashing)
        guard let raw = isHashing ? signature.flatMap(ECDSASignature.raw) : signature,
            raw.count == SignatureAlgorithm.signatureByteCount
        else {
            throw SigningError(.signingFailed, "libcrypto did not sign with the key \(publicKey)")
        }
        return raw
    }

    func withHandle<R, E: Error>(_ body: (KeyHandle) throws(E) -> R) throws(E) -> R { try body(handle) }
}

extension KeyHandle {
    fileprivate static func ed25519(seed: [UInt8]) throws(SigningError) -> KeyHandle {
        let key = unsafe seed.withUnsafeBufferPointer { buffer in
            // The call copies the seed.
            unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, buffer.baseAddress, buffer.count)
        }
        guard let key = unsafe key else { throw failure("make a key of the seed") }
        return unsafe KeyHandle(taking: key)
    }

    fileprivate static func generate(_ algorithm: SignatureAlgorithm) throws(SigningError) -> KeyHandle {
        guard algorithm.publicKeyByteCount != nil else {
            throw SigningError(.unknownAlgorithm, "no key of algorithm \(algorithm) can be made here")
        }
        let type = algorithm == .ed25519 ? EVP_PKEY_ED25519 : EVP_PKEY_EC
        // Both objects are made here and freed here; the key made of them counts for itself.
        let context = unsafe EVP_PKEY_CTX_new_id(type, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe algorithm == .ed25519
                || EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            unsafe EVP_PKEY_generate(context, &key) == 1, let key = unsafe key
        else { throw failure("make a key of \(algorithm)") }
        return unsafe KeyHandle(taking: key)
    }

    /// SubjectPublicKeyInfo of the public half, a point of P-256 uncompressed.
    fileprivate func spki() throws(SigningError) -> [UInt8] {
        try unsafe withKey { (key) throws(SigningError) in
            // A key whose file holds its point compressed would be written so again. Other keys refuse the setting.
            _ = unsafe EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed")
            var output: UnsafeMutablePointer<UInt8>?
            // The call gives memory of libcrypto's, which is copied and freed here.
            let count = unsafe i2d_PUBKEY(key, &output)
            defer { unsafe CRYPTO_free(output, #file, #line) }
            guard count > 0, let output = unsafe output else { throw KeyHandle.failure("write a public key") }
            ERR_clear_error()
            return unsafe Array(UnsafeBufferPointer(start: output, count: Int(count)))
        }
    }

    static func failure(_ action: String) -> SigningError {
        ERR_clear_error()
        return SigningError(.signingFailed, "libcrypto did not \(action)")
    }
}
