internal import Digests
internal import EventFormat
internal import Keyring
internal import Signing
internal import Threading

/// Follows the keys through the ledger and checks every signature, window by window.
struct SignatureChecks: Sendable {
    private(set) var findings: [EntryFinding] = []
    /// How many appends are signed, how many entries they have, and how many entries are unsigned as the policy allows.
    private(set) var signedAppends: UInt64 = 0
    private(set) var signedEntries: UInt64 = 0
    private(set) var unsignedEntries: UInt64 = 0
    /// Entries of which it cannot be known, and why, the first of each reason.
    private(set) var unknownEntries: UInt64 = 0
    private(set) var unknownReasons: [String] = []

    /// Of keys that were revoked as compromised, what they signed since.
    private(set) var doubts: [KeyID: Doubt] = [:]

    /// Entries that a key signed when it was perhaps in other hands.
    struct Doubt: Sendable {
        let since: Timestamp
        var first: UInt64?
        var entries: UInt64 = 0
    }

    /// The window before, for naming the records of entries whose verdict comes late.
    private var before: [BundleFacts] = []
    private var replay = TrustReplay()
    private var total: SignatureSweep?
    private let workerCount: Int

    /// `watched`: keys whose signatures are counted in ``doubts``, and from when on.
    init(workerCount: Int, watched: [KeyID: Timestamp] = [:]) {
        self.workerCount = workerCount
        doubts = watched.mapValues { Doubt(since: $0) }
    }

    /// Why keys and policies are not known from some entry on; nil when they are.
    var lossReason: String? { replay.lossReason }

    /// Says that the entries from `first` up to `next` are not there, nor anything that tells of them.
    mutating func skip(from first: UInt64, to next: UInt64) {
        replay.addUnreadable(at: EntryIndex(first))
        if let history = replay.history { total?.follow(history) }
        total?.skip(to: EntryIndex(next))
        gather(replay.takeVerdicts() + (total?.takeVerdicts() ?? []), [])
    }

    /// Who could sign what, as far as the windows have come; nil when entry 0 is no genesis.
    var history: KeyHistory? { replay.history }

    /// Takes the next window: consecutive bundles in pieces, which are checked on several threads.
    mutating func take(_ window: [[BundleFacts]]) {
        for piece in window {
            for facts in piece { follow(facts) }
        }
        let whole = window.flatMap { $0 }
        defer { before = whole }
        guard let history = replay.history else { return }
        let pieces = Workers.map(window.count, workerCount) { number -> SignatureSweep? in
            SignatureChecks.sweep(window[number], history)
        }
        for sweep in pieces {
            guard let sweep else { continue }
            if total == nil {
                total = sweep
            } else {
                total?.follow(history)
                total?.join(sweep)
            }
            gather(total?.takeVerdicts() ?? [], whole)
        }
        gather(replay.takeVerdicts(), whole)
    }

    /// Says that no window follows.
    mutating func finish() {
        replay.finish()
        total?.finish()
        gather(replay.takeVerdicts() + (total?.takeVerdicts() ?? []), [])
        before = []
    }

    /// Takes what a bundle says of keys.
    private mutating func follow(_ facts: BundleFacts) {
        let ledger = Array(StreamName.ledger.text.utf8)
        for (place, entry) in facts.entries.enumerated() {
            let index = EntryIndex(facts.first + UInt64(place))
            if case .damaged(let stream) = entry.standing {
                // It may have changed the keys, unless it is known to be of another stream; entry 0 is of no other.
                let mayBeTrust = stream == nil || stream == StreamName.ledger.text || index == 0
                if mayBeTrust || replay.awaitsSignature(at: index) {
                    replay.addUnreadable(at: index)
                } else {
                    replay.addForeign(at: index)
                }
                continue
            }
            guard let layout = entry.layout, let range = entry.place else { continue }
            let bytes = facts.bytes.span.extracting(range)
            // Entry 0 is to be the genesis, whatever stream it names; and each counts where it was recorded, whatever
            // index it states.
            guard index == 0 || layout.matches(layout.stream, ledger, in: bytes) else { continue }
            replay.add(layout.placed(at: index), in: bytes, envelope: facts.trustEnvelopes[place])
        }
    }

    private static func sweep(_ piece: [BundleFacts], _ history: KeyHistory) -> SignatureSweep? {
        guard let first = piece.first?.first else { return nil }
        var sweep = SignatureSweep(history, from: EntryIndex(first))
        for facts in piece {
            for (place, entry) in facts.entries.enumerated() {
                let index = EntryIndex(facts.first + UInt64(place))
                guard entry.standing == .recorded, let layout = entry.layout, let range = entry.place else {
                    sweep.addUnreadable()
                    continue
                }
                sweep.add(layout.placed(at: index), in: facts.bytes.span.extracting(range))
            }
        }
        return sweep
    }

    private mutating func gather(_ verdicts: [SignatureVerdict], _ piece: [BundleFacts]) {
        for verdict in verdicts {
            switch verdict.judgement {
            case .signed(let key):
                signedAppends += 1
                signedEntries += verdict.count
                if doubts[key] != nil { count(verdict, of: key, piece) }
            case .unsigned: unsignedEntries += verdict.count
            case .unverifiable(let reason):
                unknownEntries += verdict.count
                if !unknownReasons.contains(reason), unknownReasons.count < 20 { unknownReasons.append(reason) }
            case .unproven(let reason): add(verdict, .unverifiable, reason, piece)
            case .faulty(let error): add(verdict, error.code == .unsigned ? .unsigned : .altered, error.reason, piece)
            }
        }
    }

    /// Counts the entries of an append that were recorded since its key deserves doubt.
    private mutating func count(_ verdict: SignatureVerdict, of key: KeyID, _ piece: [BundleFacts]) {
        guard var doubt = doubts[key] else { return }
        for index in verdict.entries.lowerBound.rawValue...verdict.entries.upperBound.rawValue {
            guard let layout = facts(of: index, piece)?.entries[Int(index % 256)].layout, layout.recorded >= doubt.since
            else { continue }
            doubt.first = min(doubt.first ?? index, index)
            doubt.entries += 1
        }
        doubts[key] = doubt
    }

    private mutating func add(
        _ verdict: SignatureVerdict, _ judgement: Verdict, _ reason: String, _ piece: [BundleFacts]
    ) {
        for index in verdict.entries.lowerBound.rawValue...verdict.entries.upperBound.rawValue {
            guard findings.count < AuditReport.maximumCount else { return }
            findings.append(
                EntryFinding(judgement, at: EntryIndex(index), of: stream(of: index, piece), reason))
        }
    }

    /// What was counted of keys that deserve doubt, the first entries first.
    func listDoubts() -> [AuditReport.Doubt] {
        var list: [AuditReport.Doubt] = []
        for (id, doubt) in doubts {
            guard let first = doubt.first, let end = history?.record(of: id)?.end else { continue }
            list.append(
                .init(key: id, event: end.index, since: doubt.since, first: EntryIndex(first), entries: doubt.entries))
        }
        return list.sorted { ($0.first, $0.key.description) < ($1.first, $1.key.description) }
    }

    /// The name of an entry's stream, when its bundle is at hand.
    private func stream(of index: UInt64, _ piece: [BundleFacts]) -> String? {
        facts(of: index, piece)?.stream(of: Int(index % 256))
    }

    private func facts(of index: UInt64, _ piece: [BundleFacts]) -> BundleFacts? {
        piece.first { $0.number == index / 256 } ?? before.first { $0.number == index / 256 }
    }
}
