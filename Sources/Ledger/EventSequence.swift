internal import Threading

/// Entries in order, read as they are asked for: a slow reader holds back the reading, not the ledger.
///
/// Each iterator reads on its own. Errors are ``LedgerError``.
public struct EventSequence: AsyncSequence, Sendable {
    public typealias Element = RecordedEvent
    public typealias Failure = LedgerError

    /// Reads the next part; nil when there is no more.
    typealias Fetch = @Sendable (EventLog, inout Position) throws(LedgerError) -> [RecordedEvent]?

    /// Where an iterator is.
    struct Position: Sendable {
        var index: EntryIndex = 0
        var revision: Revision?
        var isAtEnd = false
        /// Whether the sequence goes on with new entries, and so ends only when its task is cancelled.
        var isEndless = false
        /// The size to be passed before there is more; set by a fetch that wants to wait.
        var awaitedSize: UInt64?
    }

    let ledger: Ledger
    let start: Position
    let fetch: Fetch

    public func makeAsyncIterator() -> Iterator {
        Iterator(ledger: ledger, position: start, fetch: fetch)
    }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        let ledger: Ledger
        var position: Position
        let fetch: Fetch
        private var buffer: [RecordedEvent] = []
        private var next = 0

        init(ledger: Ledger, position: Position, fetch: @escaping Fetch) {
            self.ledger = ledger
            self.position = position
            self.fetch = fetch
        }

        public mutating func next() async throws(LedgerError) -> RecordedEvent? {
            while next == buffer.count {
                guard try await refill() else { return nil }
            }
            defer { next += 1 }
            return buffer[next]
        }

        /// Reads on; false at the end, which for an endless sequence is when its task is cancelled.
        private mutating func refill() async throws(LedgerError) -> Bool {
            guard !position.isAtEnd else { return false }
            if Task.isCancelled {
                if position.isEndless { return false }
                throw LedgerError(.cancelled, "the reading was cancelled before it was complete")
            }
            if let size = position.awaitedSize {
                await ledger.growth(beyond: size)
                guard !Task.isCancelled else { return false }
            }
            let fetch = fetch
            let before = position
            let (part, after) = try await ledger.run { log throws(LedgerError) in
                var position = before
                let part = try fetch(log, &position)
                return (part, position)
            }
            position = after
            buffer = part ?? []
            next = 0
            return part != nil
        }
    }
}

extension Ledger {
    /// All entries from `start` on, below `end`, that `filter` admits. Without `end`, those recorded when the reading
    /// begins to reach them.
    public func events(
        from start: EntryIndex = 0, below end: EntryIndex? = nil, filter: EntryFilter = .all
    ) -> EventSequence {
        EventSequence(ledger: self, start: .init(index: start)) { log, position throws(LedgerError) in
            let page = try log.page(from: position.index, below: end, limit: 1024, filter: filter)
            position.index = page.next
            position.isAtEnd = page.next.rawValue >= min(page.size, end?.rawValue ?? .max)
            return page.events
        }
    }

    /// The entries of `stream` from the revision `start` on, in `direction`; `end` hides entries from that index on.
    public func events(
        of stream: StreamName, from start: Revision? = nil, direction: ReadDirection = .forwards,
        below end: EntryIndex? = nil
    ) -> EventSequence {
        EventSequence(ledger: self, start: .init(revision: start)) { log, position throws(LedgerError) in
            let page = try log.page(
                of: stream, from: position.revision, direction: direction, below: end, limit: 512)
            position.revision = page.next
            position.isAtEnd = page.next == nil
            return page.events
        }
    }

    /// The entries from `start` on that `filter` admits, and then each new one as it is recorded, by whichever
    /// process: no gap, none twice.
    ///
    /// Never ends by itself; cancel the task to end it. A new entry arrives within milliseconds; waiting costs next to
    /// no processor time.
    public func follow(from start: EntryIndex = 0, filter: EntryFilter = .all) -> EventSequence {
        EventSequence(ledger: self, start: .init(index: start, isEndless: true)) { log, position throws(LedgerError) in
            let page = try log.page(from: position.index, limit: 1024, filter: filter)
            position.index = max(position.index, page.next)
            position.awaitedSize = page.next.rawValue >= page.size ? position.index.rawValue : nil
            return page.events
        }
    }

    /// The entries of `stream` from the revision `start` on, and then each new one, as ``follow(from:filter:)`` does
    /// for the whole ledger.
    public func follow(_ stream: StreamName, from start: Revision = 0) -> EventSequence {
        EventSequence(ledger: self, start: .init(revision: start, isEndless: true)) {
            log, position throws(LedgerError) in
            let size = try log.size()
            let page = try log.page(of: stream, from: position.revision, limit: 512)
            if let last = page.events.last { position.revision = Revision(last.revision.rawValue + 1) }
            position.awaitedSize = page.next == nil ? size : nil
            return page.events
        }
    }

    /// Returns soon after the ledger has more than `size` entries, or when the task is cancelled or the ledger closes.
    public func growth(beyond size: UInt64) async {
        let wait = GrowthWait(log)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait.begin(beyond: size) { continuation.resume() }
            }
        } onCancel: {
            wait.cancel()
        }
    }
}

/// One wait for growth, which may be cancelled before, while or after it begins.
private final class GrowthWait: Sendable {
    private struct State: Sendable {
        var id: UInt64?
        var isCancelled = false
    }

    private let log: EventLog
    private let state = Monitor(State())

    init(_ log: EventLog) {
        self.log = log
    }

    func begin(beyond size: UInt64, _ resume: @escaping @Sendable () -> Void) {
        let id = log.notify(beyond: size, resume)
        let isCancelled = state.withLock { state in
            state.id = id
            return state.isCancelled
        }
        if isCancelled { log.cancelNotification(id) }
    }

    func cancel() {
        let id = state.withLock { state in
            state.isCancelled = true
            return state.id
        }
        if let id { log.cancelNotification(id) }
    }
}
