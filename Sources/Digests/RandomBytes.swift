internal import CCrypto
internal import Glibc
internal import Synchronization

/// Bytes from libcrypto's generator (RAND_bytes), for payload salts and identifiers.
///
/// All functions trap when the generator cannot be seeded: a ledger must not write guessable salts (promise 8). Few
/// bytes at a time are taken from some that were made together: a call of the generator takes as long for sixteen
/// bytes as for a thousand.
public enum RandomBytes {
    /// `count` fresh random bytes.
    public static func make(count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        guard count <= RandomPool.largestTake else { return generate(count) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        append(count: count, to: &bytes)
        return bytes
    }

    /// Appends `count` fresh random bytes to `bytes`; `count` is at most 64.
    public static func append(count: Int, to bytes: inout [UInt8]) {
        precondition(count <= RandomPool.largestTake, "so many random bytes are not taken at a time")
        pool.withLock { pool in
            for position in pool.take(count) { bytes.append(pool.bytes[position]) }
            pool.clear(count)
        }
    }

    /// A fresh random number.
    public static func word() -> UInt64 {
        pool.withLock { pool in
            let range = pool.take(8)
            let word: UInt64 = pool.bytes.span.bigEndian(at: range.lowerBound)
            pool.clear(8)
            return word
        }
    }

    private static let pool: Mutex<RandomPool> = {
        _ = pthread_atfork(nil, nil) { RandomPool.forks.add(1, ordering: .relaxed) }
        return Mutex(RandomPool())
    }()

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

    /// How often the process was forked, counted in the child: its copy of the bytes is worthless.
    static let forks = Atomic(0)

    private(set) var bytes: [UInt8] = []
    /// The count of forks when they were made.
    private var generation = 0

    /// Where `count` bytes lie that are given out now; ``clear(_:)`` must follow.
    mutating func take(_ count: Int) -> Range<Int> {
        let forks = RandomPool.forks.load(ordering: .relaxed)
        if bytes.count < count || generation != forks {
            (bytes, generation) = (RandomBytes.generate(RandomPool.byteCount), forks)
        }
        return bytes.count - count..<bytes.count
    }

    /// Forgets the last `count` bytes.
    mutating func clear(_ count: Int) {
        for position in bytes.count - count..<bytes.count { bytes[position] = 0 }
        bytes.removeLast(count)
    }
}
