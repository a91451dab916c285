internal import Synchronization
internal import Threading

/// An append-only log of hash-chained entries in one LMDB file, used by any number of threads and processes at once.
///
/// The module's face. Every call may block on the disk: call it from threads that may wait, never from Swift's cooperative pool.
/// `append` alone returns at once and completes on the writer's thread.
///
/// Which errors mean what: ``LogError``. What is stored, and its invariants: ``StoreLayout``. LMDB's own rules: ``Environment``.
public final class EventLog: Sendable {
    /// The directory.
    public let path: String
    let core: LogCore
    private let isOpen = Mutex(true)

    /// Opens the log in the directory `path` and checks its end. Throws ``LogError``.
    public init(opening path: String, options: LogOptions = LogOptions()) throws(LogError) {
        self.path = path
        core = try LogRegistry.shared.acquire(path, options)
    }

    deinit {
        close()
    }

    /// Waits for what is queued to be recorded, then closes this handle. Later calls throw ``LogError/Code/closed``.
    public func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { LogRegistry.shared.release(core) }
    }

    /// Queues an append. `complete` is called once, when all of the events are durable or none is recorded (promises 1–4); it must not block.
    public func append(
        _ request: AppendRequest, _ complete: @escaping @Sendable (Result<[AppendedEvent], LogError>) -> Void
    ) {
        guard let writer = core.writer else {
            return complete(.failure(LogError(.readOnly, "\(path) was opened for reading only; nothing was recorded")))
        }
        writer.submit(request, complete)
    }

    /// Appends and waits. For threads that may block.
    public func append(_ request: AppendRequest) throws(LogError) -> [AppendedEvent] {
        let answer = Monitor<Result<[AppendedEvent], LogError>?>(nil)
        append(request) { result in answer.change { $0 = result } }
        return try answer.wait { $0 }.get()
    }

    /// Calls `body` with a view of the store as of its last commit.
    func read<R>(_ body: (borrowing ReadTransaction) throws(LogError) -> R) throws(LogError) -> R {
        guard isOpen.withLock({ $0 }) else { throw LogError(.closed, "the ledger is closed") }
        return try core.gate.read(body)
    }
}
