internal import EventFormat
internal import Keyring
internal import StoreFormat
internal import Threading

/// Committing together with other processes (``OfferBoard``).
extension GroupCommit {
    /// Offers the group to the process that commits next, when others have written lately. The index of the first entry
    /// that was recorded for it, 0 when none was; nil when this process is to commit.
    mutating func share(_ group: GatheredGroup) -> UInt64? {
        guard turn.board != nil, queue.withLock({ $0.groupsInTurn > 0 }), let trust = context.trust.last else {
            return nil
        }
        let requests = group.pending.map(\.request)
        for request in requests {
            guard (try? request.check(under: trust, at: trust.end)) != nil else { return nil }
        }
        let target = OfferTarget(file: context.file, identity: trust.history.identity, trusted: trust.last)
        guard let offer = Offer.bytes(of: requests, for: target) else { return nil }
        return turn.board?.put(offer)
    }

    /// Takes along what other processes offer: decides on it and adds it to the group. Answers follow the commit.
    mutating func takeAlong(
        _ made: inout MadeGroup, _ transaction: borrowing WriteTransaction
    ) throws(LogError) {
        if turn.metOthers, !turn.hasLookedForBoard {
            turn.hasLookedForBoard = true
            turn.board = context.sharesCommits ? OfferBoard(in: context.path) : nil
        }
        guard let board = turn.board else { return }
        for offer in board.take() {
            guests.append(Guest(offer: offer))
            let first = made.appends.tail.next.rawValue
            try add(offer, to: &made.appends, transaction)
            if made.appends.tail.next.rawValue > first { guests[guests.count - 1].first = first }
        }
        if !guests.isEmpty { turn.metOthers = true }
    }

    private func add(
        _ offer: OfferBoard.Taken, to group: inout AppendGroup, _ transaction: borrowing WriteTransaction
    ) throws(LogError) {
        var reader = OfferReader(offer.bytes)
        let (target, appends): (OfferTarget, [OfferedAppend])
        do throws(OfferReader.Malformed) {
            (target, appends) = (try reader.target(), try reader.appends())
        } catch {
            return
        }
        guard target.file == context.file else { return }
        for append in appends { try group.add(append, under: target, transaction) }
    }

    /// The outcome of a try when the group is no longer offered, and other processes may commit.
    mutating func settled(_ outcome: Outcome) -> Outcome {
        defer { turn.board?.leave() }
        switch turn.board?.retract() {
        case .answered(let first): return .elsewhere(first: first)
        case .unknown:
            wasTaken = true
            (turn.board, turn.hasLookedForBoard) = (nil, false)
            return outcome
        case .untouched, nil: return outcome
        }
    }

    /// Answers those whose offers were taken: with where they are recorded, when the group `isDurable`; otherwise that
    /// they are to append themselves.
    mutating func dismissGuests(isDurable: Bool) {
        for guest in guests { turn.board?.answer(guest.offer, first: isDurable ? guest.first : 0) }
        guests = []
    }

    /// The answers to the requests whose events stand, in this order, among the entries from `first` on; nil for the
    /// others.
    func answers(to requests: [AppendRequest], from first: UInt64) throws(LogError) -> [Answer?] {
        guard first > 0 else { return requests.map { _ in nil } }
        var entries: [IndexableEntry] = []
        try context.gate.read { transaction throws(LogError) in
            let end = min(try transaction.size(), first + requests.reduce(0) { $0 + UInt64($1.count) })
            guard first < end else { return }
            try transaction.forEachIndexable(in: first..<end) { entry throws(LogError) in entries.append(entry) }
        }
        var next = entries[...]
        return requests.map { request in
            let found = next.prefix(request.count)
            guard found.map(\.id) == Array(request.ids) else { return nil }
            next = next.dropFirst(request.count)
            return .success(
                found.map {
                    AppendedEvent(
                        id: $0.id, stream: $0.stream, revision: $0.revision, index: $0.index, repeated: false)
                })
        }
    }
}

/// Another process whose offer was taken.
struct Guest: Sendable {
    let offer: OfferBoard.Taken
    /// The index of the first of its entries; 0 when none was added.
    var first: UInt64 = 0
}

extension AppendGroup {
    /// Adds an append of another process, when it is one to be added without a word: none of its events recorded, all
    /// as it expects, keys and policy as they were when it was admitted. Everything else is for its own process.
    mutating func add(
        _ append: OfferedAppend, under target: OfferTarget, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) {
        guard let trust, trust.history.identity == target.identity, trust.last == target.trusted else { return }
        for item in append.part.items where try index(of: item.id, transaction) != nil { return }
        guard try failedChecks(append.checks, transaction).isEmpty else { return }
        _ = try record([append.part], append.signature, transaction)
    }
}
