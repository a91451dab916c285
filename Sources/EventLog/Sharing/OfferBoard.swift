/// How processes that append to one ledger commit together: each offers its events, and the one that commits takes
/// along what the others offer.
///
/// A commit of one event takes as long as one of fifty, and only one process can commit at a time; without this, each
/// would wait for as many flushes as there are processes.
///
/// - **O1** Nothing that is promised rests on the board. An owner believes no answer: it looks for its events' ids in
///   the store, which has them durably then, and appends what it does not find itself. Ids are recorded once.
/// - **O2** Bytes of an offer are read only by the process that has LMDB's write transaction, and changed by their
///   owner only while the word says `empty`, which it becomes when the owner has read the answer, or takes the offer
///   back with the write transaction open. So nobody reads bytes that change.
/// - **O3** An answer is an exchange for `taken` of the same number: one that comes too late for an offer that was
///   withdrawn changes nothing.
/// - **O4** The committer's word is advice. Whoever has waited for its ``Patience`` begins a write transaction whatever
///   the word says; a process that died does not stop others, for LMDB's lock does not.
/// - **O5** Only offers of living processes are taken.
///
/// Belongs to the thread whose turn it is.
struct OfferBoard: Sendable {
    /// How long, in microseconds, an owner waits before it commits itself, and for the answer to an offer that was
    /// taken once the commit has ended.
    struct Patience: Sendable {
        var commit = 50_000
        var answer = 100_000
    }

    private let patience: Patience
    private let memory: OfferMemory
    /// The place that this process owns.
    private let place: Int
    /// The word of the offer that was made last.
    private var word: OfferWord
    /// The bytes of that offer.
    private var byteCount = 0
    /// Whether this process has written itself into the committer's word.
    private var commits = false

    /// Takes a place; nil when the board cannot be used. Only with the write transaction open, so that nobody reads
    /// what the place's last owner offered (O2).
    init?(in directory: String, patience: Patience = Patience()) {
        guard let memory = OfferMemory(in: directory), let place = memory.claim() else { return nil }
        memory.clear(place, count: OfferMemory.placeByteCount - 8)
        self.patience = patience
        self.memory = memory
        self.place = place
        let last = OfferWord(rawValue: memory.load(.place(place)))
        word = OfferWord(.empty, number: last.number + 1)
        memory.store(word.rawValue, .place(place))
    }

    private var own: OfferMemory.Word { .place(place) }

    /// This process in the committer's word.
    private var name: UInt64 { UInt64(place) + 1 }
}

// MARK: - An owner's part

extension OfferBoard {
    /// Puts `offer` up and waits until it is answered or this process may commit: then nil.
    ///
    /// The answer is the index of the first entry that was recorded for it, 0 when none was.
    mutating func put(_ offer: [UInt8]) -> UInt64? {
        precondition(word.state == .empty, "a process has one offer at a time")
        memory.write(offer, to: place)
        byteCount = offer.count
        word = OfferWord(.offered, number: word.number + 1)
        memory.store(word.rawValue, own)
        let end = ContinuousClock.now + .microseconds(patience.commit)
        while true {
            let now = OfferWord(rawValue: memory.load(own))
            if now.state == .answered { return close(now) }
            if now.isOpen, memory.exchange(0, for: name, .committer) {
                commits = true
                return nil
            }
            guard wait(while: now, until: end) else { break }
        }
        // The committer has died, or needs long: LMDB's lock will tell.
        memory.store(name, .committer)
        commits = true
        return nil
    }

    /// Sleeps while the own word is `now`; false when the time is over.
    private func wait(while now: OfferWord, until end: ContinuousClock.Instant) -> Bool {
        let left = (end - ContinuousClock.now) / .microseconds(1)
        guard left > 0 else { return false }
        memory.wait(own, while: now.rawValue, microseconds: max(1, Int(left)))
        return true
    }

    /// Ends the offer, whose word says `now`: nobody reads it any more. Nothing of it is to stay in the file.
    private mutating func end(_ now: OfferWord) {
        memory.clear(place, count: byteCount)
        byteCount = 0
        word = now.with(.empty)
    }

    /// What became of an offer that is taken back.
    enum Withdrawal: Hashable, Sendable {
        /// Nobody has taken it, or there was none.
        case untouched
        /// It is answered as ``put(_:)`` says.
        case answered(first: UInt64)
        /// A process has taken it and not answered: it has died, before its commit or behind it.
        case unknown
    }

    /// Takes the offer back, with the write transaction open: who has taken it no longer has that, so it has committed
    /// and is about to answer, or has died.
    mutating func withdraw() -> Withdrawal {
        guard word.state != .empty else { return .untouched }
        let end = ContinuousClock.now + .microseconds(patience.answer)
        while true {
            let now = OfferWord(rawValue: memory.load(own))
            if now.state == .answered { return .answered(first: close(now)) }
            if now.state == .taken, isAlive(now.first), wait(while: now, until: end) { continue }
            if memory.exchange(now.rawValue, for: now.with(.empty).rawValue, own) {
                self.end(now)
                return now.isOpen ? .untouched : .unknown
            }
        }
    }

    /// Whether the process at a place, which has taken an offer, lives.
    private func isAlive(_ place: UInt64) -> Bool { place < OfferMemory.placeCount && memory.isClaimed(Int(place)) }

    /// As ``withdraw()`` when no write transaction could be begun. After `unknown` the board must be let go of:
    /// somebody may still read the offer (O2).
    mutating func retract() -> Withdrawal {
        guard word.state != .empty else { return .untouched }
        let end = ContinuousClock.now + .microseconds(patience.answer)
        while true {
            let now = OfferWord(rawValue: memory.load(own))
            if now.state == .answered { return .answered(first: close(now)) }
            if now.isOpen, memory.exchange(now.rawValue, for: now.with(.empty).rawValue, own) {
                self.end(now)
                return .untouched
            }
            guard wait(while: now, until: end) else { return .unknown }
        }
    }

    private mutating func close(_ answered: OfferWord) -> UInt64 {
        end(answered)
        memory.store(word.rawValue, own)
        return answered.first
    }
}

// MARK: - The committer's part

extension OfferBoard {
    /// An offer of another process that this one has taken.
    struct Taken: Sendable {
        fileprivate let place: Int
        fileprivate let word: OfferWord
        let bytes: [UInt8]
    }

    /// Takes what other processes offer. Only with the write transaction open (O2).
    func take() -> [Taken] {
        var taken: [Taken] = []
        for place in 0..<OfferMemory.placeCount where place != self.place {
            let word = OfferWord(rawValue: memory.load(.place(place)))
            guard word.isOpen, memory.isClaimed(place) else { continue }
            let next = word.with(.taken, first: UInt64(self.place))
            guard memory.exchange(word.rawValue, for: next.rawValue, .place(place)) else { continue }
            taken.append(Taken(place: place, word: next, bytes: memory.read(from: place)))
        }
        return taken
    }

    /// Tells an offer's owner where the first of its entries was recorded; 0 when none was.
    func answer(_ offer: Taken, first: UInt64) {
        let first = first < OfferWord.indexLimit ? first : 0
        let answer = offer.word.with(.answered, first: first)
        guard memory.exchange(offer.word.rawValue, for: answer.rawValue, .place(offer.place)) else { return }
        memory.wake(.place(offer.place))
    }

    /// Lets another process commit: the next behind this one's place whose offer is open.
    mutating func leave() {
        guard commits else { return }
        commits = false
        guard memory.exchange(name, for: 0, .committer) else { return }
        for distance in 1..<OfferMemory.placeCount {
            let place = (self.place + distance) % OfferMemory.placeCount
            let word = OfferWord(rawValue: memory.load(.place(place)))
            guard word.isOpen, memory.isClaimed(place) else { continue }
            let told = word.with(word.state == .offered ? .called : .offered)
            guard memory.exchange(word.rawValue, for: told.rawValue, .place(place)) else { continue }
            memory.wake(.place(place))
            return
        }
    }
}
