internal import CShims

/// Threads for calls that may block, so that async code can await them without holding up Swift's cooperative pool.
///
/// Work runs in the order in which it came, on at most ``threadCount`` threads, which are started when they are first
/// needed and then wait for more.
public final class BlockingPool: Sendable {
    /// The pool of the process. Four threads: reads mostly wait for pages, and a machine's disk answers several at
    /// once.
    public static let shared = BlockingPool(threadCount: 4)

    private struct State: Sendable {
        var work: [@Sendable () -> Void] = []
        /// Threads that run work.
        var busy = 0
        var started = 0
    }

    public let threadCount: Int
    private let state = Monitor(State())

    public init(threadCount: Int) {
        precondition(threadCount > 0, "a pool needs a thread")
        self.threadCount = threadCount
    }

    /// Runs `body` on a thread of the pool and returns its result.
    public func run<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            submit { continuation.resume(returning: body()) }
        }
    }

    /// Runs `body` on a thread of the pool and returns its result or throws its error.
    public func run<R: Sendable, E: Error>(
        _ body: @escaping @Sendable () throws(E) -> R
    ) async throws(E) -> R {
        try await run { () -> Result<R, E> in
            do throws(E) { return .success(try body()) } catch { return .failure(error) }
        }.get()
    }

    private func submit(_ work: @escaping @Sendable () -> Void) {
        let mustStart = state.change { state in
            state.work.append(work)
            guard state.busy + state.work.count > state.started, state.started < threadCount else { return false }
            state.started += 1
            return true
        }
        if mustStart { start() }
    }

    private func start() {
        DedicatedThread.start { [state] in
            while true {
                let work = state.wait { state -> (@Sendable () -> Void)? in
                    guard !state.work.isEmpty else { return nil }
                    state.busy += 1
                    return state.work.removeFirst()
                }
                work()
                state.withLock { $0.busy -= 1 }
            }
        }
    }
}

extension BlockingPool {
    /// The number of processors that this process may use.
    public static var processorCount: Int {
        Int(CShims_processor_count())
    }
}
