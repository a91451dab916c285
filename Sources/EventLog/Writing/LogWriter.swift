internal import EventFormat
internal import Threading

/// The threads of the process that write to the log, and the queue before them.
///
/// Callers hand over a request and a completion. One thread takes the requests that wait, decides on them and encodes
/// them; then it waits for its turn, commits them together in a transaction of its own (L2), and completes them. The
/// other thread does the same with the next group, and so makes it while this one is being flushed. A lone caller has
/// one thread at a time and waits for nobody.
final class LogWriter: Sendable {
    typealias Completion = @Sendable (Result<[AppendedEvent], LogError>) -> Void

    struct Pending: Sendable {
        let request: AppendRequest
        let complete: Completion
    }

    struct Queue: Sendable {
        var pending: [Pending] = []
        var isStopping = false
        /// What a thread needs to commit; nil while one of them does.
        var turn: WriterTurn? = WriterTurn()
        /// How many groups more are not made ahead, for another process has written, whose commits would spoil them,
        /// and are offered to it.
        var groupsInTurn = 0
        /// How many requests of the group that is being committed, or was last.
        var lastCount = 0
        /// At how many waiting requests the thread that gathers is woken.
        var wakeCount = 1
        /// Whether a thread waits for its turn.
        var isTurnAwaited = false
        var runningThreads = LogWriter.threadCount
    }

    /// A group takes requests until it has this weight; at least one.
    static let groupWeight = 16 << 20

    static let threadCount = 2

    let queue = Monitor(Queue())
    /// What the next group is made on; nil while a thread makes one.
    let base = Monitor<GroupBase?>(GroupBase())

    /// Starts the threads.
    init(_ context: WriterContext) {
        let (queue, base) = (queue, base)
        for _ in 0..<LogWriter.threadCount {
            DedicatedThread.start {
                DedicatedThread.usePreciseTimers()
                WriterThread(context: context, queue: queue, base: base).run()
                queue.change { $0.runningThreads -= 1 }
            }
        }
    }

    /// Queues a request. `complete` is called once, on a thread of the writer's; it must not block.
    func submit(_ request: AppendRequest, _ complete: @escaping Completion) {
        let (accepted, mustWake) = queue.withLock { queue in
            guard !queue.isStopping else { return (false, false) }
            queue.pending.append(Pending(request: request, complete: complete))
            return (true, queue.pending.count == queue.wakeCount)
        }
        if mustWake { queue.wake() }
        if !accepted { complete(.failure(LogError(.closed, "the ledger is closed; nothing was recorded"))) }
    }

    /// Records what is queued, then ends the threads; returns when they have ended.
    func stop() {
        queue.change { $0.isStopping = true }
        queue.wait { $0.runningThreads == 0 ? () : nil }
        queue.change { $0.turn?.board = nil }
    }
}

extension LogWriter.Queue {
    /// Takes the requests that wait, oldest first, while the weight of a group that they are added to allows it.
    mutating func take(_ weight: inout Int) -> [LogWriter.Pending] {
        var count = 0
        while count < pending.count, weight < LogWriter.groupWeight {
            weight += pending[count].request.weight
            count += 1
        }
        guard count < pending.count else {
            defer { pending = [] }
            return pending
        }
        defer { pending.removeFirst(count) }
        return Array(pending.prefix(count))
    }
}

/// What the writer's threads work with.
struct WriterContext: Sendable {
    let path: String
    /// The data file.
    let file: FileIdentity
    /// Whether processes commit together.
    let sharesCommits: Bool
    let gate: EnvironmentGate
    let room: RoomAhead
    let clock: @Sendable () -> Timestamp
    /// At most how many entries a commit leaves out of the index tables.
    let recentCount: Int
    /// The ledger's keys and policy as last seen.
    let trust: TrustCache
    /// Opens the environment again after a disk error.
    let reopen: @Sendable () throws(LogError) -> EnvironmentBox
    /// Called after each commit with the new size.
    let committed: @Sendable (UInt64) -> Void
}

/// Carries a noncopyable environment out of a closure.
struct EnvironmentBox: ~Copyable {
    var environment: Environment
}

/// What the thread whose turn it is to commit must know of the commits before.
struct WriterTurn: Sendable {
    /// What this process's own commits have made durable, and those that others have answered for. What stands behind
    /// it may be another process's that died before its flush, or a commit whose flush failed.
    var durableSize: UInt64 = 0
    var mustReopen = false
    /// Whether the base that was given on is what was committed.
    var baseHolds = true
    /// Whether the commit found that another process had written.
    var metOthers = false
    /// Where processes meet; nil until another one was met, and when it cannot be used.
    var board: OfferBoard?
    /// How many groups more do not look for the board.
    var groupsUntilLook = 0
    var commitCount = 0
}
