internal import CCrypto
internal import CShims

/// Private keys as PKCS#8 (RFC 5958), plain or encrypted with a passphrase (PBES2, RFC 8018).
extension PrivateKey {
    /// The rounds of PBKDF2 with HMAC-SHA-256 between a passphrase and the key of a new file.
    static let iterationCount: Int32 = 600_000
    /// Keys that ask for more rounds are not opened: a file must not keep the reader busy for longer than some seconds.
    static let iterationLimit = 10_000_000
    /// A passphrase has at most so many bytes.
    public static let passphraseLimit = 1_024

    /// Reads one PEM block `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY`. `passphrase` is left unused when the key is not
    /// encrypted. Opening an encrypted key takes some tenths of a second.
    ///
    /// Throws `malformedPEM`, `malformedPrivateKey`, `passphraseMissing`, `wrongPassphrase` or `encryption`.
    public convenience init(pem: [UInt8], passphrase: [UInt8]? = nil) throws(SigningError) {
        var block = try PEM(pem)
        defer { wipe(&block.bytes) }
        switch block.label {
        case "PRIVATE KEY": try self.init(KeyHandle(pkcs8: block.bytes))
        case "ENCRYPTED PRIVATE KEY":
            guard let passphrase else {
                throw SigningError(.passphraseMissing, "the private key is encrypted: give its passphrase")
            }
            guard passphrase.count <= PrivateKey.passphraseLimit else {
                throw SigningError(
                    .wrongPassphrase, "a passphrase has 1 to \(PrivateKey.passphraseLimit) bytes: give the right one")
            }
            try self.init(KeyHandle(encrypted: block.bytes, passphrase))
        case "PUBLIC KEY":
            throw SigningError(.malformedPEM, "this is a public key: give the file of the private key")
        default:
            throw SigningError(
                .malformedPEM,
                "the PEM block is “\(block.label)”, not “PRIVATE KEY”: convert the key with "
                    + "openssl pkcs8 -topk8 -in FILE -out NEW-FILE")
        }
    }

    /// The key as PEM text; with a passphrase encrypted by AES-256-CBC under PBKDF2 with HMAC-SHA-256 of 600,000
    /// rounds, which takes some tenths of a second. Throws `wrongPassphrase` when the passphrase is empty or longer
    /// than ``passphraseLimit``.
    public func pem(passphrase: [UInt8]? = nil) throws(SigningError) -> [UInt8] {
        var block = try withHandle { (handle) throws(SigningError) in
            guard let passphrase else { return PEM(label: "PRIVATE KEY", bytes: try handle.pkcs8()) }
            guard !passphrase.isEmpty, passphrase.count <= PrivateKey.passphraseLimit else {
                throw SigningError(
                    .wrongPassphrase,
                    "a passphrase has 1 to \(PrivateKey.passphraseLimit) bytes: choose another")
            }
            return PEM(label: "ENCRYPTED PRIVATE KEY", bytes: try handle.encrypted(passphrase))
        }
        defer { wipe(&block.bytes) }
        return block.text
    }
}

// Each object that libcrypto makes below is freed in the function that made it; the calls read the arrays during the
// call only, and what they allocate is copied and freed by `copy(freeing:count:)`.

extension KeyHandle {
    /// Reads a PrivateKeyInfo. Throws `malformedPrivateKey`.
    fileprivate convenience init(pkcs8: [UInt8]) throws(SigningError) {
        var isWhole = false
        let info = unsafe pkcs8.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, buffer.count)
            isWhole = unsafe cursor == buffer.baseAddress.map { unsafe $0 + buffer.count }
            return unsafe info
        }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        guard isWhole, let info = unsafe info, let key = unsafe EVP_PKCS82PKEY(info) else {
            ERR_clear_error()
            throw SigningError(.malformedPrivateKey, "the PEM block holds no private key (PKCS#8) that can be read")
        }
        unsafe self.init(taking: key)
    }

    /// Reads an EncryptedPrivateKeyInfo.
    fileprivate convenience init(encrypted: [UInt8], _ passphrase: [UInt8]) throws(SigningError) {
        var isWhole = false
        let sealed = unsafe encrypted.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            let sealed = unsafe d2i_X509_SIG(nil, &cursor, buffer.count)
            isWhole = unsafe cursor == buffer.baseAddress.map { unsafe $0 + buffer.count }
            return unsafe sealed
        }
        defer { unsafe X509_SIG_free(sealed) }
        guard isWhole, let sealed = unsafe sealed else {
            ERR_clear_error()
            throw SigningError(.malformedPrivateKey, "the PEM block holds no encrypted private key that can be read")
        }
        guard unsafe CShims_pbes2_is_bounded(sealed, PrivateKey.iterationLimit) == 1 else {
            ERR_clear_error()
            throw SigningError(
                .encryption,
                "the private key is not encrypted by PBES2 with PBKDF2 of at most \(PrivateKey.iterationLimit) rounds "
                    + "or scrypt: encrypt it anew with openssl pkcs8 -topk8 -in FILE -out NEW-FILE")
        }
        let info = unsafe passphrase.withUnsafeBytes { bytes in
            unsafe PKCS8_decrypt(
                sealed, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        guard let info = unsafe info, let key = unsafe EVP_PKCS82PKEY(info) else {
            ERR_clear_error()
            throw SigningError(.wrongPassphrase, "the passphrase does not open the private key")
        }
        unsafe self.init(taking: key)
    }

    fileprivate func pkcs8() throws(SigningError) -> [UInt8] {
        try unsafe withKey { (key) throws(SigningError) in
            let info = unsafe EVP_PKEY2PKCS8(key)
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            guard let info = unsafe info else { throw KeyHandle.failure("write a private key") }
            var output: UnsafeMutablePointer<UInt8>?
            let count = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &output)
            return try unsafe KeyHandle.copy(freeing: output, count: count)
        }
    }

    fileprivate func encrypted(_ passphrase: [UInt8]) throws(SigningError) -> [UInt8] {
        try unsafe withKey { (key) throws(SigningError) in
            let info = unsafe EVP_PKEY2PKCS8(key)
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            let sealed = unsafe passphrase.withUnsafeBytes { bytes in
                // Without a salt given, 16 random bytes are drawn.
                unsafe PKCS8_encrypt(
                    NID_hmacWithSHA256, EVP_aes_256_cbc(), bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(bytes.count), nil, 16, PrivateKey.iterationCount, info)
            }
            defer { unsafe X509_SIG_free(sealed) }
            guard let sealed = unsafe sealed else { throw KeyHandle.failure("encrypt a private key") }
            var output: UnsafeMutablePointer<UInt8>?
            let count = unsafe i2d_X509_SIG(sealed, &output)
            return try unsafe KeyHandle.copy(freeing: output, count: count)
        }
    }

    private static func copy(
        freeing output: UnsafeMutablePointer<UInt8>?, count: Int32
    ) throws(SigningError) -> [UInt8] {
        guard count > 0, let output = unsafe output else { throw failure("write a private key") }
        defer { unsafe CRYPTO_clear_free(output, Int(count), #file, #line) }
        return unsafe Array(UnsafeBufferPointer(start: output, count: Int(count)))
    }
}
