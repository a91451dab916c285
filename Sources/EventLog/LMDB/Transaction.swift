internal import CLMDB

/// What read and write transactions can both do.
///
/// Safety: `raw` is alive as long as the value, which is not copyable; no method lets a span or a pointer out of its
/// closure.
protocol Transaction: ~Copyable {
    var raw: OpaquePointer { get }
    var tables: Environment.Tables { get }
}

extension Transaction where Self: ~Copyable {
    /// The value of `key`, given to `body`; nil when there is none.
    borrowing func value<R>(
        _ table: UInt32, _ key: Span<UInt8>, _ body: (Span<UInt8>) throws(LogError) -> R
    ) throws(LogError) -> R? {
        try unsafe RawTable.get(raw, table, key, body)
    }

    /// The row with the smallest key that is not below `key`; nil when there is none.
    borrowing func row<R>(
        _ table: UInt32, atOrAfter key: Span<UInt8>, _ body: (Span<UInt8>, Span<UInt8>) throws(LogError) -> R
    ) throws(LogError) -> R? {
        let cursor = try unsafe Cursor(raw, table)
        return try cursor.seek(key) ? try cursor.withRow(body) : nil
    }

    /// The row with the largest key; nil in an empty table.
    borrowing func lastRow<R>(
        _ table: UInt32, _ body: (Span<UInt8>, Span<UInt8>) throws(LogError) -> R
    ) throws(LogError) -> R? {
        let cursor = try unsafe Cursor(raw, table)
        return try cursor.move(MDB_LAST) ? try cursor.withRow(body) : nil
    }

    /// A place in a table, to be used while the transaction is borrowed.
    borrowing func cursor(_ table: UInt32) throws(LogError) -> Cursor {
        try unsafe Cursor(raw, table)
    }

    /// Calls `body` with each row from `key` on, in key order, until it says false.
    borrowing func forEachRow(
        _ table: UInt32, from key: Span<UInt8>, _ body: (Span<UInt8>, Span<UInt8>) throws(LogError) -> Bool
    ) throws(LogError) {
        let cursor = try unsafe Cursor(raw, table)
        var found = try cursor.seek(key)
        while found, try cursor.withRow(body) {
            found = try cursor.move(MDB_NEXT)
        }
    }

    /// The version that the store says it has. Throws when this program does not know it.
    borrowing func storeVersion() throws(LogError) -> UInt8 { try unsafe Environment.version(raw, tables.about) }

    /// The number of rows. O(1).
    borrowing func rowCount(_ table: UInt32) throws(LogError) -> Int {
        try unsafe RawTable.entryCount(raw, table)
    }
}

/// A place in a table, closed when it goes out of scope, which is before its transaction ends.
@safe struct Cursor: ~Copyable {
    private let raw: OpaquePointer

    init(_ transaction: OpaquePointer, _ table: UInt32) throws(LogError) {
        var cursor: OpaquePointer?
        try unsafe LMDBStatus.check(mdb_cursor_open(transaction, table, &cursor), "mdb_cursor_open")
        guard let cursor = unsafe cursor else { preconditionFailure("mdb_cursor_open succeeded without a cursor") }
        unsafe raw = cursor
    }

    deinit {
        unsafe mdb_cursor_close(raw)
    }

    /// Moves to the first row whose key is not below `key`; false when there is none. An empty key means the first row.
    func seek(_ key: Span<UInt8>) throws(LogError) -> Bool {
        guard key.count > 0 else { return try move(MDB_FIRST) }
        let status = unsafe RawTable.withValue(key) { keyValue in
            var value = unsafe MDB_val()
            return unsafe mdb_cursor_get(raw, keyValue, &value, MDB_SET_RANGE)
        }
        return try found(status)
    }

    /// Moves to the first row whose key is not below the eight bytes of `number`, most significant first.
    func seek(_ number: UInt64) throws(LogError) -> Bool {
        var bytes = number.bigEndian
        let status = unsafe withUnsafeMutableBytes(of: &bytes) { buffer in
            var key = unsafe MDB_val(mv_size: buffer.count, mv_data: buffer.baseAddress)
            var value = unsafe MDB_val()
            return unsafe mdb_cursor_get(raw, &key, &value, MDB_SET_RANGE)
        }
        return try found(status)
    }

    func move(_ operation: MDB_cursor_op) throws(LogError) -> Bool {
        var key = unsafe MDB_val()
        var value = unsafe MDB_val()
        return try found(unsafe mdb_cursor_get(raw, &key, &value, operation))
    }

    func withRow<R>(_ body: (Span<UInt8>, Span<UInt8>) throws(LogError) -> R) throws(LogError) -> R {
        var key = unsafe MDB_val()
        var value = unsafe MDB_val()
        try unsafe LMDBStatus.check(mdb_cursor_get(raw, &key, &value, MDB_GET_CURRENT), "mdb_cursor_get")
        return try body(unsafe RawTable.bytes(key).span, unsafe RawTable.bytes(value).span)
    }

    /// Puts a row and moves to it.
    func put(_ key: Span<UInt8>, _ value: Span<UInt8>, flags: Int32) throws(LogError) {
        let status = unsafe RawTable.withValue(key) { keyValue in
            unsafe RawTable.withValue(value) { unsafe mdb_cursor_put(raw, keyValue, $0, UInt32(flags)) }
        }
        try LMDBStatus.check(status, "mdb_cursor_put")
    }

    private func found(_ status: Int32) throws(LogError) -> Bool {
        guard status != MDB_NOTFOUND else { return false }
        try LMDBStatus.check(status, "mdb_cursor_get")
        return true
    }
}
