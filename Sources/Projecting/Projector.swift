internal import Digests
public import Ledger
internal import Synchronization
internal import Threading

/// Keeps projections in a SQLite file up with a ledger.
///
/// ```swift
/// let definitions = try Definition.load(["projections"])
/// let projector = try await Projector(ledger: ledger, definitions: definitions, database: "views.sqlite")
/// try await projector.run()
/// ```
///
/// Each projection has its own position; one pass over the ledger moves them all. Rows and position change in one
/// transaction (promise 12), so that after a crash the next run goes on where the rows end. One program at a time
/// writes to a file; any number read it. SQLite's work is done on threads of its own, while the ledger is read ahead by
/// one batch.
public struct Projector: Sendable {
    /// The most events of one transaction. While a ledger is read for the first time, each page of the file that a
    /// transaction touches is written once for many events; behind the end of the ledger a transaction has what was
    /// recorded since the last.
    public static let batchCount = 16_384
    /// About how many bytes of events one transaction has at most, which bounds the memory: 16 MiB.
    static let batchByteCount = 16 << 20

    public let ledger: Ledger
    public let definitions: [Definition]
    /// The SQLite file.
    public let path: String
    private let store: Store

    /// The file, used by one thread at a time.
    private final class Store: Sendable {
        let file: Mutex<ViewFile>
        init(_ file: consuming sending ViewFile) { self.file = Mutex(file) }
    }

    /// Opens or creates the file at `path` and makes it hold `definitions`; what is in it beside them stays as it is.
    ///
    /// A projection whose definition or version changed is made anew: its tables are emptied here and filled by
    /// ``run(_:)``. Throws ``ProjectionError``, among others `otherLedger`, `ledgerOlder` and `ledgerDiffers` when the
    /// rows were made from something else than the first entries of `ledger`: nothing is changed then.
    public init(ledger: Ledger, definitions: [Definition], database path: String) async throws(ProjectionError) {
        try Projector.checkNames(definitions)
        let genesis = ledger.genesis
        store = try await BlockingPool.shared.run { () throws(ProjectionError) in
            Store(try ViewFile(path: path, genesis: genesis))
        }
        self.ledger = ledger
        self.definitions = definitions
        self.path = path
        try await checkLedger()
        try await work { file throws(ProjectionError) in try file.adopt(definitions) }
    }

    private static func checkNames(_ definitions: [Definition]) throws(ProjectionError) {
        var files: [String: String] = [:]
        for definition in definitions {
            if let other = files.updateValue(definition.file, forKey: definition.name) {
                throw .invalid(
                    definition.file, line: 1,
                    "the name \"\(definition.name)\" is that of \(other) too; give each projection its own name")
            }
        }
    }

    private func work<R: Sendable>(
        _ body: @escaping @Sendable (ViewFile) throws(ProjectionError) -> R
    ) async throws(ProjectionError) -> R {
        try await BlockingPool.shared.run { [store] () throws(ProjectionError) in
            try store.file.withLock { file throws(ProjectionError) in try body(file) }
        }
    }

    private static let remedy = "Find out why; then delete the file to build the views again"

    /// Refuses rows that were not made from the ledger's first entries.
    private func checkLedger() async throws(ProjectionError) {
        for state in try await work({ file throws(ProjectionError) in try file.stored() }) {
            guard state.origin == ledger.genesis.origin.text,
                state.incarnation == ledger.genesis.incarnation.description
            else {
                throw ProjectionError(
                    .otherLedger,
                    "\(path) holds views of another ledger, \(state.origin) (\(state.incarnation)), "
                        + "not of \(ledger.genesis.origin) (\(ledger.genesis.incarnation)); choose another file"
                )
            }
            let size = try await Projector.reading { () async throws(LedgerError) in try await ledger.size() }
            guard state.position <= size else {
                throw ProjectionError(
                    .ledgerOlder,
                    "the ledger has \(size) entries, and the view \"\(state.name)\" in \(path) was built from "
                        + "\(state.position): the ledger is older than the view. \(Projector.remedy)"
                )
            }
            let root = try await root(of: state.position)
            guard root.hex == state.root else {
                throw ProjectionError(
                    .ledgerDiffers,
                    "the ledger's first \(state.position) entries have another root than those from which the view "
                        + "\"\(state.name)\" in \(path) was built: the ledger is a different one. \(Projector.remedy)"
                )
            }
        }
    }

    private func root(of size: UInt64) async throws(ProjectionError) -> Digest {
        try await Projector.reading { () async throws(LedgerError) in try await ledger.root(size: TreeSize(size)).root }
    }

    private static func reading<R>(_ body: () async throws(LedgerError) -> R) async throws(ProjectionError) -> R {
        do throws(LedgerError) { return try await body() } catch { throw ProjectionError(error) }
    }
}

// MARK: - Running

extension Projector {
    /// How far a run has come.
    public struct Progress: Hashable, Sendable {
        /// Every projection has applied at least so many entries.
        public let position: UInt64
        /// How many entries the ledger had when it was last looked at.
        public let size: UInt64
        /// How many statements this run has run.
        public let statements: Int
    }

    /// Applies the entries recorded so far and returns where the projections stand. Ends early, between two batches,
    /// when the task is cancelled.
    ///
    /// When an event cannot be applied, its whole batch is undone for all projections and ``ProjectionError`` names
    /// projection, statement, event and remedy; the batches before it stay.
    @discardableResult
    public func run(_ progress: @Sendable (Progress) -> Void = { _ in }) async throws(ProjectionError) -> Progress {
        let (start, filter) = try await work { file throws(ProjectionError) in (file.position, file.filter) }
        let size = try await Projector.reading { () async throws(LedgerError) in try await ledger.size() }
        var state = Progress(position: start, size: size, statements: 0)
        guard start < size, !definitions.isEmpty else { return state }
        var next: EventBatch? = try await read(from: start, below: size, filter)
        while let batch = next, !Task.isCancelled {
            async let following = readAhead(from: batch.end, below: size, filter)
            let count = try await work { file throws(ProjectionError) in try file.apply(batch) }
            state = Progress(position: batch.end, size: size, statements: state.statements + count)
            progress(state)
            next = try await following.get()
        }
        return state
    }

    /// Applies the entries recorded so far, and then new ones as they are recorded, until the task is cancelled; then
    /// it returns. Otherwise as ``run(_:)``.
    public func follow(_ progress: @Sendable (Progress) -> Void = { _ in }) async throws(ProjectionError) {
        while !Task.isCancelled {
            let state = try await run(progress)
            if !Task.isCancelled { await ledger.growth(beyond: state.size) }
        }
    }

    /// Empties the projections `names`, or all of `definitions`, and builds them from the first entry on.
    ///
    /// The rows are gone from the beginning until the run has made them again. Throws `unknownProjection` for a name
    /// without a definition.
    @discardableResult
    public func rebuild(
        _ names: Set<String>? = nil, _ progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws(ProjectionError) -> Progress {
        let known = Set(definitions.map(\.name))
        if let unknown = names?.subtracting(known).min() {
            throw ProjectionError(
                .unknownProjection,
                "there is no projection \"\(unknown)\"; there are \(known.sorted().joined(separator: ", "))")
        }
        let definitions = definitions
        try await work { file throws(ProjectionError) in
            try file.adopt(definitions, rebuilding: names ?? known)
        }
        return try await run(progress)
    }

    private func read(
        from start: UInt64, below end: UInt64, _ filter: EntryFilter
    ) async throws(ProjectionError) -> EventBatch {
        var pages: [[RecordedEvent]] = []
        var next = EntryIndex(start)
        var (eventCount, byteCount) = (0, 0)
        repeat {
            let from = next
            let limit = Projector.batchCount - eventCount
            let page = try await Projector.reading { () async throws(LedgerError) in
                try await ledger.page(from: from, below: EntryIndex(end), limit: limit, filter: filter)
            }
            eventCount += page.events.count
            byteCount += page.events.reduce(0) { $0 + 512 + ($1.envelope?.count ?? 0) }
            pages.append(page.events)
            next = page.next
        } while next.rawValue < end && eventCount < Projector.batchCount && byteCount < Projector.batchByteCount
        return EventBatch(start: start, end: next.rawValue, pages: pages, root: try await root(of: next.rawValue))
    }

    /// As ``read(from:below:_:)``, for a task of its own; nil behind the end.
    private func readAhead(
        from start: UInt64, below end: UInt64, _ filter: EntryFilter
    ) async -> Result<EventBatch?, ProjectionError> {
        guard start < end else { return .success(nil) }
        do throws(ProjectionError) {
            return .success(try await read(from: start, below: end, filter))
        } catch {
            return .failure(error)
        }
    }
}
