import CLMDB
import Glibc

struct LMDBFailure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { String(cString: mdb_strerror(code)) }
}

func check(_ code: Int32) throws {
    guard code == MDB_SUCCESS else { throw LMDBFailure(code: code) }
}

/// A folder of its own, removed at the end.
final class Folder {
    let path: String
    var dataFile: String { path + "/data.mdb" }

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
        var template = Array("\(parent)/lmdbfile-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw LMDBFailure(code: errno) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        for name in ["data.mdb", "lock.mdb", "copy.mdb"] { unlink(path + "/" + name) }
        rmdir(path)
    }
}

/// LMDB itself, writing the files that the tests read.
final class LMDBWriter {
    private let environment: OpaquePointer

    convenience init(_ folder: Folder) throws { try self.init(path: folder.path) }

    init(path: String) throws {
        var raw: OpaquePointer?
        try check(mdb_env_create(&raw))
        environment = raw!
        try check(mdb_env_set_maxdbs(environment, 16))
        try check(mdb_env_set_mapsize(environment, 1 << 30))
        try check(mdb_env_open(environment, path, UInt32(MDB_NOSYNC | MDB_NOTLS), 0o600))
    }

    deinit { mdb_env_close(environment) }

    /// Commits what `body` does as one transaction.
    func write(_ body: (LMDBTransaction) throws -> Void) throws {
        var raw: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &raw))
        do {
            try body(LMDBTransaction(raw: raw!))
        } catch {
            mdb_txn_abort(raw)
            throw error
        }
        try check(mdb_txn_commit(raw))
    }
}

struct LMDBTransaction {
    let raw: OpaquePointer

    @discardableResult
    func open(_ table: String, flags: Int32 = 0) throws -> MDB_dbi {
        var handle: MDB_dbi = 0
        try check(mdb_dbi_open(raw, table, UInt32(MDB_CREATE | flags), &handle))
        return handle
    }

    func put(_ table: String, _ key: [UInt8], _ value: [UInt8]) throws {
        let handle = try open(table)
        var (key, value) = (key, value)
        let code = key.withUnsafeMutableBytes { key in
            value.withUnsafeMutableBytes { value in
                var keyValue = MDB_val(mv_size: key.count, mv_data: key.baseAddress)
                var valueValue = MDB_val(mv_size: value.count, mv_data: value.baseAddress)
                return mdb_put(raw, handle, &keyValue, &valueValue, 0)
            }
        }
        try check(code)
    }

    func delete(_ table: String, _ key: [UInt8]) throws {
        let handle = try open(table)
        var key = key
        let code = key.withUnsafeMutableBytes { key in
            var keyValue = MDB_val(mv_size: key.count, mv_data: key.baseAddress)
            return mdb_del(raw, handle, &keyValue, nil)
        }
        try check(code)
    }

    func drop(_ table: String) throws {
        try check(mdb_drop(raw, open(table), 0))
    }
}
