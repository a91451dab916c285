internal import Digests
internal import EventFormat
internal import EventLog

/// Consecutive entries of a ledger, less those that no projection handles.
struct EventBatch: Sendable {
    /// The first entry's index.
    let start: UInt64
    /// The index behind the last entry.
    let end: UInt64
    /// The entries, as they were read.
    let pages: [[RecordedEvent]]
    /// The root of the ledger's tree of the size `end`.
    let root: Digest
}

extension ViewFile {
    /// The smallest position.
    var position: UInt64 { projections.map(\.position).min() ?? 0 }

    /// What the entries must be of for any projection to handle them.
    var filter: EntryFilter {
        var filter = EntryFilter()
        let categories = projections.map(\.definition.categories)
        if !categories.contains(nil) { filter.categories = Set(categories.compactMap { $0 }.joined()) }
        let types = projections.map(\.exactTypes)
        if !types.contains(nil) { filter.types = Set(types.compactMap { $0 }.joined()) }
        return filter
    }

    /// Applies `batch` to the projections whose position lies in it, all in one transaction; returns how many
    /// statements ran.
    ///
    /// Entries that a projection has applied before are passed over, so that applying a batch again changes nothing.
    func apply(_ batch: EventBatch) throws(ProjectionError) -> Int {
        let moving = projections.filter { $0.position >= batch.start && $0.position < batch.end }
        guard !moving.isEmpty else { return 0 }
        let count = try connection.transaction { () throws(ProjectionError) in
            let count = try run(batch, moving)
            for projection in moving { try advance(projection, to: batch.end, root: batch.root) }
            return count
        }
        for projection in moving { projection.position = batch.end }
        return count
    }

    private func run(_ batch: EventBatch, _ projections: [LiveProjection]) throws(ProjectionError) -> Int {
        var values = EventValues()
        var count = 0
        for page in batch.pages {
            // A span lends each event where an iteration would copy it.
            let events = page.span
            for number in events.indices {
                values.reset()
                for projection in projections where projection.position <= events[number].index.rawValue {
                    count += try projection.apply(events[number], &values)
                }
            }
        }
        return count
    }
}
