internal import CSQLite

/// A prepared statement.
///
/// Safety: the handle comes from `sqlite3_prepare_v3` and is finalized once, in `deinit`; `connection` outlives it.
/// Texts are bound with SQLITE_TRANSIENT, so SQLite copies them during the call; pointers to columns are read before
/// the next step.
@safe final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection

    /// SQLITE_TRANSIENT of sqlite3.h, a cast of −1 that Swift does not import.
    private static var transient: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    init(_ handle: OpaquePointer, of connection: Connection) {
        unsafe self.handle = handle
        self.connection = connection
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    // MARK: Parameters

    /// The parameters' names in the order of their numbers from 1; nil for one without a name.
    var parameterNames: [String?] {
        let count = unsafe sqlite3_bind_parameter_count(handle)
        return (0..<count).map { number in
            unsafe sqlite3_bind_parameter_name(handle, number + 1).map { unsafe String(cString: $0) }
        }
    }

    /// Whether it changes nothing.
    var isReadOnly: Bool { unsafe sqlite3_stmt_readonly(handle) != 0 }
    var isExplanation: Bool { unsafe sqlite3_stmt_isexplain(handle) != 0 }

    func bindNull(_ number: Int32) {
        check(unsafe sqlite3_bind_null(handle, number))
    }

    func bind(_ number: Int32, _ value: Int64) {
        check(unsafe sqlite3_bind_int64(handle, number, value))
    }

    func bind(_ number: Int32, _ text: String) {
        var text = text
        let status = text.withUTF8 { unsafe bind(number, $0) }
        check(status)
    }

    func bind(_ number: Int32, _ text: Span<UInt8>) {
        check(unsafe text.withUnsafeBufferPointer { unsafe bind(number, $0) })
    }

    private func bind(_ number: Int32, _ text: UnsafeBufferPointer<UInt8>) -> Int32 {
        // A null pointer would bind NULL rather than an empty text.
        guard let base = text.baseAddress, text.count > 0 else {
            return unsafe sqlite3_bind_text64(handle, number, "", 0, Statement.transient, UInt8(SQLITE_UTF8))
        }
        return unsafe base.withMemoryRebound(to: CChar.self, capacity: text.count) { characters in
            unsafe sqlite3_bind_text64(
                handle, number, characters, UInt64(text.count), Statement.transient, UInt8(SQLITE_UTF8))
        }
    }

    private func check(_ status: Int32) {
        precondition(
            status == SQLITE_OK, "a parameter's number and a reset statement are right, and texts are at most 1 MiB")
    }

    // MARK: Running

    /// Runs to the end, passing over rows, and makes the statement ready to be run again.
    func run() throws(SQLiteFailure) {
        while try step() {}
    }

    /// Goes to the next row; false at the end, where the statement is ready to be run again.
    func step() throws(SQLiteFailure) -> Bool {
        let status = unsafe sqlite3_step(handle)
        if status == SQLITE_ROW { return true }
        let failure = status == SQLITE_DONE ? nil : connection.failure(status)
        unsafe sqlite3_reset(handle)
        if let failure { throw failure }
        return false
    }

    /// Calls `body` at each row and makes the statement ready to be run again.
    func rows<R>(_ body: (Statement) -> R) throws(SQLiteFailure) -> [R] {
        var results: [R] = []
        while try step() { results.append(body(self)) }
        return results
    }

    // MARK: Columns

    /// What SQLite stores in a column.
    enum Value {
        case null
        case integer(Int64)
        case real(Double)
        case text([UInt8])
        case blob([UInt8])
    }

    var columnCount: Int32 { unsafe sqlite3_column_count(handle) }

    var columnNames: [String] {
        (0..<columnCount).map { column in
            unsafe sqlite3_column_name(handle, column).map { unsafe String(cString: $0) } ?? ""
        }
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    /// The column's text; empty when it is NULL.
    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    func value(_ column: Int32) -> Value {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(unsafe sqlite3_column_double(handle, column))
        case SQLITE_TEXT: .text(bytes(column))
        case SQLITE_BLOB: .blob(bytes(column))
        default: .null
        }
    }

    private func bytes(_ column: Int32) -> [UInt8] {
        guard let base = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: base, count: count))
    }
}
