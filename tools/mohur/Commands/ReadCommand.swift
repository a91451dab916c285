internal import EventFormat
internal import Interchange
internal import Ledger

extension Command {
    static let read = Command(
        "read", "Show entries",
        usage: "LEDGER [--stream S] [--from N] [--count N] [--type T]… [--category C]… [--correlation ID] "
            + "[--as-of TIME|INDEX] [--backwards] [--follow] [--format table|cloudevents] [--json]",
        details: """
            All entries, or those of one stream, in order. --from is an index, or a revision with --stream. --as-of shows
            what was recorded by a time (RFC 3339) or up to an index, including it. --follow goes on with new entries as
            they are recorded, until interrupted. The format cloudevents is one CloudEvent in JSON a line.
            """,
        options: [
            Option("stream", "S", "only this stream"), Option("from", "N", "begin at this index (or revision)"),
            Option("count", "N", "stop after N entries"), Option("type", "T", "only this type; may be repeated"),
            Option("category", "C", "only streams of this category; may be repeated"),
            Option("correlation", "ID", "only events of this correlation"),
            Option("as-of", "TIME|INDEX", "as it was then"), Option(flag: "backwards", "newest first (with --stream)"),
            Option(flag: "follow", "go on with new entries"), Option("format", "F", "table (default) or cloudevents"),
            Option(flag: "json", "the same as --format cloudevents"),
        ], operands: 1...1
    ) { arguments in
        let format = arguments.json ? "cloudevents" : arguments.string("format") ?? "table"
        guard ["table", "cloudevents"].contains(format) else {
            throw arguments.usage("--format is table or cloudevents, not \"\(format.escapingControls)\"")
        }
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        var left = try arguments.count("count") ?? .max
        let writer = EntryWriter(isTable: format == "table")
        let follows = arguments.has("follow")
        var iterator = try await events(of: ledger, arguments).makeAsyncIterator()
        while left > 0, let event = try await iterator.next() {
            writer.write(event)
            if follows { Output.flush() }
            left -= 1
        }
        await ledger.close()
    }

    @MainActor
    private static func events(of ledger: Ledger, _ arguments: Arguments) async throws -> EventSequence {
        var filter = EntryFilter()
        if arguments.has("type") { filter.types = Set(arguments.strings("type")) }
        if arguments.has("category") { filter.categories = Set(arguments.strings("category")) }
        if let text = arguments.string("correlation") {
            guard let id = EventID(uuid: text) else { throw arguments.usage("--correlation takes a UUID") }
            filter.correlation = id
        }
        let end = try await end(ledger, arguments)
        let from = try arguments.number("from")
        guard let stream = try arguments.stream("stream") else {
            if arguments.has("backwards") { throw arguments.usage("--backwards needs --stream") }
            guard arguments.has("follow") else {
                return ledger.events(from: EntryIndex(from ?? 0), below: end, filter: filter)
            }
            if end != nil { throw arguments.usage("--follow and --as-of exclude each other") }
            return ledger.follow(from: EntryIndex(from ?? 0), filter: filter)
        }
        if filter != .all { throw arguments.usage("--type, --category and --correlation do not go with --stream") }
        if arguments.has("follow") {
            if end != nil || arguments.has("backwards") {
                throw arguments.usage("--follow goes neither with --as-of nor with --backwards")
            }
            return ledger.follow(stream, from: Revision(from ?? 0))
        }
        return ledger.events(
            of: stream, from: from.map { Revision($0) }, direction: arguments.has("backwards") ? .backwards : .forwards,
            below: end)
    }

    /// The index below which `--as-of` looks.
    @MainActor
    private static func end(_ ledger: Ledger, _ arguments: Arguments) async throws -> EntryIndex? {
        guard let text = arguments.string("as-of") else { return nil }
        if let index = UInt64(text) { return EntryIndex(index == .max ? index : index + 1) }
        do {
            return EntryIndex(try await ledger.size(asOf: try Timestamp(rfc3339: text)))
        } catch let error as FormatError {
            throw arguments.usage("--as-of takes an index or a time: \(error)")
        }
    }
}

/// Writes entries for people or for machines.
@MainActor final class EntryWriter {
    private let isTable: Bool
    private var hasHeader = false

    init(isTable: Bool) {
        self.isTable = isTable
    }

    func write(_ event: RecordedEvent) {
        guard isTable else {
            return Output.line(CloudEvent.write(event.cloudEvent))
        }
        if !hasHeader {
            Output.line(
                "index       recorded                     type                          stream [revision]  payload")
            hasHeader = true
        }
        let index = String(event.index.rawValue).padded(to: 10)
        let stream = "\(event.stream.text.escapingControls) [\(event.revision)]"
        let type = event.type.escapingControls.padded(to: 28)
        let preview = event.payloadPreview
        Output.line("\(index)  \(event.recorded)  \(type)  \(stream)\(preview.isEmpty ? "" : "  ")\(preview)")
    }
}

extension RecordedEvent {
    /// The event as CloudEvents' JSON format has it.
    var cloudEvent: CloudEvent.Recorded {
        let event = Event(
            id: id, type: type, source: source, occurred: occurred, payload: payload, schema: entry.schema,
            correlation: entry.correlation, causation: entry.causation)
        return CloudEvent.Recorded(
            event: event, stream: stream, revision: revision, index: index, recorded: recorded,
            isPayloadRemoved: isPayloadRemoved)
    }

    /// What stands for a payload that is not there.
    private var withoutPayload: String {
        isPayloadRemoved ? "(removed)" : entry.payload == nil ? "" : "(not readable)"
    }

    /// The beginning of the payload, for a table.
    fileprivate var payloadPreview: String {
        guard let payload else { return withoutPayload }
        guard let text = String(validating: payload.bytes, as: UTF8.self) else {
            return "(\(payload.bytes.count) bytes of \(payload.mediaType.escapingControls))"
        }
        let scalars = text.unicodeScalars
        let start = String(scalars.prefix(72)).escapingControls
        return scalars.count > 72 ? start + "…" : start
    }
}

extension String {
    /// The text with spaces behind it up to `width` characters.
    func padded(to width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }
}
