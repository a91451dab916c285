internal import EventLog
internal import Glibc
internal import Threading
internal import Verifying

/// Calls that take long, on a thread of the pool.
enum BlockingCall {
    static func run<R: Sendable, E: Error>(_ body: @escaping @Sendable () throws(E) -> R) async throws(E) -> R {
        try await BlockingPool.shared.run(body)
    }
}

extension Verifier {
    /// A verifier of the same ledger that may run while it is written to.
    ///
    /// Without a reader's place, which needs permission to write the lock file, it still reads a ledger that is at
    /// rest.
    func pinnedIfPossible() -> Verifier {
        // On a file system that is mounted read-only LMDB opens without a lock file, and a place would protect nothing.
        guard unsafe access("\(directory)/lock.mdb", W_OK) == 0, let pin = try? ReaderPin(directory: directory) else {
            return self
        }
        return pinned(by: { pin.withPinned($0) })
    }
}
