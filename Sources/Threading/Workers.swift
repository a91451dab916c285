/// Runs numbered pieces of work on several threads.
public enum Workers {
    private struct State<R: Sendable, E: Error>: Sendable {
        var next = 0
        var running: Int
        var results: [R?]
        var failure: E?
    }

    /// The results of `body` for 0 ..< count, in order. Blocks. After a piece throws no further one is begun, and its
    /// error is thrown.
    public static func map<R: Sendable, E: Error>(
        _ count: Int, _ workerCount: Int, _ body: @escaping @Sendable (Int) throws(E) -> R
    ) throws(E) -> [R] {
        let workerCount = max(1, min(count, workerCount))
        let state = Monitor(State<R, E>(running: workerCount, results: Array(repeating: nil, count: count)))
        for _ in 0..<workerCount {
            DedicatedThread.start {
                while let number = take(state, count) {
                    do throws(E) {
                        let result = try body(number)
                        state.withLock { $0.results[number] = result }
                    } catch {
                        state.withLock { $0.failure = $0.failure ?? error }
                    }
                }
                state.change { $0.running -= 1 }
            }
        }
        let finished = state.wait { $0.running == 0 ? $0 : nil }
        if let failure = finished.failure { throw failure }
        return finished.results.map { result in
            guard let result else { preconditionFailure("a piece of work has neither a result nor an error") }
            return result
        }
    }

    private static func take<R, E>(_ state: Monitor<State<R, E>>, _ count: Int) -> Int? {
        state.withLock { state in
            guard state.failure == nil, state.next < count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }
}
