internal import Digests
internal import EventFormat
internal import Keyring
internal import Signing
internal import StoreFormat
internal import Synchronization

/// What the ledger's own events say of keys, sources and policy, up to one of them.
///
/// Two that are the same object say the same; that is how a request that was admitted before is known to be so still.
final class Trust: Sendable {
    let history: KeyHistory
    /// The newest event of the stream `ledger` that is taken in.
    let revision: Revision
    let last: EntryIndex

    init(_ history: KeyHistory, revision: Revision, last: EntryIndex) {
        self.history = history
        self.revision = revision
        self.last = last
    }

    /// Whether no event has said anything since the first entry: then nothing needs a signature.
    var isInitial: Bool { history.changes.isEmpty }

    /// The first index for which all that is taken in is in force.
    var end: EntryIndex { EntryIndex((history.changes.last?.rawValue ?? 0) + 1) }
}

// MARK: - From the store

extension Trust {
    /// What the transaction finds, where `head` is the stream `ledger`'s newest entry; `known` itself when nothing was
    /// added to it. O(1) then, else O(events added).
    ///
    /// An event whose signature is not right has no effect, here as for the verifier. Throws ``LogError/Code/damaged``
    /// when one cannot be read: then nobody can say what may be recorded.
    static func read(
        _ transaction: borrowing some Transaction & ~Copyable, head: StreamHead?, after known: Trust?
    ) throws(LogError) -> Trust {
        guard let head else {
            throw LogError.damaged("the stream \"ledger\" has no entry")
        }
        if let known, known.revision == head.revision { return known }
        let known = known.flatMap { $0.revision < head.revision ? $0 : nil }
        var replay = known.map { TrustReplay(continuing: $0.history, after: $0.last) } ?? TrustReplay()
        for place in try places(of: head, after: known?.revision, transaction) {
            try transaction.segment(holding: place) { layout, bytes throws(LogError) in
                let position = Int(place.rawValue - layout.first.rawValue)
                let entry = try StoredEntry(position, of: layout, in: bytes)
                let range = try LogError.wrapping { () throws(StoreError) in try layout.envelope(position, in: bytes) }
                let envelope = range.isEmpty ? nil : Array(collecting: bytes.extracting(range))
                replay.add(entry.layout, in: bytes.extracting(entry.range), envelope: envelope)
            }
        }
        replay.finish()
        guard let history = replay.history else { throw LogError.damaged("entry 0 is not the beginning of a ledger") }
        if let gap = history.gap { throw LogError.damaged(gap.reason) }
        return Trust(history, revision: head.revision, last: head.index)
    }

    /// Where the events of the stream `ledger` behind `revision`, or all of them, stand, in order.
    private static func places(
        of head: StreamHead, after revision: Revision?, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> [EntryIndex] {
        var walk = StreamWalk(revision: head.revision, index: head.index)
        var places = [walk.index]
        let first = revision.map { $0.rawValue + 1 } ?? 0
        while walk.revision.rawValue > first {
            try transaction.move(&walk, to: Revision(walk.revision.rawValue - 1))
            places.append(walk.index)
        }
        return places.reversed()
    }
}

// MARK: - From a request

extension Trust {
    /// What is in force once the ledger's own events in `request`, which is signed, are recorded from `first` on.
    /// Throws ``LogError`` when they contradict what is said before.
    func adding(_ request: AppendRequest, at first: EntryIndex) throws(LogError) -> Trust {
        guard let signer = request.keyID.flatMap({ KeyID(bytes: $0) }) else {
            preconditionFailure("the ledger's own events were admitted without a signature")
        }
        var history = history
        for position in 0..<request.count {
            let index = EntryIndex(first.rawValue + UInt64(position))
            do throws(KeyringError) {
                let event = try TrustEvent(request.event(at: position), origin: history.genesis.origin)
                try history.apply(event, at: index, signedBy: signer, appendFrom: first)
            } catch {
                throw LogError(.keyringRefused, "nothing was recorded: \(error.reason)")
            }
        }
        let count = UInt64(request.count)
        return Trust(
            history, revision: Revision(revision.rawValue + count), last: EntryIndex(first.rawValue + count - 1))
    }
}

/// What the process last saw of a ledger's keys and policy, for all of its threads.
final class TrustCache: Sendable {
    private let trust = Mutex<Trust?>(nil)

    /// The last that was seen; nil when nothing was yet.
    var last: Trust? { trust.withLock { $0 } }

    /// Notes what a commit has made so.
    func publish(_ new: Trust) { trust.withLock { $0 = new } }

    /// What `transaction` finds, where `head` is the stream `ledger`'s newest entry.
    func current(
        _ transaction: borrowing some Transaction & ~Copyable, head: StreamHead?
    ) throws(LogError) -> Trust {
        let known = last
        let found = try Trust.read(transaction, head: head, after: known)
        if found !== known { publish(found) }
        return found
    }
}
