internal import CLMDB
internal import Digests
internal import Glibc
internal import StoreFormat

/// An open LMDB environment: one data file mapped into the process.
///
/// Rules of LMDB that the rest of the module keeps (lmdb.h, "Caveats"):
///
/// - **L1** A process opens a file once (``LogRegistry``) and does not fork with it open.
/// - **L2** A write transaction begins, works and ends on one thread (``DedicatedThread``).
/// - **L3** Only the default sync flags are used: data, then the meta page, each flushed before a commit returns.
/// - **L4** Readers are short (``ReadLimit``): a reader keeps every page that it could see from being used again.
/// - **L5** No nested transactions, no duplicate-sorted tables, no writable map.
///
/// Safety of the unsafe calls here: `raw` comes from `mdb_env_create` and is closed once, in `deinit`; MDB_env may be
/// used by any thread, and MDB_NOTLS lets a read transaction move between threads.
@safe struct Environment: ~Copyable {
    /// One tebibyte of addresses. Chosen once: a map costs addresses only, and never has to be moved.
    static let mapSize = 1 << 40
    /// Sixteen gibibytes: less is not tried.
    static let leastMapSize = 16 << 30
    /// Places for readers of all processes together.
    static let readerCount: UInt32 = 1022

    let raw: OpaquePointer
    let tables: Tables
    /// What the process knows of the entries that the index tables do not cover.
    let recent = RecentIndex()

    /// The handles of the tables; they are valid as long as the environment.
    struct Tables: Sendable {
        var about: UInt32
        var segments: UInt32
        var streams: UInt32
        var ids: UInt32
    }

    /// Opens the environment in the directory `path`. Throws ``LogError``.
    ///
    /// `create` makes the data file and its tables; without it they must be there.
    init(directory path: String, create: Bool, readOnly: Bool, mapSize: Int = Environment.mapSize) throws(LogError) {
        if !create { try Environment.refuseEmptyFile(path) }
        let environment = try unsafe Environment.open(path, readOnly: readOnly, mapSize: mapSize)
        do throws(LogError) {
            tables = try unsafe Environment.openTables(environment, create: create)
        } catch {
            unsafe mdb_env_close(environment)
            throw error
        }
        unsafe raw = environment
    }

    /// Opens the environment for nothing but taking readers' places: no table is looked at.
    init(pinning path: String) throws(LogError) {
        unsafe raw = try Environment.open(path, readOnly: true, mapSize: Environment.mapSize)
        tables = Tables(about: 0, segments: 0, streams: 0, ids: 0)
    }

    /// LMDB takes a file without bytes for a new one and would fill it.
    private static func refuseEmptyFile(_ path: String) throws(LogError) {
        var status = stat()
        let file = "\(path)/\(StoreLayout.dataFileName)"
        guard unsafe stat(file, &status) == 0, status.st_size == 0 else { return }
        throw LogError(.damaged, "\(file) is empty: its entries are gone; restore a copy")
    }

    /// Opens the environment, with a smaller map where the process has no addresses left for the one asked for: it
    /// suffices until the file reaches its size.
    private static func open(_ path: String, readOnly: Bool, mapSize: Int) throws(LogError) -> OpaquePointer {
        try LockFile.reserve(in: path)
        var mapSize = mapSize
        while true {
            let (status, candidate) = try unsafe tryOpen(path, readOnly: readOnly, mapSize: mapSize)
            if let environment = unsafe candidate {
                var dead: Int32 = 0
                _ = unsafe mdb_reader_check(environment, &dead)
                return unsafe environment
            }
            guard status == ENOMEM, mapSize > Environment.leastMapSize else {
                throw LMDBStatus(code: status, call: "opening \(path)").error
            }
            mapSize = max(Environment.leastMapSize, mapSize / 4)
        }
    }

    /// The status of `mdb_env_open`, and the environment when it succeeded.
    private static func tryOpen(
        _ path: String, readOnly: Bool, mapSize: Int
    ) throws(LogError) -> (Int32, OpaquePointer?) {
        var candidate: OpaquePointer?
        try unsafe LMDBStatus.check(mdb_env_create(&candidate), "mdb_env_create")
        guard let environment = unsafe candidate else {
            preconditionFailure("mdb_env_create succeeded without an environment")
        }
        let flags = UInt32(MDB_NOTLS) | (readOnly ? UInt32(MDB_RDONLY) : 0)
        var status = unsafe mdb_env_set_mapsize(environment, mapSize)
        if status == MDB_SUCCESS { status = unsafe mdb_env_set_maxdbs(environment, 8) }
        if status == MDB_SUCCESS { status = unsafe mdb_env_set_maxreaders(environment, Environment.readerCount) }
        if status == MDB_SUCCESS { status = unsafe mdb_env_open(environment, path, flags, 0o660) }
        guard status != MDB_SUCCESS else { return unsafe (status, environment) }
        unsafe mdb_env_close(environment)
        return (status, nil)
    }

    deinit {
        unsafe mdb_env_close(raw)
    }

    /// Table handles are opened once, in a transaction of their own, before any other use.
    private static func openTables(_ environment: OpaquePointer, create: Bool) throws(LogError) -> Tables {
        var transaction: OpaquePointer?
        let mode = create ? 0 : UInt32(MDB_RDONLY)
        try unsafe LMDBStatus.check(mdb_txn_begin(environment, nil, mode, &transaction), "mdb_txn_begin")
        var hasEnded = false
        do throws(LogError) {
            func open(_ name: String) throws(LogError) -> UInt32 {
                var handle: UInt32 = 0
                let status = unsafe mdb_dbi_open(transaction, name, create ? UInt32(MDB_CREATE) : 0, &handle)
                guard status != MDB_NOTFOUND else {
                    throw LogError(
                        .damaged,
                        "the data file has no table \"\(name)\": it is no ledger, or it is damaged; run mohur verify")
                }
                try LMDBStatus.check(status, "mdb_dbi_open")
                return handle
            }
            let tables = Tables(
                about: try open(StoreLayout.aboutTable), segments: try open(StoreLayout.segmentsTable),
                streams: try open(StoreLayout.streamsTable), ids: try open(StoreLayout.idsTable))
            if create {
                let rows = [
                    (StoreLayout.versionKey, [StoreLayout.version]),
                    (StoreLayout.indexedKey, [UInt8](bigEndian: UInt64(0))),
                ]
                for (key, value) in rows {
                    try unsafe RawTable.put(transaction, tables.about, key.span, value.span, flags: 0)
                }
            } else {
                _ = try unsafe version(transaction, tables.about)
            }
            // LMDB frees a transaction in its commit, even in one that fails.
            hasEnded = true
            try unsafe LMDBStatus.check(mdb_txn_commit(transaction), "mdb_txn_commit")
            return tables
        } catch {
            if !hasEnded { unsafe mdb_txn_abort(transaction) }
            throw error
        }
    }

    /// The version that the store says it has. Throws when this program does not know it.
    static func version(_ transaction: OpaquePointer?, _ about: UInt32) throws(LogError) -> UInt8 {
        let key = StoreLayout.versionKey
        let stated = try unsafe RawTable.get(transaction, about, key.span) { value throws(LogError) in
            value.count == 1 ? value[0] : 0
        }
        guard let stated, stated >= StoreLayout.leastVersion, stated <= StoreLayout.version else {
            throw LogError(
                .damaged,
                "the store is of version \(stated.map(String.init) ?? "unknown"); this program knows "
                    + "\(StoreLayout.leastVersion) to \(StoreLayout.version): "
                    + "use the program that wrote it, or mohur verify")
        }
        return stated
    }

    /// The id of the last committed transaction, read from the map without a system call.
    var lastTransaction: UInt64 {
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(raw, &info)
        return unsafe UInt64(truncatingIfNeeded: info.me_last_txnid)
    }

    /// Bytes from the file's beginning to the end of the last page that is in use, and to that of the map; nil when a
    /// damaged meta page names a page that cannot be.
    var extent: (used: Int, map: Int)? {
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(raw, &info)
        var statistics = MDB_stat()
        unsafe mdb_env_stat(raw, &statistics)
        let size = Int(statistics.ms_psize)
        guard size > 0, unsafe info.me_last_pgno < info.me_mapsize / size else { return nil }
        return unsafe ((Int(info.me_last_pgno) + 1) * size, info.me_mapsize)
    }

    /// Whether LMDB failed while it was writing the meta page: it then refuses all further transactions.
    var hasFailedForGood: Bool {
        var candidate: OpaquePointer?
        let status = unsafe mdb_txn_begin(raw, nil, UInt32(MDB_RDONLY), &candidate)
        if let transaction = unsafe candidate, status == MDB_SUCCESS { unsafe mdb_txn_abort(transaction) }
        return status == MDB_PANIC
    }

    /// Frees the places of readers whose process has died.
    func clearDeadReaders() {
        var dead: Int32 = 0
        _ = unsafe mdb_reader_check(raw, &dead)
    }
}
