internal import EventFormat
internal import JSON

extension CloudEvent {
    /// Reads one CloudEvent, `bytes` of JSON whose first stands at `place`.
    ///
    /// With `subjectNamesStream` false the subject is one of the things that an entry has no place for. Attributes
    /// that a ledger added when it wrote the event (`sequence` with `recordedtime` and `revision`) are taken off
    /// again. Throws ``InterchangeError`` naming file, line and column.
    public static func read(
        _ bytes: [UInt8], subjectNamesStream: Bool = true, at place: InterchangeError.Place
    ) throws(InterchangeError) -> Incoming {
        let attributes = try CloudEventAttributes(bytes, at: place)
        let ledger = LedgerAttributes(attributes.extensions, of: attributes.document)
        guard ledger?.isPayloadRemoved != true else {
            throw attributes.fault(
                "payloadremoved",
                "says that the payload was removed: the event cannot be recorded as it was; leave it out")
        }
        let foreign = attributes.extensions.filter { ledger == nil || !LedgerAttributes.contains($0.key) }
        let named = uuid("correlationid", attributes)
        let caused = uuid("causationid", attributes)
        let isSubjectKept = attributes.subject == nil || (subjectNamesStream && ledger?.stream == nil)
        let known = EventID(uuid: attributes.id)
        let isExpressible =
            known != nil && isSubjectKept && isExact(attributes.time?.text)
            && foreign.allSatisfy {
                ($0.key == "correlationid" && named != nil) || ($0.key == "causationid" && caused != nil)
            }
        let payload = try payload(of: attributes)
        let isWhole = !isExpressible || (payload == nil && attributes.mediaType != nil)
        let event = Event(
            id: known ?? made(attributes), type: attributes.type, source: attributes.source,
            occurred: attributes.time?.moment, payload: isWhole ? whole(attributes, ledger) : payload,
            schema: attributes.schema, correlation: named, causation: caused)
        do {
            try event.validate()
        } catch {
            throw InterchangeError(error, at: place)
        }
        return Incoming(
            event: event, subject: ledger?.stream ?? attributes.subject, isKeptWhole: isWhole, line: place.line ?? 1)
    }

    private static func made(_ attributes: CloudEventAttributes) -> EventID {
        let parts = ["cloudevent", attributes.source, attributes.id].map { Array($0.utf8) }
        return EventID(naming: parts, at: attributes.time?.moment ?? .epoch)
    }

    private static func whole(_ attributes: CloudEventAttributes, _ ledger: LedgerAttributes?) -> Payload {
        let document = attributes.document
        let bytes = ledger == nil ? document.source(at: document.root) : LedgerAttributes.strip(from: attributes)
        return Payload(bytes: bytes, mediaType: wholeMediaType)
    }

    private static func payload(of attributes: CloudEventAttributes) throws(InterchangeError) -> Payload? {
        let mediaType = attributes.mediaType ?? "application/json"
        if let bytes = attributes.base64 { return Payload(bytes: bytes, mediaType: mediaType) }
        guard let data = attributes.data else { return nil }
        if isJSON(mediaType) { return Payload(bytes: attributes.document.source(at: data), mediaType: mediaType) }
        guard let text = attributes.document.utf8(at: data) else {
            throw attributes.fault(
                "data", "is no string, but datacontenttype is not JSON; write it as a string or as data_base64")
        }
        return Payload(bytes: text, mediaType: mediaType)
    }

    private static func uuid(_ name: String, _ attributes: CloudEventAttributes) -> EventID? {
        guard let member = attributes.extensions.first(where: { $0.key == name }),
            let text = attributes.document.string(at: member.value)
        else { return nil }
        return EventID(uuid: text)
    }

    /// Whether a timestamp holds all that `time` says: nothing below a microsecond, no leap second.
    private static func isExact(_ time: String?) -> Bool {
        guard let time else { return true }
        let characters = Array(time.utf8)
        guard characters.count > 19 else { return true }
        if characters[17] == UInt8(ascii: "6") { return false }
        guard characters[19] == UInt8(ascii: ".") else { return true }
        let decimals = characters[20...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return decimals.dropFirst(6).allSatisfy { $0 == UInt8(ascii: "0") }
    }
}

extension Timestamp {
    /// 1970-01-01T00:00:00Z, for ids of events without a time.
    static let epoch: Timestamp = {
        do { return try Timestamp(microseconds: 0) } catch { preconditionFailure("1970 is a year") }
    }()
}
