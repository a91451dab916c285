internal import EventFormat
internal import Glibc
internal import StoreFormat

extension GroupCommit {
    /// After a failed commit: opens the store again, checks its tail and tells from it what became of the group.
    ///
    /// A failed flush may leave pages in the system's cache that are not on the disk, so what is found recorded is not
    /// acknowledged: the callers are told to append again with the same ids, which waits for a flush of its own. The
    /// same holds for events that an earlier append may have recorded, and for all when the meta page was being
    /// written: then it may be on the disk although the cache has the old one.
    mutating func recover(_ failure: CommitFailure) -> [Answer] {
        let cause = failure.error.withFreeSpace(of: context.path)
        turn.durableSize = 0
        guard cause.code != .mapFull, cause.code != .tooLarge else {
            return failure.results.map { result in
                let mayBeRecorded = wasTaken || failure.wasRecordedBefore(result)
                return .failure(mayBeRecorded ? .outcomeUnknown(because: cause.reason) : cause)
            }
        }
        turn.mustReopen = true
        var reason = failure.status.text
        var isAbsent = false
        do throws(LogError) {
            try reopen()
            let size = try context.gate.read { transaction throws(LogError) in try transaction.size() }
            isAbsent = size <= failure.first.rawValue && !failure.reachedMetaPage
        } catch {
            reason += "; opening again failed too: \(error.reason)"
        }
        return failure.results.map { result in
            let isCertain = isAbsent && !wasTaken && !failure.wasRecordedBefore(result)
            return .failure(isCertain ? cause : .outcomeUnknown(because: reason))
        }
    }

    mutating func reopen() throws(LogError) {
        try context.gate.reopen(context.reopen)
        turn.mustReopen = false
    }
}

/// What is known of a commit that failed.
struct CommitFailure {
    let status: LMDBStatus
    /// The first index of the group.
    let first: EntryIndex
    /// What the requests would have been answered.
    let results: [Result<[AppendedEvent], LogError>]
    let reachedMetaPage: Bool

    var error: LogError { status.error }

    /// Whether the group was too large for the store, and a smaller one need not be.
    var refusesSize: Bool { error.code == .mapFull || error.code == .tooLarge }

    /// Whether a request was to be told of events that are recorded already.
    func wasRecordedBefore(_ result: Result<[AppendedEvent], LogError>) -> Bool {
        guard case .success(let events) = result else { return false }
        return events.contains { $0.index < first }
    }
}

extension LogError {
    /// Whether the disk, not the request, is at fault.
    var isStorageFault: Bool { code == .diskFull || code == .inputOutput || code == .outcomeUnknown || code == .closed }

    static func outcomeUnknown(because cause: String) -> LogError {
        LogError(
            .outcomeUnknown,
            "it is not known whether the events are recorded (\(cause)); append them again with the same ids: what is recorded is not recorded twice"
        )
    }

    /// LMDB reports a short write on a full disk as an input/output error: look at the free space to tell.
    func withFreeSpace(of path: String) -> LogError {
        guard code == .inputOutput else { return self }
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return self }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        guard free < 1 << 20 else { return self }
        return LogError(
            .diskFull,
            "the disk of \(path) is full (\(free) bytes are free); the append was not recorded: free space, then append again"
        )
    }
}
