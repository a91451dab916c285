public import EventFormat
internal import Signing
internal import Synchronization

/// Events to record together, checked, encoded and hashed as far as that is possible before their positions are known:
/// on callers' threads, so that the writer's have little left to do.
public final class AppendRequest: Sendable {
    /// The most events of one append.
    public static let maximumEventCount = 10_000
    /// The most bytes of one append's payloads together: 64 MiB.
    public static let maximumByteCount = 64 << 20

    /// The most names of contents in one append's payloads together.
    public static let maximumContentCount = 10_000

    /// The events as they were given, for comparing with what is recorded.
    public enum Events: Sendable {
        case ofStream([Event], StreamName)
        case ofStreams([StreamEvent])
    }

    let checks: [StreamCheck]
    let parts: [AppendPart]
    let count: Int
    /// Bytes of all envelopes.
    let byteCount: Int
    /// How much the writer holds for it, in bytes about.
    let weight: Int
    /// Whether each id is greater than the one before.
    let idsAscend: Bool
    /// Whether the ledger's own stream may be written: the events are the ledger's own.
    let isReserved: Bool
    /// The signature that the request was made with.
    let given: AppendSignature?
    /// The one that is made, or verified, behind the handing over.
    let owed: OwedSignature?
    /// What is known of the request's standing under the ledger's keys and policy.
    let standing: Mutex<Standing>
    private let events: Events

    /// Checks and hashes `events`. O(bytes). Throws ``LogError`` naming the event by its place.
    ///
    /// `reserved`: whether the ledger's own stream may be written. `statedTime`: the time of events that state none,
    /// for an append that is to be signed.
    public convenience init(
        _ events: Events, checks: [StreamCheck] = [], reserved: Bool = false, statedTime: Timestamp? = nil
    ) throws(LogError) {
        try AppendRequest.checkSize(of: events)
        let part = try events.part(0..<events.count, reserved: reserved, statedTime: statedTime)
        try self.init(events, parts: [part], checks: checks, reserved: reserved)
    }

    /// Puts an append together from parts that were made of `events`, in order, whose size was checked before.
    public init(
        _ events: Events, parts: [AppendPart], checks: [StreamCheck], reserved: Bool = false
    ) throws(LogError) {
        precondition(parts.reduce(0) { $0 + $1.items.count } == events.count, "the parts are not those of the events")
        count = events.count
        byteCount = parts.reduce(0) { $0 + $1.envelopes.count }
        let contentCount = parts.reduce(0) { $0 + $1.contents.count }
        guard contentCount <= AppendRequest.maximumContentCount else {
            throw LogError(
                .tooLarge,
                "the append's payloads name \(contentCount) contents; at most \(AppendRequest.maximumContentCount) are "
                    + "looked for together: split it")
        }
        weight = byteCount + 128 * count + parts.reduce(0) { $0 + $1.fields.count }
        idsAscend = try AppendRequest.checkIDs(parts)
        self.parts = parts
        self.events = events
        self.checks = checks
        isReserved = reserved
        (given, owed) = (nil, nil)
        standing = Mutex(Standing())
    }

    /// The same append with a signature, which need not hold: the log refuses one that does not. `request` must have
    /// been made with a stated time.
    public convenience init(_ request: AppendRequest, signature: AppendSignature) {
        self.init(request, given: signature, owed: nil)
    }

    /// The same append with a signature that is verified, and perhaps made, when it has been handed over.
    convenience init(_ request: AppendRequest, owed: OwedSignature) {
        self.init(request, given: nil, owed: owed)
    }

    private init(_ request: AppendRequest, given: AppendSignature?, owed: OwedSignature?) {
        let hasDigests = request.parts.allSatisfy { $0.digests.count == $0.items.count }
        precondition(hasDigests, "a signed append states its times")
        checks = request.checks
        parts = request.parts
        count = request.count
        byteCount = request.byteCount
        weight = request.weight
        idsAscend = request.idsAscend
        isReserved = request.isReserved
        (self.given, self.owed) = (given, owed)
        standing = Mutex(Standing())
        events = request.events
    }

    /// Throws ``LogError`` when there are no events, or too many, or too many bytes.
    public static func checkSize(of events: Events) throws(LogError) {
        guard events.count > 0 else {
            throw LogError(.invalid, "an append needs at least one event")
        }
        guard events.count <= AppendRequest.maximumEventCount else {
            throw LogError(
                .tooLarge,
                "the append has \(events.count) events; at most \(AppendRequest.maximumEventCount) are recorded together: split it"
            )
        }
        let byteCount = events.payloadByteCount(0..<events.count)
        guard byteCount <= AppendRequest.maximumByteCount else {
            throw LogError(
                .tooLarge,
                "the append's payloads have \(byteCount) bytes; at most \(AppendRequest.maximumByteCount) are recorded together: split it"
            )
        }
    }

    /// Whether each id is greater than the one before. Throws ``LogError`` when one stands twice.
    private static func checkIDs(_ parts: [AppendPart]) throws(LogError) -> Bool {
        var last: EventID?
        var ascend = true
        for part in parts {
            for item in part.items where ascend {
                if let last, item.id <= last { ascend = false }
                last = item.id
            }
        }
        guard !ascend else { return true }
        var seen: Set<EventID> = []
        for (position, item) in parts.lazy.flatMap(\.items).enumerated() where !seen.insert(item.id).inserted {
            throw LogError(
                .idConflict,
                "event \(position + 1) of the append repeats the id \(item.id); each event needs its own")
        }
        return false
    }
}

extension AppendRequest {
    /// What the last entry carries when the append is signed. Throws ``LogError/Code/signingFailed`` when it cannot be
    /// made.
    public func signature() throws(LogError) -> AppendSignature? {
        guard let owed else { return given }
        return AppendSignature(count: UInt64(count), keyID: owed.key.id.bytes, signature: try owed.bytes())
    }

    /// The id of the key that signs; nil for an unsigned append.
    var keyID: [UInt8]? { owed?.key.id.bytes ?? given?.keyID }

    /// The ids in the events' order.
    var ids: some Sequence<EventID> { parts.lazy.flatMap(\.items).map(\.id) }

    /// The event at `position` as it was given.
    func event(at position: Int) -> Event { events[position] }

    func stream(at position: Int) -> StreamName {
        switch events {
        case .ofStream(_, let stream): stream
        case .ofStreams(let events): events[position].stream
        }
    }
}

extension AppendRequest.Events {
    public var count: Int {
        switch self {
        case .ofStream(let events, _): events.count
        case .ofStreams(let events): events.count
        }
    }

    subscript(position: Int) -> Event {
        switch self {
        case .ofStream(let events, _): events[position]
        case .ofStreams(let events): events[position].event
        }
    }

    /// Bytes of the payloads in `range`.
    func payloadByteCount(_ range: Range<Int>) -> Int {
        var count = 0
        switch self {
        case .ofStream(let events, _): for position in range { count += events[position].payload?.bytes.count ?? 0 }
        case .ofStreams(let events): for position in range { count += events[position].event.payload?.bytes.count ?? 0 }
        }
        return count
    }

    /// Checks and hashes the events of `range`. O(bytes). Throws ``LogError`` naming the event by its place.
    ///
    /// `statedTime`: the time of events that state none, for an append that is to be signed.
    public func part(
        _ range: Range<Int>, reserved: Bool = false, statedTime: Timestamp? = nil
    ) throws(LogError) -> AppendPart {
        switch self {
        case .ofStream(let events, let stream):
            try AppendPart(
                events[range], to: stream, at: range.lowerBound, reserved: reserved, statedTime: statedTime)
        case .ofStreams(let events):
            try AppendPart(events[range], at: range.lowerBound, statedTime: statedTime)
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
