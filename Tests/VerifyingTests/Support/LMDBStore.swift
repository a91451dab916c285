import CLMDB
import StoreFormat

struct LMDBFailure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { String(cString: mdb_strerror(code)) }
}

private func check(_ code: Int32) throws {
    guard code == MDB_SUCCESS else { throw LMDBFailure(code: code) }
}

/// LMDB itself, by which the tests write stores that the ledger's own code would not.
final class LMDBStore {
    private let environment: OpaquePointer

    init(_ directory: String) throws {
        var raw: OpaquePointer?
        try check(mdb_env_create(&raw))
        environment = raw!
        try check(mdb_env_set_maxdbs(environment, 8))
        try check(mdb_env_set_mapsize(environment, 1 << 30))
        try check(mdb_env_open(environment, directory, UInt32(MDB_NOSYNC | MDB_NOTLS), 0o600))
    }

    deinit { mdb_env_close(environment) }

    /// Writes rows into tables in one transaction.
    func write(_ tables: [(name: String, rows: [(key: [UInt8], value: [UInt8])])]) throws {
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &transaction))
        do {
            for table in tables {
                var handle: MDB_dbi = 0
                try check(mdb_dbi_open(transaction, table.name, UInt32(MDB_CREATE), &handle))
                for (key, value) in table.rows { try check(put(transaction, handle, key, value)) }
            }
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        try check(mdb_txn_commit(transaction))
    }

    private func put(_ transaction: OpaquePointer?, _ table: MDB_dbi, _ key: [UInt8], _ value: [UInt8]) -> Int32 {
        var (key, value) = (key, value)
        return key.withUnsafeMutableBytes { key in
            value.withUnsafeMutableBytes { value in
                var keyValue = MDB_val(mv_size: key.count, mv_data: key.baseAddress)
                var valueValue = MDB_val(mv_size: value.count, mv_data: value.baseAddress)
                return mdb_put(transaction, table, &keyValue, &valueValue, 0)
            }
        }
    }

    /// Copies the file into `directory` without its free pages.
    func compact(into directory: String) throws {
        try check(mdb_env_copy2(environment, directory, UInt32(MDB_CP_COMPACT)))
    }
}
