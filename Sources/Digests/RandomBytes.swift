internal import CCrypto
internal import Glibc
internal import Synchronization

/// Bytes from libcrypto's generator (RAND_bytes), for payload salts and identifiers.
public enum RandomBytes {
    /// `count` fresh random bytes. Few at a time are taken from some that were made together: a call of the generator
    /// takes as long for sixteen bytes as for a thousand.
    ///
    /// Traps when the generator cannot be seeded: a ledger must not write guessable salts (promise 8).
    public static func make(count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        guard count <= RandomPool.largestTake else { return generate(count) }
        return pool.withLock { $0.take(count) }
    }

    private static let pool = Mutex(RandomPool())

    fileprivate static func generate(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let status = unsafe RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(status == 1, "the system's random generator gave no bytes")
            initialized = count
        }
    }
}

/// Random bytes that were not given out yet. No byte is given out twice, nor kept once it was.
private struct RandomPool {
    static let largestTake = 64
    private static let byteCount = 1024

    private var bytes: [UInt8] = []
    /// The process that made them: a forked child's copy is worthless.
    private var owner: pid_t = 0

    mutating func take(_ count: Int) -> [UInt8] {
        let process = getpid()
        if bytes.count < count || owner != process {
            (bytes, owner) = (RandomBytes.generate(RandomPool.byteCount), process)
        }
        let start = bytes.count - count
        let taken = Array(bytes[start...])
        for position in start..<bytes.count { bytes[position] = 0 }
        bytes.removeLast(count)
        return taken
    }
}
