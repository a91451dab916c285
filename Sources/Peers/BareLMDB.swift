internal import CLMDB
internal import Glibc

/// A bare LMDB environment with LMDB's default flags: data, then the meta page, each flushed before a commit returns.
///
/// What LMDB itself allows, beside a ledger's commits. Safety: the handles come from LMDB and are closed once; keys and
/// values are read during the calls only. A write transaction begins and ends within ``commit(_:)``, on one thread.
@safe public struct BareLMDB: ~Copyable {
    private let environment: OpaquePointer
    private let tables: [UInt32]

    /// Makes the directory, which must not exist, and tables of these names.
    public init(directory: String, tables names: [String]) throws(PeerError) {
        guard unsafe mkdir(directory, 0o700) == 0 else { throw PeerError(.failed, "\(directory) cannot be made") }
        let opened = try unsafe BareLMDB.open(directory, flags: 0)
        var handles: [UInt32] = []
        do throws(PeerError) {
            handles = try unsafe BareLMDB.makeTables(opened, names)
        } catch {
            unsafe mdb_env_close(opened)
            throw error
        }
        tables = handles
        unsafe environment = opened
    }

    deinit {
        unsafe mdb_env_close(environment)
    }

    /// The number of rows of `table` in the environment that is in `directory`.
    public static func entryCount(directory: String, table: String) throws(PeerError) -> Int {
        let environment = try unsafe open(directory, flags: UInt32(MDB_RDONLY))
        defer { unsafe mdb_env_close(environment) }
        var transaction: OpaquePointer?
        try unsafe check(mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction))
        defer { unsafe mdb_txn_abort(transaction) }
        var handle: UInt32 = 0
        try unsafe check(mdb_dbi_open(transaction, table, 0, &handle))
        var statistics = MDB_stat()
        try unsafe check(mdb_stat(transaction, handle, &statistics))
        return Int(statistics.ms_entries)
    }

    /// A number as a key: big-endian, so that keys sort as numbers do.
    public static func key(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    }

    /// Does what `body` puts in one transaction, which is on disk when the call returns.
    public borrowing func commit(_ body: (Writing) throws(PeerError) -> Void) throws(PeerError) {
        var transaction: OpaquePointer?
        try unsafe BareLMDB.check(mdb_txn_begin(environment, nil, 0, &transaction))
        do throws(PeerError) {
            try body(unsafe Writing(transaction: transaction, tables: tables))
        } catch {
            unsafe mdb_txn_abort(transaction)
            throw error
        }
        try unsafe BareLMDB.check(mdb_txn_commit(transaction))
    }

    /// A write transaction that has begun; of use only during the call that gives it.
    @safe public struct Writing {
        fileprivate let transaction: OpaquePointer?
        fileprivate let tables: [UInt32]

        fileprivate init(transaction: OpaquePointer?, tables: [UInt32]) {
            unsafe self.transaction = transaction
            self.tables = tables
        }

        /// Puts a row into the table of that place. `isLast`: its key is greater than all others of the table.
        public func put(
            _ table: Int, _ key: [UInt8], _ value: [UInt8], isLast: Bool = false
        ) throws(PeerError) {
            let flags = isLast ? UInt32(MDB_APPEND) : 0
            let status = unsafe key.withUnsafeBufferPointer { keyBytes in
                unsafe value.withUnsafeBufferPointer { valueBytes in
                    var key = unsafe BareLMDB.value(keyBytes)
                    var value = unsafe BareLMDB.value(valueBytes)
                    return unsafe mdb_put(transaction, tables[table], &key, &value, flags)
                }
            }
            try BareLMDB.check(status)
        }
    }

    private static func value(_ bytes: UnsafeBufferPointer<UInt8>) -> MDB_val {
        unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }

    private static func open(_ directory: String, flags: UInt32) throws(PeerError) -> OpaquePointer {
        var candidate: OpaquePointer?
        try unsafe check(mdb_env_create(&candidate))
        guard let environment = unsafe candidate else {
            preconditionFailure("mdb_env_create succeeded without an environment")
        }
        var status = unsafe mdb_env_set_mapsize(environment, 1 << 38)
        if status == MDB_SUCCESS { status = unsafe mdb_env_set_maxdbs(environment, 8) }
        if status == MDB_SUCCESS { status = unsafe mdb_env_open(environment, directory, flags, 0o600) }
        if status != MDB_SUCCESS { unsafe mdb_env_close(environment) }
        try check(status)
        return unsafe environment
    }

    private static func makeTables(_ environment: OpaquePointer, _ names: [String]) throws(PeerError) -> [UInt32] {
        var transaction: OpaquePointer?
        try unsafe check(mdb_txn_begin(environment, nil, 0, &transaction))
        var handles: [UInt32] = []
        for name in names {
            var handle: UInt32 = 0
            let status = unsafe mdb_dbi_open(transaction, name, UInt32(MDB_CREATE), &handle)
            if status != MDB_SUCCESS { unsafe mdb_txn_abort(transaction) }
            try check(status)
            handles.append(handle)
        }
        try unsafe check(mdb_txn_commit(transaction))
        return handles
    }

    fileprivate static func check(_ status: Int32) throws(PeerError) {
        guard status != MDB_SUCCESS else { return }
        throw PeerError(.failed, "LMDB: \(unsafe String(cString: mdb_strerror(status)))")
    }
}
