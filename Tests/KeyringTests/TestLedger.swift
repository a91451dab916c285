import Digests
import EventFormat
import Keyring
import Signing

/// A ledger's entries made by hand, right or wrong, to be audited.
struct TestLedger {
    struct Recorded {
        let bytes: [UInt8]
        let layout: EntryLayout
        var envelope: [UInt8]?

        var isLedger: Bool {
            let span = bytes.span
            return layout.text(layout.stream, in: span) == "ledger"
        }
    }

    static let time: Timestamp = .epoch
    let origin: Origin
    private(set) var entries: [Recorded] = []
    private var revisions: [StreamName: UInt64] = [:]
    private var number: UInt64 = 0

    /// A ledger whose genesis names `authorities`.
    init(_ authorities: [PrivateKey], origin: String = "records.example.gov/tests") throws {
        self.origin = try Origin(origin)
        let genesis = Genesis(origin: self.origin, incarnation: TestLedger.id(0))
        let event = genesis.event(authorities: try authorities.map { try Genesis.AuthorityKey($0.publicKey) })
        try record([event], to: .ledger)
    }

    var next: UInt64 { UInt64(entries.count) }

    var identity: Digest {
        let bytes = entries[0].bytes
        return SHA256.hash(prefix: Entry.leafPrefix, bytes.span)
    }

    /// An id that counts up.
    static func id(_ number: UInt64) -> EventID {
        EventID(naming: [[UInt8](bigEndian: number)], at: .epoch)
    }

    mutating func event(
        _ type: String = "application.received", source: String = "/a", text: String = "{}"
    ) -> Event {
        number += 1
        return Event(
            id: TestLedger.id(number), type: type, source: source, occurred: TestLedger.time, payload: .json(text))
    }

    mutating func events(_ count: Int, _ type: String = "application.received", source: String = "/a") -> [Event] {
        (0..<count).map { _ in event(type, source: source) }
    }

    /// The event to record for a trust event.
    mutating func event(_ trust: TrustEvent) -> Event {
        number += 1
        return trust.event(origin: origin, id: TestLedger.id(number), occurred: TestLedger.time)
    }

    /// The source digests of entries that were recorded.
    func digests(_ range: Range<UInt64>) -> [Digest] {
        entries[Int(range.lowerBound)..<Int(range.upperBound)].map { entry in
            let span = entry.bytes.span
            return entry.layout.sourceDigest(in: span)
        }
    }

    /// Records events of the stream `ledger` whose payloads are missing and had these sizes, signed by `key` if one is
    /// given.
    mutating func record(sizes: [UInt64], by key: PrivateKey?) throws {
        let events = events(sizes.count, "key.revoked", source: origin.text)
        var scratch = self
        try scratch.record(events, to: .ledger, sizes: sizes)
        let signature = try key.map { key in
            try AppendMessage.sign(identity: identity, digests: scratch.digests(next..<scratch.next), with: key)
        }
        try record(events, to: .ledger, signature: signature, sizes: sizes)
    }

    /// Records `events` as one append with `signature`. `sizes`, if given, are those of payloads that are missing.
    mutating func record(
        _ events: [Event], to stream: StreamName, signature: AppendSignature? = nil, sizes: [UInt64]? = nil
    ) throws {
        for (position, event) in events.enumerated() {
            let revision = revisions[stream, default: 0]
            revisions[stream] = revision + 1
            var envelope: [UInt8] = []
            let salt = [UInt8](repeating: 7, count: 16)
            var commitment = event.payload.map { Envelope.seal(clear: $0, salt: salt.span, into: &envelope) }
            if let sizes { commitment?.size = sizes[position] }
            let entry = Entry(
                index: EntryIndex(next), previous: next == 0 ? .zero : SHA256.hash([1].span), recorded: TestLedger.time,
                stream: stream, revision: Revision(revision), streamPrevious: revision == 0 ? nil : .zero,
                id: event.id, type: event.type, source: event.source, occurred: TestLedger.time, payload: commitment,
                append: position == events.count - 1 ? signature : nil)
            let bytes = try entry.encoded()
            entries.append(
                Recorded(
                    bytes: bytes, layout: try EntryLayout(bytes.span),
                    envelope: commitment == nil || sizes != nil ? nil : envelope))
        }
    }

    /// The signature of `key` over `events` in `stream`.
    func signature(_ events: [Event], in stream: StreamName, by key: PrivateKey) throws -> AppendSignature {
        var scratch = self
        try scratch.record(events, to: stream)
        return try AppendMessage.sign(
            identity: identity, digests: scratch.digests(next..<scratch.next), with: key)
    }

    /// Records `events` as one append signed by `key`.
    mutating func record(_ events: [Event], to stream: StreamName = "application-1", by key: PrivateKey) throws {
        try record(events, to: stream, signature: try signature(events, in: stream, by: key))
    }

    /// Records trust events as one append signed by `key`.
    mutating func record(_ trust: [TrustEvent], by key: PrivateKey) throws {
        let events = trust.map { event($0) }
        try record(events, to: .ledger, by: key)
    }

    mutating func removeEnvelope(at index: UInt64) { entries[Int(index)].envelope = nil }

    mutating func alterEnvelope(at index: UInt64) { entries[Int(index)].envelope?[20] ^= 1 }
}

// MARK: - Audits

extension TestLedger {
    typealias Judgement = SignatureVerdict.Judgement

    /// The judgement on each entry; fails when an entry has none or two.
    struct Result: Equatable {
        var judgements: [UInt64: Judgement] = [:]
        var twice: [UInt64] = []

        init(_ verdicts: [SignatureVerdict]) {
            for verdict in verdicts {
                for index in verdict.entries.lowerBound.rawValue...verdict.entries.upperBound.rawValue {
                    if judgements.updateValue(verdict.judgement, forKey: index) != nil { twice.append(index) }
                }
            }
        }

        subscript(index: UInt64) -> Judgement? { judgements[index] }

        func fault(_ index: UInt64) -> KeyringError? {
            if case .faulty(let error)? = judgements[index] { error } else { nil }
        }
    }

    /// One pass over all entries.
    func audit() -> (result: Result, history: KeyHistory?) {
        var audit = SignatureAudit()
        for entry in entries {
            let span = entry.bytes.span
            audit.add(entry.layout, in: span) { entry.envelope }
        }
        audit.finish()
        return (Result(audit.takeVerdicts()), audit.history)
    }

    /// The stream `ledger` first, then parts that end at `borders`, joined.
    func auditInParts(_ borders: [Int]) -> (result: Result, history: KeyHistory?) {
        var replay = TrustReplay()
        for entry in entries where entry.isLedger {
            let span = entry.bytes.span
            replay.add(entry.layout, in: span, envelope: entry.envelope)
        }
        replay.finish()
        let verdicts = replay.takeVerdicts()
        guard let history = replay.history else { return (Result(verdicts), nil) }
        var sweeps: [SignatureSweep] = []
        for (start, end) in zip([0] + borders, borders + [entries.count]) where start < end {
            var sweep = SignatureSweep(history, from: EntryIndex(UInt64(start)))
            for entry in entries[start..<end] {
                let span = entry.bytes.span
                sweep.add(entry.layout, in: span)
            }
            sweeps.append(sweep)
        }
        // The right half first: joining is associative.
        while sweeps.count > 2 {
            let right = sweeps.removeLast()
            sweeps[sweeps.count - 1].join(right)
        }
        if sweeps.count == 2 { sweeps[0].join(sweeps[1]) }
        sweeps[0].finish()
        return (Result(verdicts + sweeps[0].takeVerdicts()), history)
    }
}
