internal import Digests
internal import EventFormat
internal import StoreFormat
internal import Synchronization

/// The entries that the index tables do not cover (S8), as readers of this process last saw them.
///
/// Read from the entries when somebody asks, and then carried along: what stands between two calls is read once.
final class RecentIndex: Sendable {
    private let known = Mutex(RecentEntries(indexed: 0))

    /// The newest entry of `stream` among those that the tables do not cover; nil when there is none.
    func head(
        of stream: StreamName, _ transaction: borrowing ReadTransaction
    ) throws(LogError) -> StreamHead? {
        try with(transaction) { $0.heads[stream] }
    }

    /// Where an event is recorded among the entries that the tables do not cover; nil when it is not there.
    func index(
        of id: EventID, _ transaction: borrowing ReadTransaction
    ) throws(LogError) -> EntryIndex? {
        try with(transaction) { $0.ids[id] }
    }

    /// The newest entries of the streams that have some which the tables do not cover.
    func heads(
        _ transaction: borrowing ReadTransaction
    ) throws(LogError) -> [StreamName: StreamHead] {
        try with(transaction) { $0.heads }
    }

    /// Calls `body` with the recent entries of the transaction's view.
    private func with<R: Sendable>(
        _ transaction: borrowing ReadTransaction, _ body: (borrowing RecentEntries) -> R
    ) throws(LogError) -> R {
        let size = try transaction.size()
        let indexed = try transaction.indexedSize(of: size)
        let last = size > 0 ? try transaction.leaf(EntryIndex(size - 1)) : Digest.zero
        return try known.withLock { known throws(LogError) in
            if try known.continues(into: transaction, indexed: indexed, size: size) {
                try known.extend(to: size, last: last, transaction)
                return body(known)
            }
            var own = RecentEntries(indexed: indexed)
            try own.extend(to: size, last: last, transaction)
            let result = body(own)
            // An older view than the known one is served without forgetting what is known.
            if own.end >= known.end { known = own }
            return result
        }
    }
}

/// What the entries behind the index tables say of streams and ids.
struct RecentEntries: Sendable {
    /// How many entries the tables cover: the index of the first one here.
    let indexed: UInt64
    /// Behind the last one here.
    private(set) var end: UInt64
    /// The leaf hash of the entry before ``end``, by which a view is known to have the same entries; zero at 0.
    private(set) var last: Digest?
    private(set) var heads: [StreamName: StreamHead] = [:]
    private(set) var ids: [EventID: EntryIndex] = [:]

    init(indexed: UInt64) {
        self.indexed = indexed
        end = indexed
        last = nil
    }

    /// Whether a view's recent entries are these and those behind them.
    func continues(
        into transaction: borrowing ReadTransaction, indexed: UInt64, size: UInt64
    ) throws(LogError) -> Bool {
        guard let last, indexed == self.indexed, end <= size else { return false }
        return end > 0 ? try transaction.leaf(EntryIndex(end - 1)) == last : true
    }

    /// Takes in the entries up to `size`, the last of which has the leaf hash `last`.
    mutating func extend(
        to size: UInt64, last: Digest, _ transaction: borrowing ReadTransaction
    ) throws(LogError) {
        try transaction.forEachIndexable(in: end..<size) { entry throws(LogError) in
            heads[entry.stream] = entry.head
            ids[entry.id] = entry.index
        }
        (end, self.last) = (size, last)
    }
}
