internal import EventFormat
internal import Interchange
internal import JSON
internal import Ledger
internal import Signing

extension Command {
    static let append = Command(
        "append", "Record events at the end of a stream",
        usage:
            "LEDGER --stream S [--expect any|none|exists|N] [--atomic] [--key KEY [--passphrase-file F]] [--json] [FILE|-]",
        details: """
            Reads CloudEvents 1.0 in JSON, one a line. The events of a FILE are recorded together or not at all (at most
            10,000). From standard input each event is recorded as its line comes, in order, and acknowledged when it is
            durable; with --atomic they are read to the end first and recorded together.
            Recording events again whose ids are recorded changes nothing and shows their places.
            With --key each append is signed once, as the source that the key belongs to.
            """,
        options: [
            Option("stream", "S", "the stream's name (required)"),
            Option("expect", "E", "what the stream must be before: any, none, exists, or its newest revision"),
            Option(flag: "atomic", "from standard input too: all events or none"), .key, .passphrase, .json,
        ], operands: 1...2
    ) { arguments in
        _ = try arguments.required("stream")
        guard let stream = try arguments.stream("stream") else { return }
        let expectation = try Expectation(arguments)
        let signer = try arguments.signer()
        let path = arguments.operands.count > 1 ? arguments.operands[1] : "-"
        let ledger = try await Ledger.openForWriting(arguments.operands[0])
        let events = CloudEventReader.events(of: path, subjectNamesStream: false)
        let report = AppendReport(json: arguments.json)
        if path == "-", !arguments.has("atomic") {
            try await appendLines(events, to: stream, expectation, signer, ledger, report)
        } else {
            let all = try await together(events, of: path)
            report.add(try await ledger.append(all, to: stream, expecting: expectation, signedBy: signer))
        }
        await ledger.close()
        report.finish()
    }

    /// All events of a file, which are to be recorded together: stops reading when there are too many for that.
    @MainActor
    private static func together(_ events: ItemPump<CloudEvent.Incoming>, of path: String) async throws -> [Event] {
        let name = path == "-" ? "standard input" : path.escapingControls
        var all: [Event] = []
        var byteCount = 0
        while let batch = try await events.next() {
            all += batch.map(\.event)
            byteCount += batch.reduce(0) { $0 + ($1.event.payload?.bytes.count ?? 0) }
            guard all.count <= AppendRequest.maximumEventCount, byteCount <= AppendRequest.maximumByteCount else {
                throw Failure(
                    .refused,
                    "\(name) has more than can be recorded together (10,000 events, 64 MiB of payloads); "
                        + "nothing was recorded: split it, or give it as standard input without --atomic")
            }
        }
        guard !all.isEmpty else { throw Failure(.refused, "\(name) has no event in it; nothing was recorded") }
        return all
    }

    /// Each line is an append of its own, recorded in order; lines that come together are first tried as one append.
    ///
    /// The first is held to the expectation, the later ones to what the earlier ones make of it. After a refusal
    /// nothing more is recorded.
    @MainActor
    private static func appendLines(
        _ events: ItemPump<CloudEvent.Incoming>, to stream: StreamName, _ expectation: Expectation,
        _ signer: (any Signer)?, _ ledger: Ledger, _ report: AppendReport
    ) async throws {
        var expectation = expectation
        while let batch = try await events.next() {
            for part in batch.chunks(of: 1000) {
                if part.count > 1,
                    let recorded = try? await ledger.append(
                        part.map(\.event), to: stream, expecting: expectation, signedBy: signer)
                {
                    report.add(recorded)
                    for _ in part { expectation = expectation.next }
                } else {
                    try await appendSingly(part, to: stream, &expectation, signer, ledger, report)
                }
            }
        }
    }

    @MainActor
    private static func appendSingly(
        _ part: ArraySlice<CloudEvent.Incoming>, to stream: StreamName, _ expectation: inout Expectation,
        _ signer: (any Signer)?, _ ledger: Ledger, _ report: AppendReport
    ) async throws {
        for incoming in part {
            do throws(LedgerError) {
                report.add(
                    try await ledger.append([incoming.event], to: stream, expecting: expectation, signedBy: signer))
            } catch {
                throw Failure(error, atLine: incoming.line)
            }
            expectation = expectation.next
        }
    }
}

extension Array {
    /// The elements in consecutive slices of at most `count`.
    fileprivate func chunks(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}

extension Expectation {
    /// The option `--expect`.
    init(_ arguments: Arguments) throws(UsageError) {
        switch arguments.string("expect") {
        case nil, "any": self = .any
        case "none": self = .none
        case "exists": self = .exists
        case let text?:
            guard let revision = UInt64(text) else {
                throw arguments.usage(
                    "--expect takes any, none, exists or a revision, not \"\(text.escapingControls)\"")
            }
            self = .revision(Revision(revision))
        }
    }

    /// What an append that was held to this leaves for the next one.
    fileprivate var next: Expectation {
        switch self {
        case .any, .exists: self
        case .none: .revision(0)
        // No stream gets as far as the greatest revision: what is expected then never holds.
        case .revision(let revision): .revision(Revision(max(revision.rawValue, revision.rawValue &+ 1)))
        }
    }
}

/// Shows where events were recorded: a JSON line or a word for each, and a total for people.
@MainActor final class AppendReport {
    private let json: Bool
    private(set) var recorded = 0
    private(set) var repeated = 0
    private var streams: Set<StreamName> = []
    private let isQuiet: Bool

    /// `quiet`: no line for each event, only the total.
    init(json: Bool, quiet: Bool = false) {
        self.json = json
        isQuiet = quiet
        Output.exitCodeWithoutReader = ExitCode.couldNotRun.rawValue
    }

    func add(_ events: [AppendedEvent]) {
        for event in events {
            if event.repeated { repeated += 1 } else { recorded += 1 }
            if json {
                Output.line(AppendReport.json(event).bytes)
            } else if !isQuiet {
                let word = event.repeated ? "recorded before" : "recorded"
                Output.line(
                    "\(word) at \(event.index): \(event.stream.text.escapingControls) revision \(event.revision), \(event.id)"
                )
            }
        }
        Output.flush()
    }

    /// Shows the total.
    func finish() {
        guard !json else { return }
        let again = repeated > 0 ? "; \(repeated.grouped) \(repeated == 1 ? "was" : "were") recorded before" : ""
        Output.line("\(recorded.counting("event", "events")) recorded\(again)")
    }

    static func json(_ event: AppendedEvent) -> JSONObject {
        var object = JSONObject()
        object.add("id", event.id.description)
        object.add("stream", event.stream.text)
        object.add("revision", event.revision.rawValue)
        object.add("index", event.index.rawValue)
        if event.repeated { object.add("repeated", true) }
        return object
    }
}
