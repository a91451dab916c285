internal import Digests
public import EventFormat

/// Events to record together, checked and hashed as far as that is possible before their positions are known.
public struct AppendRequest: Sendable {
    /// The most events of one append.
    public static let maximumEventCount = 10_000
    /// The most bytes of one append's payloads together: 64 MiB.
    public static let maximumByteCount = 64 << 20

    struct Item: Sendable {
        let stream: StreamName
        let event: Event
        let commitment: PayloadCommitment?
        let envelope: Range<Int>
    }

    let items: [Item]
    let checks: [StreamCheck]
    let envelopes: [UInt8]

    /// Checks and hashes. O(bytes). Throws ``LogError`` naming the event by its place in the append.
    ///
    /// `reserved`: whether the ledger's own stream may be written.
    public init(
        _ events: [(stream: StreamName, event: Event)], checks: [StreamCheck] = [], reserved: Bool = false
    ) throws(LogError) {
        guard !events.isEmpty else {
            throw LogError(.invalid, "an append needs at least one event")
        }
        guard events.count <= AppendRequest.maximumEventCount else {
            throw LogError(
                .tooLarge,
                "the append has \(events.count) events; at most \(AppendRequest.maximumEventCount) are recorded together: split it"
            )
        }
        let byteCount = events.reduce(0) { $0 + ($1.event.payload?.bytes.count ?? 0) }
        guard byteCount <= AppendRequest.maximumByteCount else {
            throw LogError(
                .tooLarge,
                "the append's payloads have \(byteCount) bytes; at most \(AppendRequest.maximumByteCount) are recorded together: split it"
            )
        }
        let salts = RandomBytes.make(count: events.count * Envelope.saltByteCount)
        var items: [Item] = []
        items.reserveCapacity(events.count)
        var envelopes: [UInt8] = []
        envelopes.reserveCapacity(byteCount + salts.count)
        for (position, pair) in events.enumerated() {
            try AppendRequest.check(pair.stream, pair.event, at: position, reserved: reserved)
            let start = envelopes.count
            let salt = salts[position * Envelope.saltByteCount..<(position + 1) * Envelope.saltByteCount]
            let commitment = pair.event.payload.map { Envelope.seal(clear: $0, salt: salt, into: &envelopes) }
            items.append(
                Item(stream: pair.stream, event: pair.event, commitment: commitment, envelope: start..<envelopes.count))
        }
        self.items = items
        self.checks = checks
        self.envelopes = envelopes
        try checkIDs()
    }

    private static func check(
        _ stream: StreamName, _ event: Event, at position: Int, reserved: Bool
    ) throws(LogError) {
        do throws(FormatError) {
            try event.validate()
        } catch {
            throw LogError(
                error.code == .tooLarge ? .tooLarge : .invalid,
                "event \(position + 1) of the append (\(event.id)): \(error)")
        }
        guard reserved || stream.category != StreamName.ledger.text[...] else {
            throw LogError(
                .invalid,
                "event \(position + 1) of the append (\(event.id)): the category \"ledger\" is the ledger's own; use another stream"
            )
        }
    }

    private func checkIDs() throws(LogError) {
        var seen: Set<EventID> = []
        seen.reserveCapacity(items.count)
        for (position, item) in items.enumerated() where !seen.insert(item.event.id).inserted {
            throw LogError(
                .idConflict,
                "event \(position + 1) of the append repeats the id \(item.event.id); each event needs its own")
        }
    }
}

/// Where an event is recorded.
public struct AppendedEvent: Hashable, Sendable {
    public let id: EventID
    public let stream: StreamName
    public let revision: Revision
    public let index: EntryIndex
    /// Whether the event was recorded before, by an earlier append with the same ids.
    public let repeated: Bool
}
