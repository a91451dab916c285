internal import EventFormat
internal import StoreFormat
internal import Threading

/// The commit of a group, by the thread whose turn it is.
struct GroupCommit {
    let context: WriterContext
    let queue: Monitor<LogWriter.Queue>
    /// Where the base of the next group goes; nil when this thread keeps it.
    private let base: Monitor<GroupBase?>?
    private var hasGivenBase = false
    /// The base of the next group, when this thread keeps it.
    private(set) var kept: GroupBase?
    var turn: WriterTurn
    /// The processes whose events are in the group that is being committed.
    var guests: [Guest] = []
    /// Whether the group may be offered to another process, and may take others' along.
    var mayShare = true
    /// Whether another process had the group and may have recorded it though it did not say so.
    var wasTaken = false

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
    enum Outcome {
        /// The requests' own answers; all is durable.
        case answered([Answer])
        /// Another process has taken the group along. The index of its first entry; 0: it recorded none.
        case elsewhere(first: UInt64)
        /// The store refused before anything was written.
        case refused(LogError)
        /// The commit failed.
        case failed(CommitFailure)

        /// Whether a smaller group may succeed.
        var isOfLess: Bool {
            switch self {
            case .answered, .elsewhere: false
            case .refused(let error): !error.isStorageFault
            case .failed(let failure): failure.refusesSize
            }
        }
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
        let hadGuests = !guests.isEmpty
        dismissGuests(isDurable: false)
        switch settled(outcome) {
        case .answered(let answers): return answers
        case .elsewhere(let first): return answers(to: &group, recordedFrom: first, on: &ground)
        case .refused, .failed: turn.baseHolds = false
        }
        if hadGuests, outcome.isOfLess {
            mayShare = false
            (made, ground) = (nil, GroupBase())
            return answers(to: &group, &made, on: &ground)
        }
        return answers(to: group.pending, when: outcome)
    }

    /// After a try that recorded nothing: tries less at a time if that may help and can be, or says what is known.
    private mutating func answers(to group: [LogWriter.Pending], when outcome: Outcome) -> [Answer] {
        if group.count > 1, outcome.isOfLess { return oneByOne(group) }
        switch outcome {
        case .answered, .elsewhere: preconditionFailure("a try that succeeded needs no other answers")
        case .refused(let error):
            if error.isStorageFault { turn.mustReopen = true }
            return group.map { _ in .failure(wasTaken ? .outcomeUnknown(because: error.reason) : error) }
        case .failed(let failure): return recover(failure)
        }
    }

    /// The answers for a group that another process has recorded from `first` on: what of it is there, it has made
    /// durable; the rest is for this one.
    private mutating func answers(
        to group: inout GatheredGroup, recordedFrom first: UInt64, on ground: inout GroupBase
    ) -> [Answer] {
        turn.metOthers = true
        wasTaken = true
        let requests = group.pending.map(\.request)
        let known: [Answer?]
        do throws(LogError) {
            known = try context.gate.read { transaction throws(LogError) in
                try transaction.answers(to: requests, from: first)
            }
        } catch {
            (turn.baseHolds, turn.mustReopen) = (false, true)
            return requests.map { _ in .failure(.outcomeUnknown(because: error.reason)) }
        }
        if let size = known.lazy.compactMap({ try? $0?.get().last?.index.rawValue }).max() {
            turn.durableSize = max(turn.durableSize, size + 1)
            context.committed(size + 1)
        }
        let rest = zip(group.pending, known).compactMap { $1 == nil ? $0 : nil }
        guard !rest.isEmpty else {
            let next = ground
            ground = GroupBase()
            give(next)
            return known.compactMap(\.self)
        }
        mayShare = false
        var (alone, made) = (group, MadeGroup?.none)
        alone.pending = rest
        var answers = self.answers(to: &alone, &made, on: &ground)[...]
        turn.metOthers = true
        group.pending += alone.pending.dropFirst(rest.count)
        return known.map { $0 ?? answers.removeFirst() } + answers
    }

    /// Commits each request by itself, so that one that the store refuses does not stop the others.
    private mutating func oneByOne(_ group: [LogWriter.Pending]) -> [Answer] {
        if !hasGivenBase { give(GroupBase()) }
        mayShare = false
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
        if ahead == nil, mayShare, let first = share(group) { return .elsewhere(first: first) }
        return try context.gate.use { environment throws(LogError) in
            var transaction = try WriteTransaction(environment)
            switch turn.board?.withdraw() {
            case .answered(let first): return .elsewhere(first: first)
            case .unknown: wasTaken = true
            case .untouched, nil: break
            }
            var made = try current(&ahead, on: &ground, transaction)
            if turn.metOthers { group.pending += queue.withLock { $0.take(&group.weight) } }
            try made.add(group.pending, at: context.clock(), transaction)
            try group.waitForSignatures()
            if mayShare { try takeAlong(&made, transaction) }
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
            turn.board?.leave()
            dismissGuests(isDurable: true)
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
