public import Digests
public import EventFormat
internal import Merkle
internal import StoreFormat

/// How much one read transaction does at most (L4): a longer scan is cut into several, between which pages can be
/// freed.
enum ReadLimit {
    /// Entries looked at.
    static let entryCount = 8192
    /// Bytes returned.
    static let byteCount = 4 << 20
}

/// A part of a scan.
public struct LogPage: Sendable {
    public let events: [RecordedEvent]
    /// Where the scan goes on.
    public let next: EntryIndex
    /// The number of entries in the log when the page was read.
    public let size: UInt64
}

extension EventLog {
    /// The number of entries recorded.
    public func size() throws(LogError) -> UInt64 {
        try read { transaction throws(LogError) in try transaction.size() }
    }

    /// The entry `index`. Throws ``LogError/Code/outOfRange`` when it is not recorded.
    public func event(at index: EntryIndex) throws(LogError) -> RecordedEvent {
        try read { transaction throws(LogError) in
            let event = try transaction.event(index)
            try checkRemovals([event], transaction)
            return event
        }
    }

    /// Where the event `id` is recorded, nil when it is not.
    public func index(of id: EventID) throws(LogError) -> EntryIndex? {
        try read { transaction throws(LogError) in try transaction.index(of: id) }
    }

    /// Entries from `start` on, below `end`, that `filter` admits: at most `limit` of them and what one transaction
    /// may do.
    ///
    /// A page may be empty and still have more behind it: go on at ``LogPage/next`` until that is `end` or the size.
    /// O(entries looked at).
    public func page(
        from start: EntryIndex, below end: EntryIndex? = nil, limit: Int, filter: EntryFilter = .all,
        withPayloads: Bool = true
    ) throws(LogError) -> LogPage {
        let compiled = filter == .all ? nil : CompiledFilter(filter)
        return try read { transaction throws(LogError) in
            let size = try transaction.size()
            let stop = min(end?.rawValue ?? size, size)
            var scan = PageScan(
                next: start.rawValue, stop: stop, limit: max(1, limit), filter: compiled, withPayloads: withPayloads)
            if compiled == nil { scan.reserve() }
            if start.rawValue < stop {
                let key = [UInt8](bigEndian: start.rawValue)
                try transaction.forEachRow(transaction.tables.segments, from: key.span) { _, value throws(LogError) in
                    try scan.take(value)
                }
                guard scan.next > start.rawValue else { throw LogError.damaged("entry \(start) is in no segment") }
            }
            try checkRemovals(scan.events, transaction)
            return LogPage(events: scan.events, next: EntryIndex(scan.next), size: size)
        }
    }

    /// The number of entries recorded at or before `time`: what was known then. O(log n).
    public func size(asOf time: Timestamp) throws(LogError) -> UInt64 {
        try read { transaction throws(LogError) in
            var low: UInt64 = 0
            var high = try transaction.size()
            while low < high {
                let middle = low + (high - low) / 2
                let event = try transaction.event(EntryIndex(middle), withPayload: false)
                if event.recorded <= time { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// What a look at the whole log says without reading it.
    public func summary() throws(LogError) -> LogSummary {
        try read { transaction throws(LogError) in
            let size = try transaction.size()
            let last = try transaction.event(EntryIndex(size - 1), withPayload: false)
            return LogSummary(
                size: size, streamCount: try transaction.streamCount(),
                root: try transaction.tail().tree.root, lastRecorded: last.recorded)
        }
    }
}

/// The size of a log and what stands at its end.
public struct LogSummary: Hashable, Sendable {
    public let size: UInt64
    public let streamCount: Int
    public let root: Digest
    public let lastRecorded: Timestamp
}

/// A scan over segments, within one transaction.
private struct PageScan {
    var next: UInt64
    let stop: UInt64
    let limit: Int
    let filter: CompiledFilter?
    let withPayloads: Bool
    var events: [RecordedEvent] = []
    private var texts = TextCache()
    private var looked = 0
    private var byteCount = 0

    init(next: UInt64, stop: UInt64, limit: Int, filter: CompiledFilter?, withPayloads: Bool) {
        self.next = next
        self.stop = stop
        self.limit = limit
        self.filter = filter
        self.withPayloads = withPayloads
    }

    /// Makes room for the events of a page when all of them are admitted.
    mutating func reserve() {
        let most = withPayloads ? min(ReadLimit.entryCount, ReadLimit.byteCount / 512) : ReadLimit.entryCount
        events.reserveCapacity(Int(min(stop - min(next, stop), UInt64(min(limit, most)))))
    }

    /// Takes what it may of a segment; false when the page is done.
    mutating func take(_ bytes: Span<UInt8>) throws(LogError) -> Bool {
        let segment = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(bytes) }
        guard segment.contains(EntryIndex(next)) else { throw LogError.damaged("entry \(next) is in no segment") }
        var position = Int(next - segment.first.rawValue)
        while position < segment.count, next < stop {
            guard events.count < limit, looked < ReadLimit.entryCount, byteCount < ReadLimit.byteCount else {
                return false
            }
            let entry = try StoredEntry(position, of: segment, in: bytes)
            if filter?.admits(entry.layout, in: bytes.extracting(entry.range)) ?? true {
                let event = try entry.event(withPayload: withPayloads, bytes, &texts)
                byteCount += 512 + (event.envelope?.count ?? 0)
                events.append(event)
            }
            looked += 1
            position += 1
            next += 1
        }
        return next < stop
    }
}
