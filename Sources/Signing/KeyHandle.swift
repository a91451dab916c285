internal import CCrypto
internal import Digests

/// A key as libcrypto holds it (EVP_PKEY), public or private; freed, and its private part wiped, with the last
/// reference.
///
/// `@unchecked Sendable` is sound: `key` is set once and the EVP_PKEY is not changed afterwards. libcrypto counts its
/// references atomically and guards what it caches in it, so any number of threads may sign and verify with it, each
/// with a context of its own.
@safe final class KeyHandle: @unchecked Sendable {
    private let key: OpaquePointer

    /// Takes over the one reference to `key`.
    init(taking key: OpaquePointer) {
        unsafe self.key = key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// The public key whose SubjectPublicKeyInfo is `spki`, nil when libcrypto refuses it: then its point is not on the
    /// curve.
    convenience init?(spki: [UInt8]) {
        // The call reads the array during the call only and returns an object of its own.
        let key = unsafe spki.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe d2i_PUBKEY(nil, &cursor, buffer.count)
        }
        guard let key = unsafe key else {
            ERR_clear_error()
            return nil
        }
        unsafe self.init(taking: key)
    }

    /// The public Ed25519 key of 32 bytes.
    convenience init?(ed25519 bytes: [UInt8]) {
        let key = unsafe bytes.withUnsafeBufferPointer { buffer in
            // The call copies the bytes.
            unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, buffer.baseAddress, buffer.count)
        }
        guard let key = unsafe key else {
            ERR_clear_error()
            return nil
        }
        unsafe self.init(taking: key)
    }

    /// Calls `body` with the EVP_PKEY, which it must not keep or free.
    func withKey<R, E: Error>(_ body: (OpaquePointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(key)
    }
}

// MARK: - Signing and verifying

extension KeyHandle {
    /// Whether `signature`, in libcrypto's own form, is right for `message`. False too when libcrypto has no memory.
    func verify(_ signature: Span<UInt8>, over message: Span<UInt8>, hashing: Bool) -> Bool {
        // The context lives for this call; the spans are read during the calls only.
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        let method = unsafe hashing ? EVP_sha256() : nil
        let isReady = unsafe withKey { unsafe EVP_DigestVerifyInit(context, nil, method, nil, $0) == 1 }
        guard isReady else {
            ERR_clear_error()
            return false
        }
        let status = unsafe signature.withUnsafeBufferPointer { proof in
            unsafe message.withUnsafeBufferPointer { text in
                unsafe EVP_DigestVerify(context, proof.baseAddress, proof.count, text.baseAddress, text.count)
            }
        }
        if status != 1 { ERR_clear_error() }
        return status == 1
    }

    /// The signature over `message` in libcrypto's own form, nil when the key cannot sign.
    func sign(_ message: Span<UInt8>, hashing: Bool) -> [UInt8]? {
        guard let context = unsafe EVP_MD_CTX_new() else { return nil }
        defer { unsafe EVP_MD_CTX_free(context) }
        let method = unsafe hashing ? EVP_sha256() : nil
        let isReady = unsafe withKey { unsafe EVP_DigestSignInit(context, nil, method, nil, $0) == 1 }
        guard isReady else {
            ERR_clear_error()
            return nil
        }
        // No signature of either algorithm is longer; the call is told the room and says how much of it it filled.
        var signature = [UInt8](repeating: 0, count: 128)
        var count = signature.count
        let status = unsafe message.withUnsafeBufferPointer { text in
            unsafe EVP_DigestSign(context, &signature, &count, text.baseAddress, text.count)
        }
        guard status == 1, count <= signature.count else {
            ERR_clear_error()
            return nil
        }
        signature.removeLast(signature.count - count)
        return signature
    }
}

// MARK: - Wiping

/// Overwrites `bytes`, which held a secret, and empties it. Copies that were made of the array before stay.
package func wipe(_ bytes: inout [UInt8]) {
    // The call writes the array's own bytes, in a way that the compiler may not leave out.
    unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    bytes.removeAll()
}
