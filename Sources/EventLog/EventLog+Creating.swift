public import EventFormat
internal import Glibc
internal import StoreFormat

extension EventLog {
    /// Creates a log in the directory `path`, which must not exist or be empty, with its first entry.
    ///
    /// The log is made beside `path` under another name and renamed when it is whole: a crash leaves a directory named
    /// `PATH.creating-…`, which may be deleted, or the finished log, never half a log at `path`.
    public static func create(
        at path: String, genesis: Event, options: LogOptions = LogOptions()
    ) throws(LogError) -> EventLog {
        let path = withoutSlashAtEnd(path)
        try refuseExisting(path)
        let draft = "\(path).creating-\(EventID())"
        try check(unsafe mkdir(draft, 0o770), "making \(draft)")
        do throws(LogError) {
            let environment = try Environment(directory: draft, create: true, readOnly: false, mapSize: options.mapSize)
            try record(genesis, in: environment, options)
            _ = consume environment
            try synchronize(draft)
            try check(unsafe rename(draft, path), "renaming \(draft) to \(path)")
        } catch {
            remove(draft)
            throw error
        }
        try synchronize(parent(of: path))
        return try EventLog(opening: path, options: options)
    }

    static func refuseExisting(_ path: String) throws(LogError) {
        guard !path.isEmpty else { throw LogError(.invalid, "the ledger's path is empty") }
        guard FileIdentity(path: "\(path)/\(StoreLayout.dataFileName)") == nil else {
            throw LogError(.alreadyExists, "there is a ledger at \(path) already; open it, or choose another path")
        }
        guard let directory = unsafe opendir(path) else {
            switch errno {
            case ENOENT: return try refuseMissingParent(of: path)
            case ENOTDIR:
                throw LogError(.alreadyExists, "\(path) is a file or lies below one; choose a path that does not exist")
            default: throw systemError("looking at \(path)")
            }
        }
        defer { unsafe closedir(directory) }
        while let item = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: item.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." {
                throw LogError(.alreadyExists, "\(path) is not empty; choose a path that does not exist")
            }
        }
    }

    /// A path of which nothing is there can become a ledger where a folder is above it.
    private static func refuseMissingParent(of path: String) throws(LogError) {
        var status = stat()
        guard unsafe lstat(path, &status) != 0 else {
            throw LogError(.invalid, "\(path) is a link that leads nowhere; choose a path that does not exist")
        }
        let folder = parent(of: path)
        guard unsafe stat(folder, &status) == 0 else {
            throw LogError(.notFound, "\(path) cannot be made: \(folder) does not exist; make that first")
        }
    }

    private static func record(
        _ genesis: Event, in environment: borrowing Environment, _ options: LogOptions
    ) throws(LogError) {
        let request = try AppendRequest(.ofStream([genesis], .ledger), reserved: true)
        var transaction = try WriteTransaction(environment)
        var base = try GroupBase(transaction)
        var group = AppendGroup(on: &base, at: options.clock())
        _ = try group.add(request, transaction)
        _ = group.close(transaction.id, recentCount: options.usableRecentCount)
        try group.write(to: &transaction)
        try LMDBStatus.check(transaction.commit(), "mdb_txn_commit")
    }

    /// Removes a draft that failed.
    static func remove(_ draft: String) {
        for name in [StoreLayout.dataFileName, LockFile.name] { unsafe unlink("\(draft)/\(name)") }
        unsafe rmdir(draft)
    }

    /// `path` without slashes at its end, so that a name can be appended to its last part.
    static func withoutSlashAtEnd(_ path: String) -> String {
        var path = path
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    /// The directory of `path`, which has no slash at its end.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a directory's names durable.
    static func synchronize(_ directory: String) throws(LogError) {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try check(descriptor < 0 ? -1 : 0, "opening \(directory)")
        defer { Glibc.close(descriptor) }
        try check(fsync(descriptor), "flushing \(directory)")
    }

    static func check(_ status: Int32, _ action: String) throws(LogError) {
        guard status == 0 else { throw systemError(action) }
    }

    static func systemError(_ action: String) -> LogError {
        let number = errno
        let text = unsafe String(cString: strerror(number))
        let code: LogError.Code =
            switch number {
            case ENOENT: .notFound
            case EACCES, EPERM, EROFS: .notPermitted
            case EEXIST, ENOTEMPTY: .alreadyExists
            case ENOSPC, EDQUOT: .diskFull
            default: .inputOutput
            }
        return LogError(code, "\(action) failed: \(text)")
    }
}
