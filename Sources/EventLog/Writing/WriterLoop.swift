internal import EventFormat
internal import Glibc
internal import StoreFormat

/// The writer thread's own state and work.
struct WriterLoop {
    private let context: WriterContext
    /// The tail behind the transaction `tailTransaction`; read again when another process has written since.
    private var tail = LogTail()
    private var tailTransaction: UInt64?
    /// The streams' ends behind the same transaction.
    private var streams = StreamTable()
    private var commitCount = 0
    /// What this thread's own commits have made durable. What stands behind it may be another process's that died
    /// before its flush, or a commit whose flush failed.
    private var durableSize: UInt64 = 0
    private var mustReopen = false

    init(_ context: WriterContext) {
        self.context = context
    }

    /// What became of a try to commit a group.
    private enum Outcome {
        /// The requests' own answers; all is durable.
        case answered([Result<[AppendedEvent], LogError>])
        /// The store refused before anything was written.
        case refused(LogError)
        /// The commit failed.
        case failed(CommitFailure)
    }

    /// Decides on the requests, commits, completes.
    mutating func record(_ group: [LogWriter.Pending]) {
        let outcome: Outcome
        do throws(LogError) {
            if mustReopen { try reopen() }
            outcome = try attempt(group)
        } catch {
            outcome = .refused(error)
        }
        switch outcome {
        case .answered(let results):
            for (pending, result) in zip(group, results) { pending.complete(result) }
        case .refused(let error) where group.count > 1 && !error.isStorageFault:
            for pending in group { record([pending]) }
        case .refused(let error):
            if error.isStorageFault { mustReopen = true }
            complete(group, error)
        case .failed(let failure) where failure.error.code == .mapFull && group.count > 1:
            for pending in group { record([pending]) }
        case .failed(let failure):
            recover(group, failure)
        }
    }

    private func complete(_ group: [LogWriter.Pending], _ error: LogError) {
        for pending in group { pending.complete(.failure(error)) }
    }

    private mutating func attempt(_ group: [LogWriter.Pending]) throws(LogError) -> Outcome {
        let context = context
        return try context.gate.use { environment throws(LogError) in
            var transaction = try WriteTransaction(environment)
            let transactionID = transaction.id
            if tailTransaction != transactionID &- 1 {
                tail = try transaction.tail()
                streams = StreamTable()
            }
            tailTransaction = nil
            var appends = AppendGroup(
                after: tail, at: context.clock(), greatestID: try transaction.greatestID(), streams: streams.trimmed)
            streams = StreamTable()
            appends.reserve(for: group.lazy.map(\.request))
            var results: [Result<[AppendedEvent], LogError>] = []
            results.reserveCapacity(group.count)
            for pending in group { results.append(try appends.add(pending.request, &transaction)) }
            if appends.isEmpty {
                guard let repeated = appends.newestRepeated, repeated.index.rawValue >= durableSize else {
                    tailTransaction = transactionID &- 1
                    streams = appends.streams
                    return .answered(results)
                }
                try appends.touch(&transaction)
            } else {
                try appends.finish(&transaction)
            }
            let status = transaction.commit()
            guard status == 0 else {
                return .failed(
                    CommitFailure(
                        status: LMDBStatus(code: status, call: "mdb_txn_commit"), first: appends.first,
                        results: results, reachedMetaPage: environment.hasFailedForGood))
            }
            tail = appends.tail
            streams = appends.streams
            tailTransaction = transactionID
            durableSize = tail.next.rawValue
            commitCount += 1
            if commitCount % 1024 == 0 { environment.clearDeadReaders() }
            context.committed(tail.next.rawValue)
            return .answered(results)
        }
    }

    /// After a failed commit: opens the store again, checks its tail and tells from it what became of the group.
    ///
    /// A failed flush may leave pages in the system's cache that are not on the disk, so what is found recorded is not
    /// acknowledged: the callers are told to append again with the same ids, which waits for a flush of its own. The
    /// same holds for events that an earlier append may have recorded, and for all when the meta page was being
    /// written: then it may be on the disk although the cache has the old one.
    private mutating func recover(_ group: [LogWriter.Pending], _ failure: CommitFailure) {
        let cause = failure.error.withFreeSpace(of: context.path)
        tailTransaction = nil
        durableSize = 0
        guard cause.code != .mapFull, cause.code != .tooLarge else { return complete(group, cause) }
        mustReopen = true
        var reason = failure.status.text
        var isAbsent = false
        do throws(LogError) {
            try reopen()
            let size = try context.gate.read { transaction throws(LogError) in try transaction.size() }
            isAbsent = size <= failure.first.rawValue && !failure.reachedMetaPage
        } catch {
            reason += "; opening again failed too: \(error.reason)"
        }
        for (pending, result) in zip(group, failure.results) {
            let isCertain = isAbsent && !failure.wasRecordedBefore(result)
            pending.complete(.failure(isCertain ? cause : .outcomeUnknown(because: reason)))
        }
    }

    private mutating func reopen() throws(LogError) {
        tailTransaction = nil
        let context = context
        try context.gate.replace { () throws(LogError) in
            let box = try context.reopen()
            let environment = box.environment
            return consume environment
        }
        try context.gate.read { transaction throws(LogError) in try transaction.checkRightEdge() }
        mustReopen = false
    }
}

/// What is known of a commit that failed.
private struct CommitFailure {
    let status: LMDBStatus
    /// The first index of the group.
    let first: EntryIndex
    /// What the requests would have been answered.
    let results: [Result<[AppendedEvent], LogError>]
    let reachedMetaPage: Bool

    var error: LogError { status.error }

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
            "the disk of \(path) is full (\(free) bytes are free); nothing was recorded: free space, then append again")
    }
}
