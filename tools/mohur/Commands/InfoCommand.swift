internal import Digests
internal import EventFormat
internal import JSON
internal import Ledger

extension Command {
    static let info = Command(
        "info", "Show a ledger's size, root and age", usage: "LEDGER [--json]",
        details: "Looks at the ledger's end only; `mohur verify` recomputes everything.", options: [.json],
        operands: 1...1
    ) { arguments in
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        let summary = try await ledger.summary()
        let created = try await ledger.event(at: 0).recorded
        if arguments.json {
            var object = JSONObject()
            object.add("origin", ledger.genesis.origin.text)
            object.add("incarnation", ledger.genesis.incarnation.description)
            object.add("entries", summary.size)
            object.add("streams", summary.streamCount)
            object.add("root", summary.root.hex)
            object.add("created", created.description)
            object.add("lastRecorded", summary.lastRecorded.description)
            Output.line(object.bytes)
        } else {
            Output.line("origin         \(ledger.genesis.origin)")
            Output.line("incarnation    \(ledger.genesis.incarnation)")
            Output.line("entries        \(summary.size.grouped)")
            Output.line("streams        \(summary.streamCount.grouped)")
            Output.line("root           \(summary.root)")
            Output.line("created        \(created)")
            Output.line("last recorded  \(summary.lastRecorded)")
        }
        await ledger.close()
    }

    static let streams = Command(
        "streams", "List the streams", usage: "LEDGER [--category C] [--from S] [--count N] [--json]",
        details: "In the order of the names' bytes, with each stream's newest revision and the index of that entry.",
        options: [
            Option("category", "C", "only streams whose name begins with C and \"-\", or is C"),
            Option("from", "S", "begin at this name"), Option("count", "N", "stop after N streams"), .json,
        ], operands: 1...1
    ) { arguments in
        let category = arguments.string("category")
        var left = try arguments.count("count") ?? .max
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        var start = try arguments.stream("from")
        var skipsFirst = false
        while left > 0 {
            let page = try await ledger.streams(from: start, limit: 1000)
            for stream in page.dropFirst(skipsFirst ? 1 : 0) where left > 0 {
                if let category, stream.stream.category != category[...] { continue }
                show(stream, json: arguments.json)
                left -= 1
            }
            guard let last = page.last, page.count > 1 || !skipsFirst else { break }
            start = last.stream
            skipsFirst = true
        }
        await ledger.close()
    }

    @MainActor
    private static func show(_ stream: StreamSummary, json: Bool) {
        guard json else {
            return Output.line("\(stream.stream.text.escapingControls)\t\(stream.revision)\t\(stream.index)")
        }
        var object = JSONObject()
        object.add("stream", stream.stream.text)
        object.add("revision", stream.revision.rawValue)
        object.add("index", stream.index.rawValue)
        Output.line(object.bytes)
    }
}
