internal import EventFormat
internal import JSON
internal import Ledger
internal import Simulating

extension Command {
    static let simulate = Command(
        "simulate", "Record the events of an invented municipality",
        usage: "[LEDGER] [--events N] [--seed N] [--days N] [--agencies N] [--start TIME] [--json]",
        details: """
            Agencies, applicants, documents and permit applications over a period, as events in the order in which they
            happen. The same options give the same events, so simulating into the same ledger again records nothing.
            Without LEDGER the events are printed as CloudEvents in JSON, one a line.
            """,
        options: [
            Option("events", "N", "how many events (20000)"), Option("seed", "N", "what chance follows from (1)"),
            Option("days", "N", "how many days the period lasts (365)"),
            Option("agencies", "N", "how many agencies (4)"),
            Option("start", "TIME", "when the period begins (2025-01-01T00:00:00Z)"), .json,
        ], operands: 0...1
    ) { arguments in
        let configuration = try configuration(arguments)
        guard let path = arguments.operands.first else { return printEvents(configuration) }
        let ledger = try await Ledger.openForWriting(path)
        let report = AppendReport(json: arguments.json, quiet: true)
        let progress = ProgressLine("simulating")
        let queue = ImportQueue(ledger, nil, report)
        var simulation = Simulation(configuration: configuration)
        do {
            while let (stream, event) = simulation.next() {
                try await queue.add([StreamEvent(event, to: stream)])
                progress.show(UInt64(report.recorded + report.repeated), unit: "events")
            }
            try await queue.finish()
        } catch {
            progress.finish()
            if report.recorded + report.repeated > 0 { report.finish() }
            throw error
        }
        progress.finish()
        await ledger.close()
        report.finish()
        if !arguments.json {
            let summary = simulation.summary
            Output.line(
                "\(summary.opened.grouped) applications: \(summary.open.grouped) open, \(summary.closed.grouped) closed, \(summary.late.grouped) of them late"
            )
        }
    }

    /// Exactly `count` events: a little more than that are asked for, and the rest is left out.
    private static func configuration(_ arguments: Arguments) throws -> Simulation.Configuration {
        let count = try arguments.count("events") ?? 20_000
        let scaled = try Simulation.Configuration.scaled(
            toEvents: count + count / 16 + 100, seed: try arguments.number("seed") ?? 1,
            start: try arguments.time("start"),
            days: try arguments.count("days") ?? 365, agencies: try arguments.count("agencies") ?? 4)
        return try Simulation.Configuration(
            seed: scaled.seed, start: scaled.start, days: scaled.days, agencies: scaled.agencies,
            applicationsPerDay: scaled.applicationsPerDay, eventLimit: count)
    }

    private static func cloudEvent(_ event: Event, in stream: StreamName) -> JSONObject {
        var object = JSONObject()
        object.add("specversion", "1.0")
        object.add("id", event.id.description)
        object.add("source", event.source)
        object.add("type", event.type)
        object.add("subject", stream.text)
        if let occurred = event.occurred { object.add("time", occurred.description) }
        if let id = event.correlation { object.add("correlationid", id.description) }
        if let id = event.causation { object.add("causationid", id.description) }
        if let payload = event.payload {
            object.add("datacontenttype", payload.mediaType)
            object.add("data", raw: payload.bytes)
        }
        return object
    }

    @MainActor
    private static func printEvents(_ configuration: Simulation.Configuration) {
        var simulation = Simulation(configuration: configuration)
        while let (stream, event) = simulation.next() {
            Output.line(cloudEvent(event, in: stream).bytes)
        }
    }
}
