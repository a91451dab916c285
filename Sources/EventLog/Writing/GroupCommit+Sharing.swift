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
            guard (try? request.check(under: trust, at: trust.end)) != nil,
                (try? request.checkContents(trust.history)) != nil
            else { return nil }
        }
        guard (try? group.waitForSignatures()) != nil else { return nil }
        let target = OfferTarget(file: context.file, identity: trust.history.identity, trusted: trust.last)
        guard let offer = Offer.bytes(of: requests, for: target) else { return nil }
        return turn.board?.put(offer)
    }

    /// Takes along what other processes offer: decides on it and adds it to the group. Answers follow the commit. Each
    /// process has one offer until then, so the taking ends.
    mutating func takeAlong(
        _ made: inout MadeGroup, _ transaction: borrowing WriteTransaction
    ) throws(LogError) {
        if turn.board == nil, turn.metOthers, context.sharesCommits { lookForBoard() }
        while let taken = turn.board?.take(), !taken.isEmpty {
            turn.metOthers = true
            let known = guests.count
            guests += taken.map { Guest(offer: $0) }
            // They were appended since the group was begun.
            made.appends.goOn(at: context.clock())
            for number in known..<guests.count {
                let first = made.appends.tail.next.rawValue
                try add(guests[number].offer, to: &made.appends, transaction)
                if made.appends.tail.next.rawValue > first { guests[number].first = first }
            }
        }
    }

    /// Takes a place on the board; when it cannot be had, tries again only after many groups.
    private mutating func lookForBoard() {
        turn.groupsUntilLook -= 1
        guard turn.groupsUntilLook < 0 else { return }
        turn.board = OfferBoard(in: context.path)
        turn.groupsUntilLook = 1000
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
        let withdrawal = turn.board?.retract()
        turn.board?.leave()
        switch withdrawal {
        case .answered(let first): return .elsewhere(first: first)
        case .unknown:
            (wasTaken, turn.board) = (true, nil)
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
        _ = try record([append.part], .given(append.signature), transaction)
    }
}
