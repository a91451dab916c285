internal import EventFormat
internal import Glibc
internal import StoreFormat
internal import Threading

/// The one thread of the process that writes to the log (L2), and the queue before it.
///
/// Callers hand over a request and a completion. The thread takes all requests that wait, decides on each, commits
/// them together and only then completes them: while a commit is being flushed the next group gathers, and a lone
/// caller waits for nobody.
final class LogWriter: Sendable {
    typealias Completion = @Sendable (Result<[AppendedEvent], LogError>) -> Void

    struct Pending: Sendable {
        let request: AppendRequest
        let complete: Completion
    }

    struct Queue: Sendable {
        var pending: [Pending] = []
        var isStopping = false
        var hasEnded = false
    }

    /// A group takes requests until it has this many bytes of payload; at least one.
    static let groupByteCount = 16 << 20

    /// How long the callers of the last group are waited for: a fraction of what a commit takes.
    static let gatheringMicroseconds: UInt32 = 100

    let queue = Monitor(Queue())

    /// Starts the thread.
    init(_ context: WriterContext) {
        let queue = queue
        DedicatedThread.start {
            var loop = WriterLoop(context)
            var lastCount = 0
            while let group = LogWriter.take(from: queue, after: lastCount) {
                loop.record(group)
                lastCount = group.count
            }
            queue.change { $0.hasEnded = true }
        }
    }

    /// Queues a request. `complete` is called once, on the writer's thread; it must not block.
    func submit(_ request: AppendRequest, _ complete: @escaping Completion) {
        let accepted = queue.change { queue in
            guard !queue.isStopping else { return false }
            queue.pending.append(Pending(request: request, complete: complete))
            return true
        }
        if !accepted { complete(.failure(LogError(.closed, "the ledger is closed; nothing was recorded"))) }
    }

    /// Records what is queued, then ends the thread; returns when it has ended.
    func stop() {
        queue.change { $0.isStopping = true }
        queue.wait { $0.hasEnded ? () : nil }
    }

    /// Waits for requests; nil when the writer stops and none is left.
    ///
    /// Callers that shared the last commit are about to come back together: unless they are there, they get a moment,
    /// so that they share the next one too. A lone caller, whose last group was of one, is not kept waiting.
    private static func take(from queue: Monitor<Queue>, after lastCount: Int) -> [Pending]? {
        if lastCount > 1, queue.withLock({ $0.pending.count < lastCount && !$0.isStopping }) {
            usleep(LogWriter.gatheringMicroseconds)
        }
        return queue.wait { queue -> [Pending]?? in
            if queue.pending.isEmpty { return queue.isStopping ? .some(nil) : nil }
            var byteCount = 0
            let end = queue.pending.firstIndex { pending in
                defer { byteCount += pending.request.envelopes.count }
                return byteCount >= LogWriter.groupByteCount
            }
            let count = max(1, end ?? queue.pending.count)
            let group = Array(queue.pending.prefix(count))
            queue.pending.removeFirst(count)
            return .some(group)
        }
    }
}

/// What the writer's thread works with.
struct WriterContext: Sendable {
    let path: String
    let gate: EnvironmentGate
    let clock: @Sendable () -> Timestamp
    /// Opens the environment again after a disk error.
    let reopen: @Sendable () throws(LogError) -> EnvironmentBox
    /// Called after each commit with the new size.
    let committed: @Sendable (UInt64) -> Void
}

/// Carries a noncopyable environment out of a closure.
struct EnvironmentBox: ~Copyable {
    var environment: Environment
}
