internal import Digests
public import EventFormat

/// Consecutive events of an append, checked, sealed and encoded.
///
/// Parts of one append may be made by several threads.
public final class AppendPart: Sendable {
    struct Item: Sendable {
        /// Which of ``streams``.
        let stream: Int
        let id: EventID
        /// Where its fields lie in ``fields``.
        let fields: EncodedFields
        /// Where its envelope lies in ``envelopes``; empty when it has no payload.
        let envelope: Range<Int>
    }

    let items: [Item]
    /// The streams written, each once, in the order in which they come first.
    let streams: [StreamName]
    /// The items' encoded fields.
    let fields: [UInt8]
    let envelopes: [UInt8]
    /// What a signature covers of each event, in their order; empty when the events' times are left open.
    let digests: [Digest]
    /// The first event's source, when the append is to be signed, and the first event of another one.
    let source: String?
    let foreign: Int?
    /// The contents that the payloads name, each with the position of its event among ``items``.
    let contents: [NamedContent]

    struct NamedContent: Sendable {
        let position: Int
        let name: ContentName
    }

    /// Checks and hashes events of several streams, which stand at `offset` in the append. O(bytes). Throws
    /// ``LogError`` naming the event by its place.
    ///
    /// `statedTime`: the time of events that state none, for an append that is to be signed.
    public convenience init(
        _ events: ArraySlice<StreamEvent>, at offset: Int, statedTime: Timestamp? = nil
    ) throws(LogError) {
        var byteCount = 0
        for item in events { byteCount += item.event.payload?.bytes.count ?? 0 }
        var draft = AppendPartDraft(eventCount: events.count, byteCount: byteCount, at: offset, statedTime: statedTime)
        for item in events { try draft.add(item.event, to: item.stream) }
        self.init(draft)
    }

    /// Checks and hashes events of one stream. `reserved`: whether the ledger's own stream may be written.
    public convenience init(
        _ events: ArraySlice<Event>, to stream: StreamName, at offset: Int, reserved: Bool = false,
        statedTime: Timestamp? = nil
    ) throws(LogError) {
        var byteCount = 0
        for event in events { byteCount += event.payload?.bytes.count ?? 0 }
        var draft = AppendPartDraft(
            eventCount: events.count, byteCount: byteCount, at: offset, reserved: reserved, statedTime: statedTime)
        for event in events { try draft.add(event, to: stream) }
        self.init(draft)
    }

    /// The events of an append that another process offered.
    init(_ events: OfferedEvents) {
        (items, streams, fields, envelopes) = (events.items, events.streams, events.fields, events.envelopes)
        (digests, source, foreign, contents) = ([], nil, nil, [])
    }

    private init(_ draft: borrowing AppendPartDraft) {
        (items, streams, fields, envelopes) = (draft.items, draft.streams, draft.fields, draft.envelopes)
        (digests, source, foreign) = (draft.digests, draft.source, draft.foreign)
        contents = draft.contents
    }
}

/// A part of an append that is being made.
private struct AppendPartDraft: ~Copyable {
    private(set) var items: [AppendPart.Item] = []
    private(set) var streams: [StreamName] = []
    private(set) var fields: [UInt8] = []
    private(set) var envelopes: [UInt8] = []
    private(set) var digests: [Digest] = []
    private(set) var source: String?
    private(set) var foreign: Int?
    private(set) var contents: [AppendPart.NamedContent] = []
    /// How many events of the append stand before.
    private let offset: Int
    private let reserved: Bool
    /// The time of events that state none; nil: they get the moment of recording.
    private let statedTime: Timestamp?
    /// Salts of the payloads to come, drawn together: drawing each by itself, threads wait for each other.
    private let salts: [UInt8]
    private var saltOffset = 0
    /// Where each stream stands in ``streams``; filled from the second one on.
    private var numbers: [StreamName: Int] = [:]
    private var lastStream = 0
    /// Streams met lately, each at a place that its name gives, so that most are found without hashing the whole name.
    private var recent: [Int] = []
    /// The names of ``streams`` one behind the other, and where each ends. Threads that prepare parts of one append
    /// compare these bytes: counting references to the same names, they would wait for each other.
    private var names: [UInt8] = []
    private var nameEnds: [Int] = []

    init(
        eventCount: Int, byteCount: Int, at offset: Int, reserved: Bool = false, statedTime: Timestamp?
    ) {
        salts = eventCount < 8 ? [] : RandomBytes.make(count: eventCount * Envelope.saltByteCount)
        self.offset = offset
        self.reserved = reserved
        self.statedTime = statedTime
        items.reserveCapacity(eventCount)
        // Room for usual fields, and for all that the last ones might need.
        fields.reserveCapacity(eventCount * (statedTime == nil ? 192 : 256) + 256)
        if statedTime != nil { digests.reserveCapacity(eventCount) }
        envelopes.reserveCapacity(byteCount + eventCount * Envelope.saltByteCount)
    }

    /// Checks an event, seals its payload and encodes its fields. Throws ``LogError`` naming it by its place.
    mutating func add(_ event: Event, to stream: StreamName) throws(LogError) {
        do throws(FormatError) {
            try event.validate()
        } catch {
            throw LogError(
                error.code == .tooLarge ? .tooLarge : .invalid,
                "event \(offset + items.count + 1) of the append (\(event.id)): \(error)")
        }
        let number = try number(of: stream, for: event)
        let start = envelopes.count
        var commitment: PayloadCommitment?
        if let payload = event.payload {
            try noteContents(of: payload, event)
            commitment = seal(payload)
        }
        let encoded: EncodedFields
        if let statedTime {
            let digest: Digest
            (encoded, digest) = event.encode(payload: commitment, to: stream, time: statedTime, into: &fields)
            digests.append(digest)
            note(event.source)
        } else {
            encoded = event.encode(payload: commitment, into: &fields)
        }
        items.append(
            AppendPart.Item(stream: number, id: event.id, fields: encoded, envelope: start..<envelopes.count))
    }

    /// Appends the payload's envelope, with a salt of its own.
    private mutating func seal(_ payload: Payload) -> PayloadCommitment {
        guard saltOffset < salts.count else { return Envelope.seal(clear: payload, into: &envelopes) }
        let (salts, start) = (salts, saltOffset)
        saltOffset += Envelope.saltByteCount
        return Envelope.seal(clear: payload, salt: salts.span.extracting(start..<saltOffset), into: &envelopes)
    }

    /// Notes the contents that the payload names. Throws ``LogError/Code/tooLarge`` when there are too many.
    private mutating func noteContents(of payload: Payload, _ event: Event) throws(LogError) {
        let names = ContentName.names(in: payload.bytes.span, mediaType: payload.mediaType.utf8.span)
        guard !names.isEmpty else { return }
        guard names.count <= ContentName.maximumCount else {
            throw LogError(
                .tooLarge,
                "event \(offset + items.count + 1) of the append (\(event.id)) has more than "
                    + "\(ContentName.maximumCount) names of contents: spread them over several events")
        }
        for name in names { contents.append(AppendPart.NamedContent(position: items.count, name: name)) }
    }

    /// Notes the source of an event that is to be signed.
    private mutating func note(_ source: String) {
        guard let first = self.source else {
            self.source = source
            return
        }
        if foreign == nil, !source.isSame(as: first) { foreign = items.count }
    }

    /// The number of a stream that an earlier event has; nil when none has.
    private mutating func number(of stream: StreamName) -> Int? {
        if numbers.isEmpty {
            numbers[streams[0]] = 0
            recent = Array(repeating: 0, count: 64)
        }
        let name = stream.text.utf8.span
        let end: UInt64 = name.count < 8 ? UInt64(name[0]) : name.bigEndian(at: name.count - 8)
        let place = Int((end &* 0x9e37_79b9_7f4a_7c15) >> 58)
        if isStream(recent[place], name) { return recent[place] }
        guard let number = numbers[stream] else { return nil }
        recent[place] = number
        return number
    }

    private mutating func number(of stream: StreamName, for event: Event) throws(LogError) -> Int {
        if !streams.isEmpty {
            if isStream(lastStream, stream.text.utf8.span) { return lastStream }
            if let number = number(of: stream) {
                lastStream = number
                return number
            }
        }
        guard reserved || stream.category != StreamName.ledger.text[...] else {
            throw LogError(
                .invalid,
                "event \(offset + items.count + 1) of the append (\(event.id)): the category \"ledger\" is the ledger's own; use another stream"
            )
        }
        lastStream = streams.count
        if lastStream > 0 { numbers[stream] = lastStream }
        streams.append(stream)
        names.append(collecting: stream.text.utf8.span)
        nameEnds.append(names.count)
        return lastStream
    }

    /// Whether the stream `number` has this name.
    private func isStream(_ number: Int, _ name: Span<UInt8>) -> Bool {
        let start = number == 0 ? 0 : nameEnds[number - 1]
        return names.span.extracting(start..<nameEnds[number]).isSame(as: name)
    }
}
