internal import CLMDB

/// A view of the store as of its last commit when the transaction began (promise 9). Ends when it goes out of scope.
@safe struct ReadTransaction: Transaction, ~Copyable {
    let raw: OpaquePointer
    let tables: Environment.Tables
    /// What the process knows of the entries that the index tables do not cover.
    let recent: RecentIndex

    init(_ environment: borrowing Environment) throws(LogError) {
        var candidate: OpaquePointer?
        var status = unsafe mdb_txn_begin(environment.raw, nil, UInt32(MDB_RDONLY), &candidate)
        if status == MDB_READERS_FULL {
            environment.clearDeadReaders()
            status = unsafe mdb_txn_begin(environment.raw, nil, UInt32(MDB_RDONLY), &candidate)
        }
        try LMDBStatus.check(status, "mdb_txn_begin")
        guard let transaction = unsafe candidate else {
            preconditionFailure("mdb_txn_begin succeeded without a transaction")
        }
        (tables, recent) = (environment.tables, environment.recent)
        unsafe raw = transaction
    }

    deinit {
        unsafe mdb_txn_abort(raw)
    }

    /// The id of the commit that this is a view of.
    ///
    /// Any number: a damaged meta page may state one that is none.
    var id: UInt64 { unsafe UInt64(truncatingIfNeeded: mdb_txn_id(raw)) }
}
