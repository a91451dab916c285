import Digests
import EventFormat
import Keyring
import Merkle
import Signing

/// A ledger's entries and envelopes outside any store, so that a test can do to them what no store allows.
struct History {
    var entries: [Entry] = []
    /// The envelope of each entry; empty: none is kept.
    var envelopes: [[UInt8]] = []
    /// What entries state as their index instead of their place.
    var statedIndexes: [Int: UInt64] = [:]
    /// Entries whose payload is marked as removed.
    var removed: Set<Int> = []

    let origin: Origin
    private(set) var number: UInt64 = 0
    /// The clock, in microseconds.
    var now: Int64 = 1_767_225_600_000_000

    /// A ledger whose genesis names `authorities`.
    init(origin: String = "records.example.gov/permits", authorities: [PrivateKey] = []) throws {
        self.origin = try Origin(origin)
        let genesis = Genesis(origin: self.origin, incarnation: EventID(naming: [Array(origin.utf8)], at: .epoch))
        let keys = try authorities.map { try Genesis.AuthorityKey($0.publicKey) }
        try record([genesis.event(authorities: keys)], to: .ledger)
    }

    /// What a source signs for: the leaf hash of entry 0.
    var identity: Digest { leaves[0] }

    var bytes: [[UInt8]] {
        get throws { try entries.map { try $0.encoded() } }
    }

    /// The leaf hashes of the entries as they are.
    var leaves: [Digest] {
        entries.map { entry in
            let bytes = (try? entry.encoded()) ?? []
            return MerkleHash.leaf(bytes.span)
        }
    }

    /// The root over the first `size` entries.
    func root(_ size: Int? = nil) -> Digest {
        var tree = CompactRange()
        for leaf in leaves.prefix(size ?? entries.count) { tree.append(leaf) }
        return tree.root
    }

    /// An event with an id and a time of its own.
    mutating func event(
        _ type: String = "application.received", source: String = "/intake", text: String = #"{"a":1}"#
    ) -> Event {
        number += 1
        now += 1_000_000
        let time = (try? Timestamp(microseconds: now)) ?? .epoch
        return Event(
            id: EventID(naming: [Array("\(number)".utf8)], at: time), type: type, source: source, occurred: time,
            payload: .json(text))
    }

    /// Records `events` at the end of `stream` as one append, signed by `key`.
    mutating func record(_ events: [Event], to stream: StreamName, signedBy key: PrivateKey? = nil) throws {
        let first = entries.count
        for event in events {
            let salt = SHA256.hash(Array("salt \(entries.count)".utf8).span).bytes.prefix(16)
            var envelope: [UInt8] = []
            let commitment = event.payload.map { Envelope.seal(clear: $0, salt: Array(salt).span, into: &envelope) }
            let time = (try? Timestamp(microseconds: now)) ?? .epoch
            entries.append(
                Entry(
                    index: EntryIndex(UInt64(entries.count)), previous: .zero, recorded: time, stream: stream,
                    revision: 0, streamPrevious: nil, id: event.id, type: event.type, source: event.source,
                    occurred: event.occurred ?? time, payload: commitment))
            envelopes.append(envelope)
        }
        relink()
        guard let key else { return }
        entries[entries.count - 1].append = try AppendMessage.sign(
            identity: identity, digests: try digests(first..<entries.count), with: key)
        relink()
    }

    /// Records trust events, signed by the authority `key`.
    mutating func record(_ trust: [TrustEvent], signedBy key: PrivateKey?) throws {
        let events = trust.map { event -> Event in
            number += 1
            now += 1_000_000
            let time = (try? Timestamp(microseconds: now)) ?? .epoch
            return event.event(
                origin: origin, id: EventID(naming: [Array("\(number)".utf8)], at: time), occurred: time)
        }
        try record(events, to: .ledger, signedBy: key)
    }

    /// The source digests of entries.
    func digests(_ range: Range<Int>) throws -> [Digest] {
        try range.map { number in
            let bytes = try entries[number].encoded()
            let layout = try EntryLayout(bytes.span)
            let span = bytes.span
            return layout.sourceDigest(in: span)
        }
    }

    /// Makes index, chain, revisions and links right again, as somebody does who rewrites history and may recompute
    /// every hash.
    mutating func relink() {
        var previous = Digest.zero
        var heads: [StreamName: (revision: UInt64, leaf: Digest)] = [:]
        for number in entries.indices {
            entries[number].index = EntryIndex(statedIndexes[number] ?? UInt64(number))
            entries[number].previous = previous
            let head = heads[entries[number].stream]
            entries[number].revision = Revision(head.map { $0.revision + 1 } ?? 0)
            entries[number].streamPrevious = head?.leaf
            let bytes = (try? entries[number].encoded()) ?? []
            previous = MerkleHash.leaf(bytes.span)
            heads[entries[number].stream] = (entries[number].revision.rawValue, previous)
        }
    }

    /// Puts another payload in the place of an entry's; nothing else is recomputed.
    mutating func replacePayload(_ number: Int, with text: String, committing: Bool) {
        var envelope: [UInt8] = []
        let salt = [UInt8](repeating: 9, count: 16)
        let commitment = Envelope.seal(clear: .json(text), salt: salt.span, into: &envelope)
        envelopes[number] = envelope
        if committing { entries[number].payload = commitment }
    }
}
