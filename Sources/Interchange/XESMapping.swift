internal import Digests
public import EventFormat

/// Makes a stream of events of each trace of one XES file.
///
/// The first event of a stream is `case.described` with the trace's own attributes; then comes one event per activity,
/// of the type `activity.<lifecycle:transition>` in lower case where that is a plain word (a–z, 0–9, `_`, at most 32
/// characters), else `activity.recorded`. ``Event/occurred`` is `time:timestamp`; a date-time without an offset is
/// taken as UTC. Ids are made from source, stream, place in the trace, payload and type: reading the same traces
/// again, from whatever file, gives the same ids.
///
/// The stream's name is the category, `-` (unless the name begins with both, as `case-10011` does) and the trace's
/// `concept:name` where that has 1 to 200 bytes, no control character and no space at its ends; otherwise the first 32
/// hexadecimal digits of the name's SHA-256, and of a trace without a name its contents'. A name that stands in the
/// file again gets `~2`, `~3` … in the order of the file.
public struct XESMapping: Sendable {
    /// A trace as events.
    public struct Mapped: Hashable, Sendable {
        public var stream: StreamName
        public var events: [Event]
        /// The line where the trace begins, from 1.
        public var line: Int
    }

    /// The most bytes of a category.
    public static let maximumCategoryByteCount = 32
    private static let maximumNameByteCount = 200

    private let category: String
    private let source: String
    private let file: String
    /// How often each name stood in the file, by 64 bits of its SHA-256: 16 bytes a trace. Two names that share these
    /// bits would number each other, which is harmless.
    private var occurrences: [UInt64: UInt32] = [:]

    /// `category` begins the stream names: 1 to 32 bytes without `-` and control characters. `source` is the events'
    /// source, `file` stands in errors. Throws ``InterchangeError`` when category or source is not usable.
    public init(
        category: String = "case", source: String = "urn:mohur:import:xes", file: String
    ) throws(InterchangeError) {
        guard XESMapping.isPlain(category, maximum: XESMapping.maximumCategoryByteCount), !category.contains("-") else {
            throw InterchangeError(
                .invalid,
                "\"\(String(category.prefix(40)).escapingControls)\" is no category: use 1 to 32 bytes without \"-\"",
                at: .init(file: file))
        }
        do {
            try Event(type: "case.described", source: source).validate()
        } catch {
            throw InterchangeError(error, at: .init(file: file))
        }
        self.category = category
        self.source = source
        self.file = file
    }

    /// The stream and events of `trace`, the next one of the file. Throws ``InterchangeError`` naming the line of
    /// what cannot be an event.
    public mutating func map(_ trace: XESTrace) throws(InterchangeError) -> Mapped {
        var drafts: [Draft] = []
        for event in trace.events { drafts.append(try draft(of: event)) }
        let described = Draft(
            type: "case.described", occurred: drafts.first?.occurred,
            payload: try XESPayload.encode(trace.attributes, file: file), line: trace.line)
        drafts.insert(described, at: 0)
        let stream = try name(of: trace, drafts)
        var events: [Event] = []
        for (ordinal, draft) in drafts.enumerated() {
            events.append(try event(draft, ordinal: ordinal, of: stream))
        }
        return Mapped(stream: stream, events: events, line: trace.line)
    }

    /// An event before its stream is known.
    private struct Draft {
        let type: String
        let occurred: Timestamp?
        let payload: [UInt8]
        let line: Int
    }

    private func draft(of event: XESEvent) throws(InterchangeError) -> Draft {
        Draft(
            type: XESMapping.type(ofTransition: event.attributes.text(of: "lifecycle:transition")),
            occurred: try occurred(event), payload: try XESPayload.encode(event.attributes, file: file),
            line: event.line)
    }

    private static func type(ofTransition transition: String?) -> String {
        guard let word = transition?.lowercased(), (1...32).contains(word.utf8.count),
            word.unicodeScalars.allSatisfy({ ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_" })
        else { return "activity.recorded" }
        return "activity." + word
    }

    private func occurred(_ event: XESEvent) throws(InterchangeError) -> Timestamp? {
        guard let attribute = event.attributes.first(where: { $0.key.utf8.elementsEqual("time:timestamp".utf8) }) else {
            return nil
        }
        let text = attribute.value ?? ""
        let trimmed = text[...].trimmingSpace
        if let moment = try? Timestamp(rfc3339: trimmed) { return moment }
        if let moment = try? Timestamp(rfc3339: trimmed + "Z") { return moment }
        throw InterchangeError(
            .invalid,
            "time:timestamp is \"\(String(text.prefix(40)).escapingControls)\", no date-time such as "
                + "2011-10-11T13:45:40.276+02:00",
            at: .init(file: file, line: attribute.line))
    }

    private func event(_ draft: Draft, ordinal: Int, of stream: StreamName) throws(InterchangeError) -> Event {
        let parts = [
            Array("xes".utf8), Array(source.utf8), Array(stream.text.utf8), Array(String(ordinal).utf8), draft.payload,
            Array(draft.type.utf8),
        ]
        let event = Event(
            id: EventID(naming: parts, at: draft.occurred ?? .epoch), type: draft.type, source: source,
            occurred: draft.occurred, payload: Payload(bytes: draft.payload, mediaType: "application/json"))
        do {
            try event.validate()
        } catch {
            throw InterchangeError(error, at: .init(file: file, line: draft.line))
        }
        return event
    }
}

extension XESMapping {
    private mutating func name(of trace: XESTrace, _ drafts: [Draft]) throws(InterchangeError) -> StreamName {
        let text = trace.attributes.text(of: "concept:name") ?? ""
        let short: String
        if XESMapping.isPlain(text, maximum: XESMapping.maximumNameByteCount) {
            short = text
        } else {
            let hashed = text.isEmpty ? XESMapping.contents(of: drafts) : Array(text.utf8)
            short = String(SHA256.hash(hashed.span).hex.prefix(32))
        }
        do {
            let prefix = category + "-"
            return try StreamName(numbered(short.hasPrefix(prefix) ? short : prefix + short))
        } catch {
            throw InterchangeError(error, at: .init(file: file, line: trace.line))
        }
    }

    /// `name`, or with the first `~n` that makes it new in this file.
    private mutating func numbered(_ name: String) -> String {
        var candidate = name
        while true {
            let count = occurrences[XESMapping.key(candidate), default: 0] + 1
            occurrences[XESMapping.key(candidate)] = count
            if count == 1 { return candidate }
            candidate = "\(name)~\(count)"
        }
    }

    private static func key(_ name: String) -> UInt64 {
        SHA256.hash(Array(name.utf8).span).withBytes { $0.bigEndian(at: 0) }
    }

    private static func contents(of drafts: [Draft]) -> [UInt8] {
        var contents: [UInt8] = []
        for draft in drafts {
            for part in [Array(draft.type.utf8), draft.payload] {
                contents.append(bigEndian: UInt64(part.count))
                contents += part
            }
        }
        return contents
    }

    /// 1 to `maximum` bytes without control characters and without white space at the ends.
    private static func isPlain(_ text: String, maximum: Int) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return text.utf8.count <= maximum && !first.properties.isWhitespace && !last.properties.isWhitespace
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
    }
}
