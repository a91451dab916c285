internal import EventFormat
internal import Interchange
internal import Ledger
internal import Signing

extension Command {
    static let importXES = Command(
        "import xes", "Record the cases of XES event logs",
        usage: "LEDGER FILE… [--category C] [--source URI] [--key KEY [--passphrase-file F]] [--json]",
        details: """
            Reads .xes and .xes.gz (IEEE 1849). Each trace becomes a stream, C-NAME: an event `case.described` with the trace's
            own attributes, then one event for each of its activities, in the file's order. Importing a file again
            records only what is not recorded yet. A file that is broken leaves its complete traces recorded.
            """,
        options: [
            Option("category", "C", "the category of the streams (case)"),
            Option("source", "URI", "the source of the events (urn:mohur:import:xes)"), .key, .passphrase, .json,
        ], operands: 2...Int.max
    ) { arguments in
        let category = arguments.string("category") ?? "case"
        guard category != StreamName.ledger.text else {
            throw arguments.usage("--category: the category \"ledger\" is the ledger's own")
        }
        let source = arguments.string("source") ?? "urn:mohur:import:xes"
        do throws(InterchangeError) { _ = try XESMapping(category: category, source: source, file: "") } catch {
            throw arguments.usage("--category or --source: \(error.reason)")
        }
        try await importFiles(arguments) { path in
            ItemPump(size: { $0.reduce(0) { $0 + $1.event.roughByteCount } }) { yield in
                var mapping = try XESMapping(category: category, source: source, file: path)
                var reader = XESReader(try InputFile(path: path))
                while let trace = try reader.next() {
                    let mapped = try mapping.map(trace)
                    guard yield(mapped.events.map { StreamEvent($0, to: mapped.stream) }) else { return }
                }
            }
        }
    }

    static let importCloudEvents = Command(
        "import cloudevents", "Record CloudEvents",
        usage: "LEDGER FILE… [--stream S] [--key KEY [--passphrase-file F]] [--json]",
        details: """
            Reads CloudEvents 1.0 in JSON, one a line or as one array, also compressed by gzip; - is standard input. An
            event's subject names its stream. Importing a file again records only what is not recorded yet. A file that is
            broken leaves the events before the fault recorded.
            """,
        options: [Option("stream", "S", "the stream of events that have no subject"), .key, .passphrase, .json],
        operands: 2...Int.max
    ) { arguments in
        let fallback = try arguments.stream("stream")
        try await importFiles(arguments) { path in
            ItemPump(size: { $0.reduce(0) { $0 + $1.event.roughByteCount } }) { yield in
                var reader = CloudEventReader(try InputFile(path: path))
                while let incoming = try reader.next() {
                    guard yield([StreamEvent(incoming.event, to: try stream(of: incoming, or: fallback, in: path))])
                    else { return }
                }
            }
        }
    }

    private static func stream(
        of incoming: CloudEvent.Incoming, or fallback: StreamName?, in path: String
    ) throws -> StreamName {
        let place = "\(path == "-" ? "standard input" : path.escapingControls):\(incoming.line)"
        guard let subject = incoming.subject else {
            guard let fallback else {
                throw Failure(
                    .refused,
                    "\(place): the event has no subject to name its stream; give it one, or name the stream with --stream"
                )
            }
            return fallback
        }
        let name: StreamName
        do throws(FormatError) {
            name = try StreamName(subject)
        } catch {
            throw Failure(.refused, "\(place): the event's subject names its stream, but \(error.reason)")
        }
        guard name.category != StreamName.ledger.category else {
            throw Failure(
                .refused,
                "\(place): the event's subject names its stream, but the category \"ledger\" is the ledger's own")
        }
        return name
    }

    @MainActor
    private static func importFiles(
        _ arguments: Arguments, _ items: (String) throws -> ItemPump<[StreamEvent]>
    ) async throws {
        let signer = try arguments.signer()
        let ledger = try await Ledger.openForWriting(arguments.operands[0])
        let report = AppendReport(json: arguments.json, quiet: true)
        let progress = ProgressLine("importing")
        for path in arguments.operands.dropFirst() {
            let queue = ImportQueue(ledger, signer, report)
            let pump = try items(path)
            do {
                while let batch = try await pump.next() {
                    for unit in batch { try await queue.add(unit) }
                    progress.show(UInt64(report.recorded + report.repeated), unit: "events")
                }
                try await queue.finish()
            } catch {
                // What was complete before the fault is recorded; a second fault while doing so would be the same one.
                try? await queue.finish()
                progress.finish()
                if report.recorded + report.repeated > 0 { report.finish() }
                throw error
            }
        }
        progress.finish()
        await ledger.close()
        report.finish()
    }
}

/// Gathers units, which are recorded whole or not at all, into appends of about a thousand events.
///
/// One append is under way at a time: after a refusal nothing that stands behind it is recorded, so that no stream's
/// events change places. A unit larger than an append may be is recorded in parts, in order.
@MainActor final class ImportQueue {
    private static let eventCount = 1000
    private static let byteCount = 4 << 20

    private let ledger: Ledger
    private let signer: (any Signer)?
    private let report: AppendReport
    private var units: [[StreamEvent]] = []
    private var eventCount = 0
    private var byteCount = 0
    private var hasFailed = false

    init(_ ledger: Ledger, _ signer: (any Signer)?, _ report: AppendReport) {
        self.ledger = ledger
        self.signer = signer
        self.report = report
    }

    func add(_ unit: [StreamEvent]) async throws {
        let size = ImportQueue.byteCount(of: unit)
        if eventCount + unit.count > ImportQueue.eventCount || byteCount + size > ImportQueue.byteCount {
            try await recordUnits()
        }
        guard unit.count <= AppendRequest.maximumEventCount, size <= AppendRequest.maximumByteCount else {
            return try await recordInParts(unit)
        }
        units.append(unit)
        eventCount += unit.count
        byteCount += size
    }

    /// Records what is gathered; nothing, after a failure.
    func finish() async throws {
        try await recordUnits()
    }

    private static func byteCount(of unit: [StreamEvent]) -> Int {
        unit.reduce(0) { $0 + ($1.event.payload?.bytes.count ?? 0) }
    }

    private func recordUnits() async throws {
        guard !units.isEmpty, !hasFailed else { return }
        let batch = units
        units = []
        (eventCount, byteCount) = (0, 0)
        try await stoppingAtFailure {
            do throws(LedgerError) {
                report.add(try await ledger.append(batch.flatMap(\.self), signedBy: signer))
            } catch {
                // Some unit is recorded in part, or an id stands twice: unit by unit, so that what stands before is
                // recorded.
                guard error.code == .partlyRecorded || (error.code == .idConflict && batch.count > 1) else {
                    throw error
                }
                for unit in batch { try await record(unit) }
            }
        }
    }

    private func recordInParts(_ unit: [StreamEvent]) async throws {
        try await stoppingAtFailure {
            var rest = unit[...]
            while !rest.isEmpty {
                var part: [StreamEvent] = []
                var size = 0
                while let event = rest.first, part.count < ImportQueue.eventCount, size < ImportQueue.byteCount {
                    size += ImportQueue.byteCount(of: [event])
                    part.append(event)
                    rest.removeFirst()
                }
                try await record(part)
            }
        }
    }

    private func stoppingAtFailure(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            hasFailed = true
            throw error
        }
    }

    /// Records a unit of which some events may be recorded: the missing ones are appended, in order.
    private func record(_ unit: [StreamEvent]) async throws {
        do throws(LedgerError) {
            report.add(try await ledger.append(unit, signedBy: signer))
        } catch {
            guard error.code == .partlyRecorded else { throw error }
            for event in unit { report.add(try await ledger.append([event], signedBy: signer)) }
        }
    }
}
