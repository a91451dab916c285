internal import CLMDB

/// The calls on tables that all transactions share.
///
/// Safety: LMDB reads a key's and a value's bytes during the call only, and a value that it hands out stays where it
/// is until the transaction ends; each span below is made from such a value and ends with the closure that it is given
/// to.
enum RawTable {
    /// Calls `body` with the value of `key`; nil when there is none.
    static func get<R>(
        _ transaction: OpaquePointer?, _ table: UInt32, _ key: Span<UInt8>,
        _ body: (Span<UInt8>) throws(LogError) -> R
    ) throws(LogError) -> R? {
        var value = unsafe MDB_val()
        let status = unsafe withValue(key) { unsafe mdb_get(transaction, table, $0, &value) }
        guard status != MDB_NOTFOUND else { return nil }
        try LMDBStatus.check(status, "mdb_get")
        return try body(unsafe bytes(value).span)
    }

    static func put(
        _ transaction: OpaquePointer?, _ table: UInt32, _ key: Span<UInt8>, _ value: Span<UInt8>, flags: Int32
    ) throws(LogError) {
        let status = unsafe withValue(key) { keyValue in
            unsafe withValue(value) { unsafe mdb_put(transaction, table, keyValue, $0, UInt32(flags)) }
        }
        try LMDBStatus.check(status, "mdb_put")
    }

    /// Puts a row whose value `body` writes into LMDB's own memory, all `byteCount` bytes of it.
    ///
    /// The memory is the transaction's and stays where it is until the next change of the table, so during `body`.
    static func reserve(
        _ transaction: OpaquePointer?, _ table: UInt32, _ key: Span<UInt8>, _ byteCount: Int, flags: Int32,
        _ body: (inout OutputSpan<UInt8>) -> Void
    ) throws(LogError) {
        var value = unsafe MDB_val(mv_size: byteCount, mv_data: nil)
        let status = unsafe withValue(key) {
            unsafe mdb_put(transaction, table, $0, &value, UInt32(flags | MDB_RESERVE))
        }
        try LMDBStatus.check(status, "mdb_put")
        let room = unsafe UnsafeMutableBufferPointer(
            start: value.mv_data?.assumingMemoryBound(to: UInt8.self), count: value.mv_size)
        var output = unsafe OutputSpan(buffer: room, initializedCount: 0)
        body(&output)
        let written = unsafe output.finalize(for: room)
        precondition(written == byteCount, "a value has another size than was said")
    }

    static func entryCount(_ transaction: OpaquePointer?, _ table: UInt32) throws(LogError) -> Int {
        var statistics = MDB_stat()
        try unsafe LMDBStatus.check(mdb_stat(transaction, table, &statistics), "mdb_stat")
        return Int(statistics.ms_entries)
    }

    /// The bytes that a value of LMDB's names.
    static func bytes(_ value: MDB_val) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(
            start: value.mv_data?.assumingMemoryBound(to: UInt8.self), count: value.mv_size)
    }

    /// Calls `body` with `span` as LMDB's value. LMDB does not write through it.
    static func withValue<R>(_ span: Span<UInt8>, _ body: (UnsafeMutablePointer<MDB_val>) -> R) -> R {
        unsafe span.withUnsafeBufferPointer { buffer in
            var value = unsafe MDB_val(
                mv_size: buffer.count, mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress))
            return unsafe body(&value)
        }
    }
}
