internal import CLMDB
internal import Digests
internal import EventFormat
internal import StoreFormat

/// The one write transaction of all processes. Must begin and end on the same thread (L2); a value that goes out of
/// scope without ``commit()`` leaves the store as it was.
@safe struct WriteTransaction: Transaction, ~Copyable {
    let raw: OpaquePointer
    let tables: Environment.Tables

    /// Waits for the write transactions of other processes to end. A process that died holding the lock does not stop
    /// others.
    init(_ environment: borrowing Environment) throws(LogError) {
        var candidate: OpaquePointer?
        try unsafe LMDBStatus.check(mdb_txn_begin(environment.raw, nil, 0, &candidate), "mdb_txn_begin")
        guard let transaction = unsafe candidate else {
            preconditionFailure("mdb_txn_begin succeeded without a transaction")
        }
        tables = environment.tables
        unsafe raw = transaction
    }

    deinit {
        unsafe mdb_txn_abort(raw)
    }

    /// The id that the commit will have.
    var id: UInt64 { unsafe UInt64(truncatingIfNeeded: mdb_txn_id(raw)) }

    /// Notes that the index tables cover `indexed` entries, and makes a store of an earlier version one of the version
    /// that is written, so that programs that know only the earlier one refuse it. `isNew`: whether the number is
    /// another one than the store has. Throws when another program has made it a store of a later version.
    mutating func mark(indexed: UInt64, isNew: Bool) throws(LogError) {
        let isEarlier = try storeVersion() < StoreLayout.version
        if isEarlier { try put(tables.about, StoreLayout.versionKey, [StoreLayout.version]) }
        if isEarlier || isNew { try put(tables.about, StoreLayout.indexedKey, [UInt8](bigEndian: indexed)) }
    }

    /// Writes the store's version again as it is: a commit of nothing new.
    mutating func touch() throws(LogError) {
        try put(tables.about, StoreLayout.versionKey, [storeVersion()])
    }

    private mutating func put(_ table: UInt32, _ key: [UInt8], _ value: [UInt8]) throws(LogError) {
        try put(table, key.span, value.span)
    }

    /// Puts a row, replacing one of the same key.
    mutating func put(_ table: UInt32, _ key: Span<UInt8>, _ value: Span<UInt8>) throws(LogError) {
        try unsafe RawTable.put(raw, table, key, value, flags: 0)
    }

    /// Puts a row behind all others, whose value of `byteCount` bytes `body` writes in place. LMDB refuses a key that
    /// is not the largest, which guards S1.
    mutating func append(
        _ table: UInt32, _ key: Span<UInt8>, _ byteCount: Int, _ body: (inout OutputSpan<UInt8>) -> Void
    ) throws(LogError) {
        try unsafe RawTable.reserve(raw, table, key, byteCount, flags: MDB_APPEND, body)
    }

    /// Puts rows of the index of ids, sorted by id; `following`: all of them behind those that are there.
    mutating func put(
        _ table: UInt32, _ rows: [(id: EventID, index: EntryIndex)], following: Bool
    ) throws(LogError) {
        guard !rows.isEmpty else { return }
        let cursor = try unsafe Cursor(raw, table)
        var row: [UInt8] = []
        row.reserveCapacity(EventID.byteCount + 8)
        for (id, index) in rows {
            row.removeAll(keepingCapacity: true)
            id.append(to: &row)
            row.append(bigEndian: index.rawValue)
            try cursor.put(
                row.span.extracting(0..<EventID.byteCount), row.span.extracting(EventID.byteCount..<row.count),
                flags: following ? MDB_APPEND : 0)
        }
    }

    /// Makes the rows durable and visible: data pages, a flush, the meta page, a flush (L3).
    ///
    /// A crash before the meta page is whole leaves the store as it was; after it, the rows are there. LMDB frees the
    /// transaction in either case. Returns LMDB's status: a failure may still have happened on disk, which
    /// ``LogWriter`` finds out.
    consuming func commit() -> Int32 {
        let transaction = unsafe raw
        discard self
        return unsafe mdb_txn_commit(transaction)
    }
}
