internal import EventFormat
internal import StoreFormat

/// What a group of appends is made on: the log as it is behind the group before.
struct GroupBase {
    var tail = LogTail()
    /// The transaction that the tail is behind; nil when nothing is known of the log.
    var transaction: UInt64?
    var streams = StreamTable()
    /// Whether streams that the group before wrote are left out, so that they must be read from what it commits.
    var isPartial = false
    /// The ids of the group before.
    var ids = NewIDs(after: nil)
    /// The ledger's keys and policy; nil when they are not needed: nothing is decided on.
    var trust: Trust?

    /// Nothing is known.
    init() {}

    init(tail: LogTail, transaction: UInt64, streams: StreamTable, ids: NewIDs, trust: Trust?) {
        self.tail = tail
        self.transaction = transaction
        self.streams = streams
        self.ids = ids
        self.trust = trust
    }

    /// The log as `transaction` finds it, whose keys and policy are `trust`.
    init(_ transaction: borrowing WriteTransaction, trust: Trust? = nil) throws(LogError) {
        self.trust = trust
        tail = try transaction.tail()
        self.transaction = transaction.id &- 1
        ids = NewIDs(after: try transaction.greatestID())
    }
}
