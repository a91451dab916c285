internal import EventFormat
internal import StoreFormat
internal import Threading

/// The commit of a group, by the thread whose turn it is.
struct GroupCommit {
    let context: WriterContext
    private let queue: Monitor<LogWriter.Queue>
    /// Where the base of the next group goes; nil when this thread keeps it.
    private let base: Monitor<GroupBase?>?
    private var hasGivenBase = false
    /// The base of the next group, when this thread keeps it.
    private(set) var kept: GroupBase?
    var turn: WriterTurn

    init(
        context: WriterContext, queue: Monitor<LogWriter.Queue>, base: Monitor<GroupBase?>?, turn: WriterTurn
    ) {
        self.context = context
        self.queue = queue
        self.base = base
        self.turn = turn
        self.turn.metOthers = false
    }

    /// Groups of less are written into room that was made before.
    static let smallByteCount = 32 << 10

    typealias Answer = Result<[AppendedEvent], LogError>

    /// What became of a try to commit a group.
    private enum Outcome {
        /// The requests' own answers; all is durable.
        case answered([Answer])
        /// The store refused before anything was written.
        case refused(LogError)
        /// The commit failed.
        case failed(CommitFailure)
    }

    /// Decides on the requests that `made` does not have yet and commits; or decides on all of them again, when the log
    /// is not as `ground` has it. Requests that come while another process commits are taken along. Gives on the base
    /// of the next group. Returns the requests' answers, which are true when they are given.
    mutating func record(
        _ group: inout GatheredGroup, _ made: inout MadeGroup?, on ground: inout GroupBase
    ) -> [Answer] {
        let isSound = turn.baseHolds && !turn.mustReopen
        if !isSound { (made, ground) = (nil, GroupBase()) }
        turn.baseHolds = true
        let answers = answers(to: &group, &made, on: &ground)
        if !hasGivenBase { give(GroupBase()) }
        return answers
    }

    private mutating func answers(
        to group: inout GatheredGroup, _ made: inout MadeGroup?, on ground: inout GroupBase
    ) -> [Answer] {
        let outcome: Outcome
        do throws(LogError) {
            if turn.mustReopen { try reopen() }
            outcome = try attempt(&group, &made, on: &ground)
        } catch {
            outcome = .refused(error)
        }
        if case .answered(let answers) = outcome { return answers }
        turn.baseHolds = false
        switch outcome {
        case .answered(let answers): return answers
        case .refused(let error) where group.pending.count > 1 && !error.isStorageFault: return oneByOne(group.pending)
        case .refused(let error):
            if error.isStorageFault { turn.mustReopen = true }
            return group.pending.map { _ in .failure(error) }
        case .failed(let failure) where failure.refusesSize && group.pending.count > 1:
            return oneByOne(group.pending)
        case .failed(let failure): return recover(failure)
        }
    }

    /// Commits each request by itself, so that one that the store refuses does not stop the others.
    private mutating func oneByOne(_ group: [LogWriter.Pending]) -> [Answer] {
        if !hasGivenBase { give(GroupBase()) }
        var answers: [Answer] = []
        for pending in group {
            var (made, ground) = (MadeGroup?.none, GroupBase())
            var alone = GatheredGroup(
                pending: [pending], weight: LogWriter.groupWeight, overlaps: false, mayBeMadeAhead: false)
            answers += self.answers(to: &alone, &made, on: &ground)
        }
        turn.baseHolds = false
        return answers
    }

    /// Gives on what the next group is made on: once, before the commit, which the making of that group overlaps. When
    /// the commit fails, ``WriterTurn/baseHolds`` says that it is wrong.
    private mutating func give(_ next: consuming GroupBase) {
        guard !hasGivenBase else {
            turn.baseHolds = false
            return
        }
        hasGivenBase = true
        // Nothing else refers to the table of streams then, which the other thread changes in place.
        var moved: GroupBase? = consume next
        if let base { base.change { $0 = moved.take() } } else { kept = moved.take() }
    }
}

// MARK: - One try

extension GroupCommit {
    private mutating func attempt(
        _ group: inout GatheredGroup, _ ahead: inout MadeGroup?, on ground: inout GroupBase
    ) throws(LogError) -> Outcome {
        try context.gate.use { environment throws(LogError) in
            var transaction = try WriteTransaction(environment)
            var made = try current(&ahead, on: &ground, transaction)
            if turn.metOthers { group.pending += queue.withLock { $0.take(&group.weight) } }
            try made.add(group.pending, at: context.clock(), transaction)
            if made.appends.byteCount < GroupCommit.smallByteCount, let extent = environment.extent {
                context.room.make(behind: extent.used, limit: extent.map)
            }
            let isEmpty = made.appends.isEmpty
            if isEmpty, !mustTouch(made.appends) {
                give(made.appends.close(transaction.id &- 1, recentCount: context.recentCount))
                return .answered(made.results)
            }
            give(made.appends.close(transaction.id, recentCount: context.recentCount))
            if isEmpty {
                try transaction.touch()
            } else {
                try made.appends.write(to: &transaction)
            }
            let status = transaction.commit()
            guard status == 0 else {
                return .failed(
                    CommitFailure(
                        status: LMDBStatus(code: status, call: "mdb_txn_commit"), first: made.appends.first,
                        results: made.results, reachedMetaPage: environment.hasFailedForGood))
            }
            if let trust = made.appends.trust { context.trust.publish(trust) }
            turn.durableSize = made.appends.tail.next.rawValue
            turn.commitCount += 1
            if turn.commitCount % 1024 == 0 { environment.clearDeadReaders() }
            context.committed(turn.durableSize)
            return .answered(made.results)
        }
    }

    /// The group as far as it is made, on the log as the transaction finds it.
    private mutating func current(
        _ made: inout MadeGroup?, on ground: inout GroupBase, _ transaction: borrowing WriteTransaction
    ) throws(LogError) -> MadeGroup {
        if let known = ground.transaction {
            if known == transaction.id &- 1 {
                if let made = made.take() { return made }
                if !ground.isSpent { return MadeGroup(appends: AppendGroup(on: &ground, at: context.clock())) }
            } else {
                turn.metOthers = true
            }
        }
        if try !ground.follow(transaction) { ground = try GroupBase(transaction) }
        let head = try ground.streams.head(of: .ledger, transaction)
        ground.trust = try context.trust.current(transaction, head: head)
        return MadeGroup(appends: AppendGroup(on: &ground, at: context.clock()))
    }

    /// Whether an answer names an event that this process has not made durable.
    private func mustTouch(_ appends: AppendGroup) -> Bool {
        guard let repeated = appends.newestRepeated else { return false }
        return repeated.index.rawValue >= turn.durableSize
    }
}
