internal import CCrypto

/// Bytes from libcrypto's generator (RAND_bytes), for payload salts and identifiers.
public enum RandomBytes {
    /// `count` fresh random bytes.
    ///
    /// Traps when the generator cannot be seeded: a ledger must not write guessable salts (promise 8).
    public static func make(count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let status = unsafe RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(status == 1, "the system's random generator gave no bytes")
            initialized = count
        }
    }
}
