internal import Synchronization
internal import Threading

/// Tells callers when the log has grown, whichever process has written.
///
/// Commits of this process are announced by its writer. Those of others are seen by a thread that looks at the last
/// transaction's number, which stands in the map, whenever the file has been written to, and only while somebody waits.
final class HeadWatcher: Sendable {
    /// Between two looks where the system tells of writes: for those that it does not see.
    static let watchedIntervalMilliseconds: Int32 = 100
    /// Between two looks where it does not.
    static let unwatchedIntervalMilliseconds: Int32 = 7

    private struct Waiter: Sendable {
        let size: UInt64
        /// The handle that waits.
        let owner: ObjectIdentifier
        let resume: @Sendable () -> Void
    }

    private struct State: Sendable {
        var waiters: [UInt64: Waiter] = [:]
        var nextID: UInt64 = 0
        /// Somebody has begun to wait since the last look: the log may have grown before.
        var hasNewcomer = false
        var isStopping = false
        var isRunning = false
    }

    private let gate: EnvironmentGate
    private let signal: FileSignal
    private let state = Monitor(State())

    /// `path`: the data file.
    init(_ gate: EnvironmentGate, path: String) {
        self.gate = gate
        signal = FileSignal(path: path)
    }

    /// Calls `resume` once, soon after the log has more than `size` entries, or when `owner` or the watcher stops.
    /// Returns what ``cancel(_:)`` takes.
    ///
    /// The caller looks at the size again afterwards: being called is a hint.
    func notify(
        beyond size: UInt64, owner: ObjectIdentifier, _ resume: @escaping @Sendable () -> Void
    ) -> UInt64 {
        let (id, mustStart, isStopping) = state.change { state in
            state.nextID += 1
            if !state.isStopping {
                state.waiters[state.nextID] = Waiter(size: size, owner: owner, resume: resume)
            }
            state.hasNewcomer = true
            let mustStart = !state.isRunning && !state.isStopping
            if mustStart { state.isRunning = true }
            return (state.nextID, mustStart, state.isStopping)
        }
        if isStopping { resume() }
        signal.wake()
        if mustStart { DedicatedThread.start { [self] in run() } }
        return id
    }

    /// Calls the waiter `id` at once, if it has not been called.
    func cancel(_ id: UInt64) {
        state.change { $0.waiters.removeValue(forKey: id) }?.resume()
    }

    /// Calls all waiters of `owner`, which is closing.
    func cancelAll(of owner: ObjectIdentifier) {
        let due = state.change { state in
            let ids = state.waiters.filter { $0.value.owner == owner }.map(\.key)
            return ids.compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in due { waiter.resume() }
    }

    /// Calls those who wait for less than `size` entries.
    func announce(size: UInt64) {
        let due = state.withLock { state in
            guard !state.waiters.isEmpty else { return [Waiter]() }
            let ids = state.waiters.filter { $0.value.size < size }.map(\.key)
            return ids.compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in due { waiter.resume() }
    }

    /// Calls everybody and ends the thread; returns when it has ended.
    func stop() {
        let rest = state.change { state in
            state.isStopping = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        signal.wake()
        for waiter in rest { waiter.resume() }
        state.wait { $0.isRunning ? nil : () }
    }

    private func run() {
        var seen: UInt64 = 0
        while let hasNewcomer = awaitWaiters() {
            let newest = (try? gate.use { $0.lastTransaction }) ?? seen
            if hasNewcomer || newest != seen { look(&seen, hasNewcomer) }
            if newest > seen {
                // The meta page shows a commit a moment before readers get it.
                state.sleep(milliseconds: 1)
            } else {
                signal.wait(
                    milliseconds: signal.isWatching
                        ? HeadWatcher.watchedIntervalMilliseconds : HeadWatcher.unwatchedIntervalMilliseconds)
            }
        }
        state.change { $0.isRunning = false }
    }

    /// Reads the size and tells it. When that fails, such as while the file is opened again, newcomers still wait for a
    /// look.
    private func look(_ seen: inout UInt64, _ hasNewcomer: Bool) {
        do throws(LogError) {
            let (viewed, size) = try gate.read { view throws(LogError) in (view.id, try view.size()) }
            seen = viewed
            announce(size: size)
        } catch {
            if hasNewcomer { state.withLock { $0.hasNewcomer = true } }
        }
    }

    /// Sleeps until somebody waits, and says whether anybody has just begun to; nil when the watcher stops.
    private func awaitWaiters() -> Bool? {
        state.wait { state -> Bool?? in
            if state.isStopping { return .some(nil) }
            guard !state.waiters.isEmpty else { return nil }
            defer { state.hasNewcomer = false }
            return .some(state.hasNewcomer)
        }
    }
}
