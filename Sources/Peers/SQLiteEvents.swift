internal import CSQLite

/// An event table in a SQLite file: write-ahead log, `synchronous` FULL, so that a commit is on disk when it returns;
/// one prepared statement.
///
/// Safety: the handles come from SQLite and are closed once, in `deinit`; values are bound with SQLITE_STATIC and
/// outlive the step that reads them. Used by one thread at a time.
@safe public final class SQLiteEvents {
    private let database: OpaquePointer
    private var insertion: OpaquePointer?

    public init(path: String) throws(PeerError) {
        var opened: OpaquePointer?
        let status = unsafe sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        guard status == SQLITE_OK, let opened = unsafe opened else {
            throw PeerError(.failed, "SQLite cannot open \(path)")
        }
        unsafe database = opened
        try run("PRAGMA journal_mode = WAL")
        try run("PRAGMA synchronous = FULL")
        try run(
            """
            CREATE TABLE event (
                position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, stream TEXT NOT NULL, revision INTEGER NOT NULL,
                type TEXT NOT NULL, source TEXT NOT NULL, recorded REAL NOT NULL DEFAULT (julianday('now')),
                payload BLOB, UNIQUE (stream, revision))
            """)
        let sql = "INSERT INTO event (id, stream, revision, type, source, payload) VALUES (?, ?, ?, ?, ?, ?)"
        try unsafe check(sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &insertion, nil))
    }

    deinit {
        unsafe sqlite3_finalize(insertion)
        unsafe sqlite3_close_v2(database)
    }

    /// Inserts the events in one transaction.
    public func insert(_ events: [PeerEvent]) throws(PeerError) {
        if events.count > 1 { try run("BEGIN IMMEDIATE") }
        for event in events { try insert(event) }
        if events.count > 1 { try run("COMMIT") }
    }

    private func insert(_ event: PeerEvent) throws(PeerError) {
        var texts = [event.stream, event.type, event.source].map { Array($0.utf8) }
        texts += [event.id, event.payload]
        let status = bind(texts[0], texts[1], texts[2], texts[3], texts[4], event.revision)
        unsafe sqlite3_reset(insertion)
        guard status == SQLITE_DONE else { throw failure }
    }

    /// Binds the values and runs the statement while they stay where they are.
    private func bind(
        _ stream: [UInt8], _ type: [UInt8], _ source: [UInt8], _ id: [UInt8], _ payload: [UInt8], _ revision: Int64
    ) -> Int32 {
        unsafe stream.withUnsafeBytes { stream in
            unsafe type.withUnsafeBytes { type in
                unsafe source.withUnsafeBytes { source in
                    unsafe id.withUnsafeBytes { id in
                        unsafe payload.withUnsafeBytes { payload in
                            unsafe sqlite3_bind_blob64(insertion, 1, id.baseAddress, UInt64(id.count), nil)
                            unsafe bindText(2, stream)
                            unsafe sqlite3_bind_int64(insertion, 3, revision)
                            unsafe bindText(4, type)
                            unsafe bindText(5, source)
                            unsafe sqlite3_bind_blob64(insertion, 6, payload.baseAddress, UInt64(payload.count), nil)
                            return unsafe sqlite3_step(insertion)
                        }
                    }
                }
            }
        }
    }

    private func bindText(_ number: Int32, _ bytes: UnsafeRawBufferPointer) {
        let characters = unsafe bytes.bindMemory(to: CChar.self).baseAddress
        unsafe sqlite3_bind_text64(insertion, number, characters, UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
    }

    private func run(_ sql: String) throws(PeerError) {
        guard unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
    }

    private func check(_ status: Int32) throws(PeerError) {
        guard status == SQLITE_OK else { throw failure }
    }

    private var failure: PeerError {
        PeerError(.failed, "SQLite: \(unsafe String(cString: sqlite3_errmsg(database)))")
    }
}
