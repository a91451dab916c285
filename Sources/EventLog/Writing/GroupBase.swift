internal import Digests
internal import EventFormat
internal import StoreFormat

/// What a group of appends is made on: the log as it is behind the group before.
struct GroupBase {
    var tail = LogTail()
    /// The transaction that the tail is behind; nil when nothing is known of the log.
    var transaction: UInt64?
    /// How many entries the index tables cover.
    var indexed: UInt64 = 0
    /// The streams that were met, and all that have entries which the index tables do not cover.
    var streams = StreamTable()
    /// The ids of the entries that the index tables do not cover.
    var ids = RecentIDs(after: nil)
    /// The first entry of the group before.
    var latest: EntryIndex = 0
    /// What the group before adds to the index of ids.
    var idsBeingIndexed = SortedIDs()
    /// Whether streams that the group before wrote are left out, so that they must be read from what it commits.
    var isPartial = false
    /// Whether a group took the streams and the ids.
    private(set) var isSpent = false
    /// The ledger's keys and policy; nil when they are not needed: nothing is decided on.
    var trust: Trust?

    /// Whether a group can be made on it before a transaction is begun.
    var isComplete: Bool { transaction != nil && !isPartial && !isSpent }

    /// Nothing is known.
    init() {}

    /// The log as `transaction` finds it. O(entries that the index tables do not cover).
    init(_ transaction: borrowing WriteTransaction) throws(LogError) {
        let size = try transaction.size()
        indexed = try transaction.indexedSize(of: size)
        ids = RecentIDs(after: try transaction.greatestIndexedID())
        try take(indexed..<size, transaction)
    }

    /// Takes in what other processes have recorded behind the tail; false when the log does not continue this one, or
    /// its index tables were written since, so that the base is to be made anew. O(entries that were added).
    mutating func follow(_ transaction: borrowing WriteTransaction) throws(LogError) -> Bool {
        let size = try transaction.size()
        let next = tail.next.rawValue
        guard self.transaction != nil, !isSpent, !isPartial, next > 0, next <= size,
            try transaction.indexedSize(of: size) == indexed, try transaction.leaf(EntryIndex(next - 1)) == tail.leaf
        else { return false }
        try take(next..<size, transaction)
        return !streams.isFull
    }

    private mutating func take(
        _ range: Range<UInt64>, _ transaction: borrowing WriteTransaction
    ) throws(LogError) {
        try transaction.forEachIndexable(in: range) { entry throws(LogError) in
            try streams.follow(entry, transaction)
            ids.add(entry.id, at: entry.index)
        }
        tail = try transaction.tail()
        latest = tail.next
        self.transaction = transaction.id &- 1
    }

    /// Gives away the streams and the ids, so that they are changed in place.
    mutating func spend() -> (StreamTable, RecentIDs) {
        defer { (streams, ids, isSpent) = (StreamTable(), RecentIDs(after: nil), true) }
        return (streams, ids)
    }
}
