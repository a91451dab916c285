internal import Digests
internal import EventFormat

/// An append while its events are checked, sealed and encoded one by one.
struct AppendDraft {
    private(set) var items: [AppendRequest.Item] = []
    private(set) var streams: [StreamName] = []
    private(set) var fields: [UInt8] = []
    private(set) var envelopes: [UInt8] = []
    private let salts: [UInt8]
    private let reserved: Bool
    /// Where each stream stands in ``streams``; filled from the second one on.
    private var numbers: [StreamName: Int] = [:]
    private var lastStream = 0

    /// `byteCount`: of all payloads. Throws ``LogError`` when there are too many events or bytes, or none.
    init(eventCount: Int, byteCount: Int, reserved: Bool = false) throws(LogError) {
        guard eventCount > 0 else {
            throw LogError(.invalid, "an append needs at least one event")
        }
        guard eventCount <= AppendRequest.maximumEventCount else {
            throw LogError(
                .tooLarge,
                "the append has \(eventCount) events; at most \(AppendRequest.maximumEventCount) are recorded together: split it"
            )
        }
        guard byteCount <= AppendRequest.maximumByteCount else {
            throw LogError(
                .tooLarge,
                "the append's payloads have \(byteCount) bytes; at most \(AppendRequest.maximumByteCount) are recorded together: split it"
            )
        }
        self.reserved = reserved
        salts = RandomBytes.make(count: eventCount * Envelope.saltByteCount)
        items.reserveCapacity(eventCount)
        fields.reserveCapacity(eventCount * 192)
        envelopes.reserveCapacity(byteCount + salts.count)
    }

    /// Checks an event, seals its payload and encodes its fields. Throws ``LogError`` naming it by its place.
    mutating func add(_ event: Event, to stream: StreamName) throws(LogError) {
        do throws(FormatError) {
            try event.validate()
        } catch {
            throw LogError(
                error.code == .tooLarge ? .tooLarge : .invalid,
                "event \(items.count + 1) of the append (\(event.id)): \(error)")
        }
        let number = try number(of: stream, for: event)
        let start = envelopes.count
        var commitment: PayloadCommitment?
        if let payload = event.payload {
            let salt = items.count * Envelope.saltByteCount
            let salts = salts
            let part = salts.span.extracting(salt..<salt + Envelope.saltByteCount)
            commitment = Envelope.seal(clear: payload, salt: part, into: &envelopes)
        }
        let encoded = event.encode(payload: commitment, into: &fields)
        items.append(
            AppendRequest.Item(stream: number, id: event.id, fields: encoded, envelope: start..<envelopes.count))
    }

    private mutating func number(of stream: StreamName, for event: Event) throws(LogError) -> Int {
        if !streams.isEmpty {
            if streams[lastStream] == stream { return lastStream }
            if numbers.isEmpty { numbers[streams[0]] = 0 }
            if let number = numbers[stream] {
                lastStream = number
                return number
            }
        }
        guard reserved || stream.category != StreamName.ledger.text[...] else {
            throw LogError(
                .invalid,
                "event \(items.count + 1) of the append (\(event.id)): the category \"ledger\" is the ledger's own; use another stream"
            )
        }
        lastStream = streams.count
        if lastStream > 0 { numbers[stream] = lastStream }
        streams.append(stream)
        return lastStream
    }

    /// Whether each id is greater than the one before. Throws ``LogError`` when one stands twice.
    func checkIDs() throws(LogError) -> Bool {
        var ascend = true
        for position in items.indices.dropFirst() where items[position].id <= items[position - 1].id {
            ascend = false
            break
        }
        guard !ascend else { return true }
        var seen: Set<EventID> = []
        seen.reserveCapacity(items.count)
        for (position, item) in items.enumerated() where !seen.insert(item.id).inserted {
            throw LogError(
                .idConflict,
                "event \(position + 1) of the append repeats the id \(item.id); each event needs its own")
        }
        return false
    }
}
