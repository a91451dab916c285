internal import CSQLite

/// What SQLite said of a call that failed.
struct SQLiteFailure: Error {
    /// The extended result code.
    let code: Int32
    let message: String
    /// Where in the statement it is, in bytes.
    var offset: Int?

    var isConstraint: Bool { code & 0xff == SQLITE_CONSTRAINT }
}

/// An open SQLite database.
///
/// Safety: the handle comes from `sqlite3_open_v2` and is closed once, in `deinit`, after the statements, each of which
/// holds its connection. It is opened without SQLite's own locking, so a connection is used by one thread at a time: it
/// is not Sendable. `guardian` is what SQLite's authorizer is given, unretained; the connection holds it until it is
/// closed.
@safe final class Connection {
    private let handle: OpaquePointer
    /// Decides what statements may do while they are prepared.
    let guardian = Guardian()

    enum Mode {
        case readOnly, readWriteCreate, memory
    }

    init(_ path: String, _ mode: Mode) throws(SQLiteFailure) {
        let flags: Int32 =
            switch mode {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .memory: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
            }
        var opened: OpaquePointer?
        let status = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard status == SQLITE_OK, let opened = unsafe opened else {
            let message = unsafe String(cString: sqlite3_errstr(status))
            unsafe sqlite3_close_v2(opened)
            throw SQLiteFailure(code: status, message: message)
        }
        unsafe handle = opened
        unsafe sqlite3_busy_timeout(handle, 5000)
        unsafe sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        unsafe guardian.watch(handle)
    }

    deinit {
        unsafe sqlite3_close_v2(handle)
    }

    func failure(_ status: Int32) -> SQLiteFailure {
        let offset = unsafe sqlite3_error_offset(handle)
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        return SQLiteFailure(code: status, message: message, offset: offset < 0 ? nil : Int(offset))
    }

    /// Prepares the first statement of `sql` from `offset` on, below `end`; returns also where it ends. Nil when only
    /// space and comments are left.
    func prepare(
        _ sql: [UInt8], from offset: Int = 0, to end: Int? = nil
    ) throws(SQLiteFailure) -> (statement: Statement?, end: Int) {
        var prepared: OpaquePointer?
        var consumed = 0
        let status = unsafe sql.withUnsafeBufferPointer { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return SQLITE_OK }
            return unsafe base.withMemoryRebound(to: CChar.self, capacity: buffer.count) { text in
                var tail: UnsafePointer<CChar>?
                let count = Int32((end ?? buffer.count) - offset)
                let status = unsafe sqlite3_prepare_v3(
                    handle, text + offset, count, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, &tail)
                if let tail = unsafe tail { consumed = unsafe tail - (text + offset) }
                return status
            }
        }
        guard status == SQLITE_OK else { throw failure(status) }
        guard let prepared = unsafe prepared else { return (nil, offset + consumed) }
        return (unsafe Statement(prepared, of: self), offset + consumed)
    }

    /// Prepares the one statement `sql`.
    func statement(_ sql: String) throws(SQLiteFailure) -> Statement {
        guard let statement = try prepare(Array(sql.utf8)).statement else {
            preconditionFailure("the SQL has no statement")
        }
        return statement
    }

    /// Runs each statement of `sql`.
    func execute(_ sql: String) throws(SQLiteFailure) {
        let bytes = Array(sql.utf8)
        var offset = 0
        while offset < bytes.count {
            let (statement, end) = try prepare(bytes, from: offset)
            guard let statement else { return }
            try statement.run()
            offset = end
        }
    }

    /// How many rows the last statement changed.
    var changes: Int { unsafe Int(sqlite3_changes64(handle)) }

    /// Runs `body` in a transaction that begins by taking the right to write; rolls back when it throws.
    func transaction<R>(_ body: () throws(ProjectionError) -> R) throws(ProjectionError) -> R {
        do throws(SQLiteFailure) {
            try execute("BEGIN IMMEDIATE")
        } catch {
            throw ProjectionError(error, "beginning a transaction")
        }
        do throws(ProjectionError) {
            let result = try body()
            do throws(SQLiteFailure) {
                try execute("COMMIT")
            } catch {
                throw ProjectionError(error, "committing a transaction")
            }
            return result
        } catch {
            // After some errors SQLite has rolled back already, and then this fails.
            try? execute("ROLLBACK")
            throw error
        }
    }
}

extension ProjectionError {
    /// An error that is about the database rather than about a projection.
    init(_ failure: SQLiteFailure, _ action: String) {
        let remedy: String
        let code: Code
        switch failure.code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED:
            (code, remedy) = (.inUse, "another program writes to the file; end it and try again")
        case SQLITE_FULL: (code, remedy) = (.database, "make room on the disk and try again; nothing was half done")
        case SQLITE_NOTADB: (code, remedy) = (.notViews, "choose another path")
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY:
            (code, remedy) = (.unreadable, "check the path and its permissions")
        case SQLITE_CORRUPT: (code, remedy) = (.database, "delete the file and build the views again from the ledger")
        default: (code, remedy) = (.database, "nothing was half done")
        }
        self.init(code, "\(action): SQLite says: \(failure.message) (\(failure.code)); \(remedy)")
    }
}
