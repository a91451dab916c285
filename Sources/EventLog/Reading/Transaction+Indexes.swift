internal import Digests
internal import EventFormat
internal import StoreFormat

/// The index tables, and what stands behind them (S2, S3, S8).
///
/// `streams` and `ids` cover the entries below ``indexedSize(of:)``; what those from there on say stands in them alone.
/// Readers ask ``ReadTransaction/head(of:)`` and ``ReadTransaction/index(of:)``, which know both; the writer, which
/// carries the recent entries along, asks the tables.
extension Transaction where Self: ~Copyable {
    /// How many entries of a store of `size` the index tables cover. O(1).
    borrowing func indexedSize(of size: UInt64) throws(LogError) -> UInt64 {
        let version = try storeVersion()
        guard version >= StoreLayout.firstVersionWithRecent else { return size }
        let key = StoreLayout.indexedKey
        let indexed = try value(tables.about, key.span) { value throws(LogError) in
            StoreLayout.indexed(row: value, size: size)
        }
        guard let indexed = indexed ?? nil else {
            throw LogError.damaged("the store does not say how many entries its index tables cover")
        }
        return indexed
    }

    /// The newest entry of `stream` that the tables cover, nil when there is none. O(log n).
    borrowing func indexedHead(of stream: StreamName) throws(LogError) -> StreamHead? {
        try value(tables.streams, stream.text.utf8.span) { value throws(LogError) in
            try LogError.wrapping { () throws(StoreError) in try StreamHead(value) }
        }
    }

    /// Where the event `id` is recorded among the entries that the tables cover. O(log n).
    borrowing func indexedIndex(of id: EventID) throws(LogError) -> EntryIndex? {
        let key = id.bytes
        return try value(tables.ids, key.span) { value throws(LogError) -> EntryIndex in
            guard let index = StoreLayout.index(ofIDRow: value) else {
                throw LogError.damaged("the row of id \(id) has \(value.count) bytes")
            }
            return index
        }
    }

    /// The greatest id that the tables have; nil when there is none. O(log n).
    borrowing func greatestIndexedID() throws(LogError) -> EventID? {
        try lastRow(tables.ids) { key, _ throws(LogError) in
            guard key.count == EventID.byteCount else {
                throw LogError.damaged("the last row of the index of ids has a key of \(key.count) bytes")
            }
            return EventID(copying: key)
        }
    }

    /// Calls `body` with what the index tables would say of each entry in `range`, in order. O(entries).
    borrowing func forEachIndexable(
        in range: Range<UInt64>, _ body: (IndexableEntry) throws(LogError) -> Void
    ) throws(LogError) {
        var next = range.lowerBound
        var texts = TextCache()
        guard next < range.upperBound else { return }
        let key = [UInt8](bigEndian: next)
        try forEachRow(tables.segments, from: key.span) { _, bytes throws(LogError) in
            let segment = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(bytes) }
            guard segment.contains(EntryIndex(next)) else { throw LogError.damaged("entry \(next) is in no segment") }
            while next < range.upperBound, next <= segment.last.rawValue {
                try body(
                    try IndexableEntry(Int(next - segment.first.rawValue), of: segment, in: bytes, &texts))
                next += 1
            }
            return next < range.upperBound
        }
        guard next == range.upperBound else { throw LogError.damaged("entry \(next) is in no segment") }
    }
}

extension ReadTransaction {
    /// The newest entry of `stream`, nil when it has none. O(log n), and O(entries) over those recorded since the last
    /// call by this process that the tables do not cover.
    borrowing func head(of stream: StreamName) throws(LogError) -> StreamHead? {
        if let head = try recent.head(of: stream, self) { return head }
        return try indexedHead(of: stream)
    }

    /// Where the event `id` is recorded, nil when it is not. As ``head(of:)``.
    borrowing func index(of id: EventID) throws(LogError) -> EntryIndex? {
        if let index = try recent.index(of: id, self) { return index }
        return try indexedIndex(of: id)
    }
}

/// What of an entry the index tables say, or help to find.
struct IndexableEntry {
    let index: EntryIndex
    let id: EventID
    let stream: StreamName
    let revision: Revision
    let leaf: Digest
    let link: StreamLink

    /// Decodes the entry at `position` of the segment whose bytes are `bytes`.
    init(
        _ position: Int, of segment: SegmentLayout, in bytes: Span<UInt8>, _ texts: inout TextCache
    ) throws(LogError) {
        let stored = try StoredEntry(position, of: segment, in: bytes)
        let part = bytes.extracting(stored.range)
        index = stored.layout.index
        id = stored.layout.id(in: part)
        stream = stored.layout.streamName(in: part, &texts)
        revision = stored.layout.revision
        leaf = try LogError.wrapping { () throws(StoreError) in try segment.leaf(position, in: bytes) }
        link = segment.link(position, in: bytes)
    }

    /// The row of its stream, as long as it is the newest.
    var head: StreamHead { StreamHead(revision: revision, index: index, jump: link.jump) }
}
