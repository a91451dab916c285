package import Contents
internal import Synchronization
internal import Threading

/// An append-only log of hash-chained entries in one LMDB file, used by any number of threads and processes at once.
///
/// The module's face. Every call may block on the disk: call it from threads that may wait, never from Swift's
/// cooperative pool. `append` alone returns at once and completes on the writer's thread.
///
/// Which errors mean what: ``LogError``. What is stored, and its invariants: ``StoreLayout``. LMDB's own rules:
/// ``Environment``.
public final class EventLog: Sendable {
    /// The directory.
    public let path: String
    let core: LogCore
    private let isOpen = Mutex(true)
    /// Whether this handle was opened for reading only; another one of the process may write through the same core.
    package let isReadOnly: Bool

    /// Opens the log in the directory `path` and checks its end. Throws ``LogError``.
    public init(opening path: String, options: LogOptions = LogOptions()) throws(LogError) {
        self.path = path
        isReadOnly = options.readOnly
        core = try LogRegistry.shared.acquire(path, options)
    }

    /// Closes on a thread of its own: the last reference may go on any thread, which must not wait for the disk.
    deinit {
        guard isOpen.withLock({ $0 }) else { return }
        core.watcher.cancelAll(of: ObjectIdentifier(self))
        DedicatedThread.start { [core] in LogRegistry.shared.release(core) }
    }

    /// The contents that payloads name.
    package var contents: ContentStore { ContentStore(ledger: path) }

    /// Waits for what is queued to be recorded, then closes this handle. Later calls throw ``LogError/Code/closed``.
    public func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard wasOpen else { return }
        core.watcher.cancelAll(of: ObjectIdentifier(self))
        LogRegistry.shared.release(core)
    }

    /// Queues an append. `complete` is called once, when all of the events are durable or none is recorded (promises
    /// 1–4); it must not block. Verifies the append's signature before it returns.
    public func append(
        _ request: AppendRequest, _ complete: @escaping @Sendable (Result<[AppendedEvent], LogError>) -> Void
    ) {
        guard isOpen.withLock({ $0 }) else {
            return complete(.failure(LogError(.closed, "the ledger is closed; nothing was recorded")))
        }
        guard !isReadOnly, let writer = core.writer else {
            return complete(.failure(LogError(.readOnly, "\(path) was opened for reading only; nothing was recorded")))
        }
        request.look(for: contents)
        if let trust = core.trust.last { request.prepare(under: trust) }
        writer.submit(request, complete)
        request.owed?.run()
    }

    /// Appends and waits. For threads that may block.
    public func append(_ request: AppendRequest) throws(LogError) -> [AppendedEvent] {
        let answer = Monitor<Result<[AppendedEvent], LogError>?>(nil)
        append(request) { result in answer.change { $0 = result } }
        return try answer.wait { $0 }.get()
    }

    /// Calls `resume` once when the log has more than `size` entries, whichever process records them, or when this
    /// handle closes; returns what ``cancelNotification(_:)`` takes.
    public func notify(beyond size: UInt64, _ resume: @escaping @Sendable () -> Void) -> UInt64 {
        let id = core.watcher.notify(beyond: size, owner: ObjectIdentifier(self), resume)
        if !isOpen.withLock({ $0 }) { core.watcher.cancel(id) }
        return id
    }

    /// Calls a waiting `resume` at once.
    public func cancelNotification(_ id: UInt64) {
        core.watcher.cancel(id)
    }

    /// Calls `body` with a view of the store as of its last commit.
    func read<R>(_ body: (borrowing ReadTransaction) throws(LogError) -> R) throws(LogError) -> R {
        guard isOpen.withLock({ $0 }) else { throw LogError(.closed, "the ledger is closed") }
        return try core.gate.read(body)
    }
}
