internal import Glibc
internal import Threading

/// The connections of a server: which are late, and how many requests are under way.
///
/// libmicrohttpd closes a connection on which nothing comes. One that sends a byte now and then would stay for ever, so
/// a thread looks for those that are over their time, and shuts them down.
///
/// Each entry has a descriptor of its own for its socket, which is closed when the entry is removed: it can never be
/// another connection's.
final class Connections: Sendable {
    private struct Entry {
        let socket: Int32
        /// nil while the handler works.
        var deadline: ContinuousClock.Instant?
    }

    private struct State: Sendable {
        var entries: [UInt: Entry] = [:]
        var requestCount = 0
        var isStopping = false
        var hasEnded = false
    }

    private let time: Duration
    private let state = Monitor(State())

    init(seconds: Int) {
        time = .seconds(seconds)
    }

    /// Whether answers are to be the last on their connections.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    // MARK: - Told by the server's threads

    /// A connection has begun. The entry takes over the descriptor `socket`, -1 for none.
    func opened(_ connection: UInt, socket: Int32) {
        state.withLock { $0.entries[connection] = Entry(socket: socket, deadline: .now + time) }
    }

    func closed(_ connection: UInt) {
        state.withLock { state in
            if let entry = state.entries.removeValue(forKey: connection) { _ = close(entry.socket) }
        }
    }

    /// The head of a request has come.
    func began() {
        state.withLock { $0.requestCount += 1 }
    }

    /// A request has come whole.
    func working(_ connection: UInt) {
        state.withLock { $0.entries[connection]?.deadline = nil }
    }

    /// Its answer is ready.
    func answering(_ connection: UInt) {
        state.withLock { $0.entries[connection]?.deadline = .now + time }
    }

    /// The answer has been sent, or the connection is lost.
    func finished(_ connection: UInt) {
        state.change { state in
            state.requestCount -= 1
            state.entries[connection]?.deadline = .now + time
        }
    }

    // MARK: - Stopping

    /// Returns when no request is under way, or after `seconds`.
    func drain(seconds: Int) {
        state.change { $0.isStopping = true }
        _ = state.wait(microseconds: seconds * 1_000_000) { $0.requestCount == 0 ? true : nil }
    }

    /// All connections are closed: nobody watches any more.
    func end() {
        state.change { $0.hasEnded = true }
    }

    // MARK: - Watching

    /// Starts the thread that looks for connections over their time, every quarter of it or every second.
    func watch() {
        let pause = Int(min(time / 4, .seconds(1)) / .microseconds(1))
        DedicatedThread.start { [self] in
            while state.wait(microseconds: pause, { $0.hasEnded ? true : nil }) == nil { shutDownLate() }
        }
    }

    private func shutDownLate() {
        let now = ContinuousClock.now
        state.withLock { state in
            for (connection, entry) in state.entries {
                guard let deadline = entry.deadline, deadline < now, entry.socket >= 0 else { continue }
                // libmicrohttpd then finds the connection at its end and closes it.
                _ = shutdown(entry.socket, Int32(SHUT_RDWR))
                state.entries[connection]?.deadline = nil
            }
        }
    }
}
