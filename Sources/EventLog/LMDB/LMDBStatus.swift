internal import CLMDB
internal import Glibc

/// A status of an LMDB call, turned into an error that says what to do.
///
/// `mdb_strerror` returns a string that lives as long as the program, so reading it is safe.
struct LMDBStatus {
    let code: Int32
    let call: String

    /// Throws unless `code` says success.
    @inline(__always)
    static func check(_ code: Int32, _ call: String) throws(LogError) {
        guard code != MDB_SUCCESS else { return }
        throw LMDBStatus(code: code, call: call).error
    }

    var text: String {
        unsafe String(cString: mdb_strerror(code))
    }

    var error: LogError {
        switch code {
        case MDB_MAP_FULL:
            LogError(
                .mapFull,
                "the ledger's map is full; nothing was recorded: open the ledger with a larger map (LogOptions.mapSize)"
            )
        case MDB_READERS_FULL:
            LogError(.tooManyReaders, "all places for readers are taken; close some readers and try again")
        case MDB_TXN_FULL:
            LogError(.tooLarge, "the append touches more pages than one commit may; split it into smaller appends")
        case ENOSPC, EDQUOT:
            LogError(
                .diskFull, "the disk is full (\(call)); the append was not recorded: free space, then append again")
        case ENOMEM:
            LogError(
                .inputOutput,
                "\(call): the process has no addresses left for the map; close other ledgers, or raise its limit (ulimit -v)"
            )
        case EACCES, EPERM, EROFS:
            LogError(.notPermitted, "\(call): \(text); check the owner and the mode of the ledger's files")
        case ENOENT:
            LogError(.notFound, "\(call): \(text)")
        case MDB_KEYEXIST:
            LogError(.damaged, "\(call): a key stands twice or out of order; run mohur verify to learn what is damaged")
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH, MDB_BAD_TXN:
            LogError(.damaged, "\(call): \(text); run mohur verify to learn what is damaged")
        default:
            LogError(.inputOutput, "\(call) failed: \(text); check the disk and the system's log")
        }
    }
}
