internal import EventFormat
internal import Glibc
internal import StoreFormat
internal import Threading

/// One of the writer's threads: makes a group while the other thread commits the one before, then commits it.
struct WriterThread {
    let context: WriterContext
    let queue: Monitor<LogWriter.Queue>
    let base: Monitor<GroupBase?>

    /// Past this many callers it is faster to let half of them wait for a commit while the other half's is made.
    static let gatheredCount = 64
    /// How long a caller takes to come back, and how long all of them together for each one.
    static let returnMicroseconds = 50
    static let returnMicrosecondsEach = 4
    /// How long requests are looked for without sleeping.
    static let watchMicroseconds = 60
    /// After a lone caller did not come back in time, this many groups are not watched for: it needs the processor.
    static let unwatchedGroups = 16
    /// A thread that makes a group ahead is woken for this many requests, not for each.
    static let wakeCount = 16
    /// After another process's commit, this many groups are made in their turn.
    static let groupsInTurn = 16

    /// Records what is queued until the writer stops.
    func run() {
        var kept: GroupBase?
        var unwatched = 0
        while true {
            let (hasWaiting, hasOthers) = queue.withLock { (kept != nil && !$0.pending.isEmpty, $0.groupsInTurn > 0) }
            if kept != nil, !hasOthers {
                if unwatched > 0 {
                    unwatched -= 1
                } else if !watchForWork(1) {
                    unwatched = WriterThread.unwatchedGroups
                }
            }
            var ground = kept.take() ?? takeBase()
            guard var group = waitForWork(afterOwnCommit: hasWaiting) else {
                base.change { $0 = ground }
                return
            }
            var made = makeAhead(&group, &ground)
            let (turn, missing) = takeTurn(&group)
            if missing > 0 { gather(missing, &group, &made, on: &ground, turn) }
            let isAlone = group.pending.count == 1 && !group.overlaps
            var commit = GroupCommit(context: context, queue: queue, base: isAlone ? nil : base, turn: turn)
            let results = commit.record(&group, &made, on: &ground)
            kept = commit.kept
            passTurn(commit.turn, count: group.pending.count)
            for (pending, result) in zip(group.pending, results) { pending.complete(result) }
        }
    }

    private func takeBase() -> GroupBase {
        base.wait { base in
            defer { base = nil }
            return base
        }
    }

    /// Looks for so many requests for the time in which callers usually come back: waking a thread that sleeps takes
    /// longer. False when they did not come.
    @discardableResult
    private func watchForWork(_ count: Int) -> Bool {
        let end = ContinuousClock.now + .microseconds(WriterThread.watchMicroseconds)
        while queue.withLock({ $0.pending.count < count && !$0.isStopping }) {
            guard ContinuousClock.now < end else { return false }
            sched_yield()
        }
        return true
    }

    /// Lets the other thread commit.
    private func passTurn(_ turn: WriterTurn, count: Int) {
        let mustWake = queue.withLock { queue in
            queue.lastCount = count
            queue.groupsInTurn = turn.metOthers ? WriterThread.groupsInTurn : max(0, queue.groupsInTurn - 1)
            queue.turn = turn
            defer { queue.isTurnAwaited = false }
            return queue.isTurnAwaited
        }
        if mustWake { queue.wake() }
    }

    /// Waits for requests; nil when the writer stops and none is left. `afterOwnCommit`: whether there were some while
    /// this thread itself committed.
    private func waitForWork(afterOwnCommit: Bool) -> GatheredGroup? {
        queue.wait { queue -> GatheredGroup?? in
            queue.wakeCount = 1
            guard !queue.pending.isEmpty else { return queue.isStopping ? .some(nil) : nil }
            var weight = 0
            let taken = queue.take(&weight)
            let isCommitting = queue.turn == nil
            return GatheredGroup(
                pending: taken, weight: weight, overlaps: isCommitting || afterOwnCommit,
                mayBeMadeAhead: isCommitting && queue.groupsInTurn == 0)
        }
    }

    /// While the other thread commits: decides on the requests as they come, and encodes them. nil when that cannot be
    /// done before the commit.
    private func makeAhead(_ group: inout GatheredGroup, _ ground: inout GroupBase) -> MadeGroup? {
        guard group.mayBeMadeAhead, ground.isComplete else { return nil }
        var made = MadeGroup(appends: AppendGroup(on: &ground, at: context.clock(), ahead: true))
        while true {
            guard (try? made.add(group.pending, context)) != nil, !made.appends.isUndecided else { return nil }
            let weight = group.weight
            let (more, isOver) = queue.wait { queue -> ([LogWriter.Pending], Bool)? in
                if queue.turn != nil { return ([], true) }
                queue.isTurnAwaited = true
                queue.wakeCount = WriterThread.wakeCount
                guard queue.pending.count >= queue.wakeCount, weight < LogWriter.groupWeight else { return nil }
                return (queue.take(&group.weight), false)
            }
            guard !isOver else { return made }
            group.pending += more
        }
    }

    /// Waits until the other thread has committed. Returns how many callers are about to come back whose coming along
    /// is worth more than the time.
    private func takeTurn(_ group: inout GatheredGroup) -> (WriterTurn, missing: Int) {
        let (turn, awaited) = queue.wait { queue -> (WriterTurn, Int)? in
            guard let turn = queue.turn else {
                queue.isTurnAwaited = true
                return nil
            }
            queue.turn = nil
            group.pending += queue.take(&group.weight)
            let returning = queue.lastCount
            let mayWait = queue.groupsInTurn == 0 || turn.board != nil
            guard returning <= WriterThread.gatheredCount, group.overlaps || returning > 1, mayWait
            else { return (turn, 0) }
            return (turn, returning + (group.overlaps ? group.pending.count : 0))
        }
        return (turn, awaited - group.pending.count)
    }

    /// Waits for callers that come back, so many, and decides on their requests as they come.
    private func gather(
        _ missing: Int, _ group: inout GatheredGroup, _ made: inout MadeGroup?, on ground: inout GroupBase,
        _ turn: WriterTurn
    ) {
        let end =
            ContinuousClock.now
            + .microseconds(WriterThread.returnMicroseconds + WriterThread.returnMicrosecondsEach * missing)
        var missing = missing
        var mayMake = turn.baseHolds && !turn.mustReopen && queue.withLock { $0.groupsInTurn == 0 }
        if mayMake, made == nil, ground.isComplete {
            made = MadeGroup(appends: AppendGroup(on: &ground, at: context.clock()))
        }
        while missing > 0, group.weight < LogWriter.groupWeight {
            if mayMake, var some = made.take() {
                mayMake = (try? some.add(group.pending, context)) != nil && !some.appends.isUndecided
                if mayMake { made = some }
            }
            let left = (end - ContinuousClock.now) / .microseconds(1)
            guard left > 0 else { return }
            let count = min(missing, WriterThread.wakeCount)
            watchForWork(count)
            queue.withLock { $0.wakeCount = count }
            let more = queue.wait(microseconds: Int(left)) { queue in
                queue.pending.count >= count || queue.isStopping ? queue.take(&group.weight) : nil
            }
            group.pending += more ?? queue.withLock { $0.take(&group.weight) }
            guard let more, !more.isEmpty else { return }
            missing -= more.count
        }
    }
}

/// Requests that will be committed together.
struct GatheredGroup {
    var pending: [LogWriter.Pending]
    /// What the writer holds for them, in bytes about (``AppendRequest/weight``).
    var weight: Int
    /// Whether another group was being committed when the first of them came.
    let overlaps: Bool
    /// Whether the group may be made before the one before is committed.
    let mayBeMadeAhead: Bool

    /// Waits until all signatures that were just made are verified. Throws when one does not hold.
    func waitForSignatures() throws(LogError) {
        for item in pending { try item.request.owed?.wait() }
    }
}

/// A group that was decided on and encoded before its turn to be committed.
struct MadeGroup {
    var appends: AppendGroup
    var results: [Result<[AppendedEvent], LogError>] = []

    /// Adds the requests that are not added yet.
    mutating func add(_ pending: [LogWriter.Pending], _ context: WriterContext) throws(LogError) {
        try context.gate.read { transaction throws(LogError) in
            try add(pending, at: context.clock(), transaction)
        }
    }

    mutating func add(
        _ pending: [LogWriter.Pending], at now: Timestamp, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) {
        guard results.count < pending.count else { return }
        appends.goOn(at: now)
        appends.reserve(for: pending[results.count...].lazy.map(\.request))
        for item in pending[results.count...] { results.append(try appends.add(item.request, transaction)) }
    }
}
