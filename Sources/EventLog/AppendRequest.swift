internal import Digests
public import EventFormat

/// Events to record together, checked, encoded and hashed as far as that is possible before their positions are known:
/// on the caller's thread, so that the writer's has little left to do.
public final class AppendRequest: Sendable {
    /// The most events of one append.
    public static let maximumEventCount = 10_000
    /// The most bytes of one append's payloads together: 64 MiB.
    public static let maximumByteCount = 64 << 20

    struct Item: Sendable {
        /// Which of ``streams``.
        let stream: Int
        let id: EventID
        /// Where its fields lie in ``fields``.
        let fields: EncodedFields
        /// Where its envelope lies in ``envelopes``; empty when it has no payload.
        let envelope: Range<Int>
    }

    let checks: [StreamCheck]
    let items: [Item]
    /// The streams written, each once, in the order in which they come first.
    let streams: [StreamName]
    /// The items' encoded fields.
    let fields: [UInt8]
    let envelopes: [UInt8]
    /// Whether each id is greater than the one before.
    let idsAscend: Bool
    private let events: Events

    /// The events as they were given, for comparing with what is recorded.
    private enum Events: Sendable {
        case ofStream([Event])
        case ofStreams([StreamEvent])
    }

    /// Checks and hashes events of several streams. O(bytes). Throws ``LogError`` naming the event by its place.
    public convenience init(_ events: [StreamEvent], checks: [StreamCheck] = []) throws(LogError) {
        var draft = try AppendDraft(eventCount: events.count, byteCount: AppendRequest.byteCount(events, \.event))
        for item in events { try draft.add(item.event, to: item.stream) }
        try self.init(draft, .ofStreams(events), checks)
    }

    /// Checks and hashes events of one stream. `reserved`: whether the ledger's own stream may be written.
    public convenience init(
        _ events: [Event], to stream: StreamName, checks: [StreamCheck] = [], reserved: Bool = false
    ) throws(LogError) {
        var draft = try AppendDraft(
            eventCount: events.count, byteCount: AppendRequest.byteCount(events, \.self), reserved: reserved)
        for event in events { try draft.add(event, to: stream) }
        try self.init(draft, .ofStream(events), checks)
    }

    private init(_ draft: consuming AppendDraft, _ events: Events, _ checks: [StreamCheck]) throws(LogError) {
        idsAscend = try draft.checkIDs()
        items = draft.items
        streams = draft.streams
        fields = draft.fields
        envelopes = draft.envelopes
        self.events = events
        self.checks = checks
    }

    private static func byteCount<Item>(_ items: [Item], _ event: KeyPath<Item, Event>) -> Int {
        items.reduce(0) { $0 + ($1[keyPath: event].payload?.bytes.count ?? 0) }
    }

    /// The event at `position` as it was given.
    func event(at position: Int) -> Event {
        switch events {
        case .ofStream(let events): events[position]
        case .ofStreams(let events): events[position].event
        }
    }

    func stream(at position: Int) -> StreamName { streams[items[position].stream] }
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
