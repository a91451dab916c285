internal import Glibc
internal import Synchronization

/// The programs that this process has started and that have not been waited for.
public final class RunningProcesses: Sendable {
    public static let shared = RunningProcesses()

    /// The signal that ends each.
    private let signals = Mutex<[Int32: Int32]>([:])

    func add(_ id: Int32, endedBy signal: Int32) { signals.withLock { $0[id] = signal } }
    func remove(_ id: Int32) { signals.withLock { _ = $0.removeValue(forKey: id) } }

    /// Sends each the signal that ends it.
    public func endAll() {
        signals.withLock { for (id, signal) in $0 { kill(id, signal) } }
    }
}
