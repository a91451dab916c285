internal import Digests
internal import EventFormat
internal import EventLog
internal import JSON

/// The values that one event after another gives to parameters. The payload is read when the first parameter asks for
/// it, once an event.
struct EventValues {
    private enum Reading {
        case pending, absent
        /// Pointers start here.
        case root(JSONDocument.Position)
    }

    private var document = JSONDocument.null
    private var reading = Reading.pending

    /// Turns to another event, using the memory of the one before again.
    mutating func reset() {
        reading = .pending
    }

    /// Binds all parameters of `prepared` to values of `event`, which is the same until ``reset()``. Throws ``Fault``
    /// when the payload holds something else than a parameter asks for.
    mutating func bind(_ prepared: PreparedStatement, _ event: RecordedEvent) throws(Fault) {
        var number: Int32 = 0
        for parameter in prepared.parameters {
            number += 1
            if case .payload(let type, let pointer) = parameter {
                if case .pending = reading { reading = read(event) }
                try bind(type, pointer, number, prepared.statement)
            } else {
                bindEnvelope(event, parameter, number, prepared.statement)
            }
        }
    }

    private func bindEnvelope(
        _ event: RecordedEvent, _ parameter: Parameter, _ number: Int32, _ statement: Statement
    ) {
        switch parameter {
        case .stream: statement.bind(number, event.stream.text)
        case .category: statement.bind(number, String(event.stream.category))
        case .index: statement.bind(number, Int64(clamping: event.index.rawValue))
        case .revision: statement.bind(number, Int64(clamping: event.revision.rawValue))
        case .type: statement.bind(number, event.type)
        case .id: statement.bind(number, event.id.description)
        case .source: statement.bind(number, event.source)
        case .occurred: statement.bind(number, event.occurred.description)
        case .recorded: statement.bind(number, event.recorded.description)
        case .correlation: bind(event.entry.correlation, number, statement)
        case .causation: bind(event.entry.causation, number, statement)
        case .leaf: statement.bind(number, event.leaf.hex)
        case .payload: preconditionFailure("a payload's values are bound elsewhere")
        }
    }

    private func bind(_ id: EventID?, _ number: Int32, _ statement: Statement) {
        if let id { statement.bind(number, id.description) } else { statement.bindNull(number) }
    }
}

// MARK: - Payload

extension EventValues {
    /// A payload's value that is not what a parameter asks for.
    struct Fault: Error {
        let parameter: String
        let value: String
        let remedy: String
    }

    private mutating func bind(
        _ type: Parameter.PayloadType, _ pointer: JSONPointer, _ number: Int32, _ statement: Statement
    ) throws(Fault) {
        guard case .root(let root) = reading, let position = document.find(pointer, from: root),
            document.kind(at: position) != .null
        else {
            return statement.bindNull(number)
        }
        let value = PayloadValue(document: document, position: position)
        guard value.bind(as: type, number, statement) else {
            throw Fault(
                parameter: "$\(type.rawValue)(\(pointer.text))",
                value: String(decoding: document.source(at: position).prefix(80), as: UTF8.self).escapingControls,
                remedy: type.remedy)
        }
    }

    /// Reads the payload as JSON; whatever is none gives NULL for every pointer, for what is recorded cannot be mended.
    private mutating func read(_ event: RecordedEvent) -> Reading {
        guard let commitment = event.entry.payload, commitment.form == .clear, let envelope = event.envelope else {
            return .absent
        }
        let mediaType = PayloadMediaType(commitment.mediaType)
        guard mediaType != .other, envelope.count >= Envelope.saltByteCount,
            (try? document.reload(envelope.span.extracting(Envelope.saltByteCount..<envelope.count))) != nil
        else { return .absent }
        guard mediaType == .cloudEvent else { return .root(document.root) }
        return document.find("/data").map { .root($0) } ?? .absent
    }
}

/// What a media type (RFC 2045 §5.1) says of a payload.
enum PayloadMediaType: Hashable {
    case json
    /// The payload proper is the member `data`.
    case cloudEvent
    case other

    init(_ text: String) {
        if text == "application/json" {
            self = .json
            return
        }
        switch text.prefix(while: { $0 != ";" }).trimmingSpace.lowercased() {
        case "application/cloudevents+json": self = .cloudEvent
        case "application/json", "text/json": self = .json
        case let name where name.hasSuffix("+json"): self = .json
        default: self = .other
        }
    }
}

extension Parameter.PayloadType {
    /// What an author can do about a value that is something else.
    fileprivate var remedy: String {
        switch self {
        case .time:
            "$time takes a date and a time as RFC 3339 writes them, with or without offset; "
                + "use $text(…) to keep the text as it is"
        case .integer:
            "$integer takes a whole number from −2^63 to 2^63 − 1; "
                + "use $decimal(…) or $text(…) to keep it as it is"
        case .decimal: "$decimal takes a number; use $text(…) to keep the text as it is"
        case .boolean: "$boolean takes true and false; use $text(…) to keep the text as it is"
        case .text, .json: "use $json(…)"
        }
    }
}
