public import Digests
public import EventLog
public import Merkle

extension Ledger {
    /// The number of entries recorded.
    public func size() async throws(LedgerError) -> UInt64 {
        try await run { log throws(LedgerError) in try log.size() }
    }

    /// The number of entries recorded at or before `time`: reading below it shows what was known then. O(log n).
    public func size(asOf time: Timestamp) async throws(LedgerError) -> UInt64 {
        try await run { log throws(LedgerError) in try log.size(asOf: time) }
    }

    /// The entry `index`. Throws `outOfRange` when it is not recorded.
    public func event(at index: EntryIndex) async throws(LedgerError) -> RecordedEvent {
        try await run { log throws(LedgerError) in try log.event(at: index) }
    }

    /// The event `id`, nil when it is not recorded.
    public func event(id: EventID) async throws(LedgerError) -> RecordedEvent? {
        try await run { log throws(LedgerError) in
            guard let index = try log.index(of: id) else { return nil }
            return try log.event(at: index)
        }
    }

    /// Where the event `id` is recorded, nil when it is not.
    public func index(of id: EventID) async throws(LedgerError) -> EntryIndex? {
        try await run { log throws(LedgerError) in try log.index(of: id) }
    }

    /// The revision of the newest entry of `stream`, below the index `end` if given; nil when there is none.
    public func head(of stream: StreamName, below end: EntryIndex? = nil) async throws(LedgerError) -> Revision? {
        try await run { log throws(LedgerError) in try log.head(of: stream, below: end) }
    }

    /// Entries from `start` on that `filter` admits, one page: see
    /// ``EventLog/EventLog/page(from:below:limit:filter:withPayloads:)``.
    public func page(
        from start: EntryIndex, below end: EntryIndex? = nil, limit: Int = 1024, filter: EntryFilter = .all,
        withPayloads: Bool = true
    ) async throws(LedgerError) -> LogPage {
        try await run { log throws(LedgerError) in
            try log.page(from: start, below: end, limit: limit, filter: filter, withPayloads: withPayloads)
        }
    }

    /// Folds the entries from `start` on, below `end`, into `state`, in order: counts, sums and searches over many
    /// entries, without making values of them.
    ///
    /// ```swift
    /// let refusals = try await ledger.scan(into: 0) { count, entry, bytes in
    ///     if entry.matches(entry.type, refused, in: bytes) { count += 1 }   // refused: Array("decision.refused".utf8)
    /// }
    /// ```
    ///
    /// `body` runs on a thread that may block. See ``EventLog/EventLog/scan(from:below:_:)``.
    public func scan<State: Sendable>(
        from start: EntryIndex = 0, below end: EntryIndex? = nil, into state: State,
        _ body: @escaping @Sendable (_ state: inout State, _ entry: EntryLayout, _ bytes: Span<UInt8>) -> Void
    ) async throws(LedgerError) -> State {
        try await run { log throws(LedgerError) in
            var state = state
            try log.scan(from: start, below: end) { entry, bytes in
                body(&state, entry, bytes)
                return true
            }
            return state
        }
    }

    /// Entries of `stream`, one page: see ``EventLog/EventLog/page(of:from:direction:below:limit:withPayloads:)``.
    public func page(
        of stream: StreamName, from start: Revision? = nil, direction: ReadDirection = .forwards,
        below end: EntryIndex? = nil, limit: Int = 512, withPayloads: Bool = true
    ) async throws(LedgerError) -> StreamPage {
        try await run { log throws(LedgerError) in
            try log.page(
                of: stream, from: start, direction: direction, below: end, limit: limit, withPayloads: withPayloads)
        }
    }

    /// Streams in the order of their names' bytes, from `name` on.
    public func streams(from name: StreamName? = nil, limit: Int = 1000) async throws(LedgerError) -> [StreamSummary] {
        try await run { log throws(LedgerError) in try log.streams(from: name, limit: limit) }
    }

    /// Size, root, streams and time of the last entry. O(log n).
    public func summary() async throws(LedgerError) -> LogSummary {
        try await run { log throws(LedgerError) in try log.summary() }
    }

    /// The root of the Merkle tree over the first `size` entries; nil: over all. O(log n).
    public func root(size: TreeSize? = nil) async throws(LedgerError) -> (size: TreeSize, root: Digest) {
        try await run { log throws(LedgerError) in try log.root(size: size) }
    }

    /// A proof that the entry `index` is in the tree of the first `size` entries; nil: of all. O(log n).
    public func inclusionProof(of index: EntryIndex, size: TreeSize? = nil) async throws(LedgerError) -> InclusionProof
    {
        try await run { log throws(LedgerError) in try log.inclusionProof(of: index, size: size) }
    }

    /// A proof that the first `first` entries are a prefix of the first `second` ones; nil: of all. O(log n).
    public func consistencyProof(
        from first: TreeSize, to second: TreeSize? = nil
    ) async throws(LedgerError) -> ConsistencyProof {
        try await run { log throws(LedgerError) in try log.consistencyProof(from: first, to: second) }
    }

    /// Copies the ledger into the directory `path` while appends go on, or brings an earlier copy up to date.
    /// Contents are copied behind the entries, so that none is missing that they name. See
    /// ``EventLog/EventLog/copy(to:_:)``; `progress` is called on a thread that may block.
    @discardableResult
    public func backup(
        to path: String, _ progress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) async throws(LedgerError) -> UInt64 {
        var added: UInt64 = 0
        while true {
            added += try await run { log throws(LedgerError) in try log.copy(to: path, progress) }
            let size = try await run { _ throws(LedgerError) in try EventLog.size(ofCopy: path) }
            let history = try await keyHistory()
            try await copyContents(to: path, below: size, history)
            try await removePayloads(inCopy: path, below: size, history)
            // What was removed meanwhile is missing of the copy until it has the event that says so.
            let newest = try await keyHistory().newestRemoval
            guard let newest, newest.rawValue >= size else { return added }
        }
    }
}
