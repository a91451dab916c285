internal import EventFormat
internal import JSON

extension Command {
    static let bench = Command(
        "bench", "Measure Mohur on this machine, each figure beside its floor",
        usage: """
            [--row NAME]… [--against PEER]… [--events N] [--entries N] [--rounds N] [--payload BYTES] [--shape SHAPE] \
            [--dir DIR] [--json]
            """,
        details: """
            Appends, scans, verifies, proves, follows and projects on ledgers of its own, which it removes. Each row is measured
            in processes of its own, in turn with what the machine allows (the floor), in rounds after a warm-up: the table
            shows median, least and greatest, and the most anonymous memory. Compare ratios, not figures of different runs.
            Rows: \(Benchmark.ownRows.map(\.name).joined(separator: ", ")).
            Rows of peers: \(BenchSettings.Peer.allCases.flatMap(Benchmark.rows).map(\.name).joined(separator: ", ")).
            """,
        options: [
            Option("row", "NAME", "only this row, or those whose names begin so; may be repeated"),
            Option("against", "PEER", "measure postgres, sqlite or lmdb in the same rounds; may be repeated"),
            Option("events", "N", "events of the row append.batch (50000); the others follow from it"),
            Option("entries", "N", "entries of the ledger that is opened and proved (100000); of twice as many grown"),
            Option("rounds", "N", "counted rounds (5)"),
            Option("payload", "BYTES", "the payload of the append rows (512)"),
            Option("shape", "SHAPE", "their streams: spread, short, hot or zipf (spread)"),
            Option("dir", "DIR", "where the ledgers are made, on the disk to be measured (.)"), .json,
        ], operands: 0...0
    ) { arguments in
        let settings = try settings(arguments)
        let rows = try rows(arguments, settings)
        let scratch = try Scratch(in: arguments.string("dir") ?? ".")
        defer { scratch.remove() }
        let benchmark = Benchmark(settings, in: scratch) { Output.status("\($0)") }
        let measurements = try await benchmark.run(rows)
        let machine = Machine(directory: scratch.path)
        if arguments.json { showJSON(measurements, machine, settings) } else { show(measurements, machine, settings) }
    }

    private static func settings(_ arguments: Arguments) throws(UsageError) -> BenchSettings {
        var settings = BenchSettings()
        settings.events = try arguments.count("events", in: 1000...100_000_000) ?? settings.events
        settings.entries = try arguments.count("entries", in: 1000...1_000_000_000) ?? settings.entries
        settings.rounds = try arguments.count("rounds", in: 1...1000) ?? settings.rounds
        settings.payload = try arguments.count("payload", in: 64...65_536) ?? settings.payload
        if let text = arguments.string("shape") {
            guard let shape = StreamShape(rawValue: text) else {
                throw arguments.unknown("shape", text, StreamShape.allCases.map(\.rawValue))
            }
            settings.shape = shape
        }
        for text in arguments.strings("against") {
            guard let peer = BenchSettings.Peer(rawValue: text) else {
                throw arguments.unknown("peer", text, BenchSettings.Peer.allCases.map(\.rawValue))
            }
            if !settings.peers.contains(peer) { settings.peers.append(peer) }
        }
        return settings
    }

    /// The rows that are asked for: of Mohur's and of the peers' those whose names begin as `--row` says. Where no such
    /// name is a peer's, all rows of the peers are measured.
    private static func rows(_ arguments: Arguments, _ settings: BenchSettings) throws(UsageError) -> [BenchRow] {
        let peers = settings.peers.flatMap(Benchmark.rows)
        let names = arguments.strings("row")
        guard !names.isEmpty else { return standard(Benchmark.ownRows, settings) + peers }
        let all = (Benchmark.ownRows + peers).map(\.name)
        for name in names where !all.contains(where: { $0.hasPrefix(name) }) {
            throw arguments.unknown("row", name, all)
        }
        let chosen = { (row: BenchRow) in names.contains { row.name.hasPrefix($0) } }
        let namesPeers = peers.contains(where: chosen)
        return standard(Benchmark.ownRows.filter(chosen), settings) + (namesPeers ? peers.filter(chosen) : peers)
    }

    /// Rows of appends that are not as the targets mean them have none.
    private static func standard(_ rows: [BenchRow], _ settings: BenchSettings) -> [BenchRow] {
        rows.map { row in
            var row = row
            let depends = ["append", "growth", "disk"].contains { row.name.hasPrefix($0) }
            if depends, !settings.isStandard { row.targets = [] }
            return row
        }
    }

    @MainActor
    private static func show(_ rows: [Measurement], _ machine: Machine, _ settings: BenchSettings) {
        Output.line(machine.line)
        Output.line("durable: \(Machine.durability)")
        Output.line(
            "payloads of \(settings.payload) bytes, streams: \(settings.shape), \(settings.rounds.counting("round", "rounds"))\n"
        )
        Output.line(Measurement.heading)
        for row in rows { Output.line(row.line(rows)) }
        let floors = rows.compactMap { row in row.row.floorName.map { "  \(row.row.name.padded(to: 24))\($0)" } }
        if !floors.isEmpty { Output.line("\nfloors, measured right before in the same round:") }
        for floor in floors { Output.line(floor) }
    }

    @MainActor
    private static func showJSON(_ rows: [Measurement], _ machine: Machine, _ settings: BenchSettings) {
        var object = JSONObject()
        object.add("machine", machine.json)
        var chosen = JSONObject()
        chosen.add("events", settings.events)
        chosen.add("entries", settings.entries)
        chosen.add("rounds", settings.rounds)
        chosen.add("payload", settings.payload)
        chosen.add("shape", settings.shape.rawValue)
        object.add("settings", chosen)
        var list = JSONArray()
        for row in rows { list.append(row.json(rows)) }
        object.add("rows", list)
        Output.line(object.bytes)
    }
}

extension Arguments {
    fileprivate func count(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let value = try count(name) else { return nil }
        guard range.contains(value) else {
            throw usage("--\(name) is from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    fileprivate func unknown(_ kind: String, _ text: String, _ known: [String]) -> UsageError {
        usage("there is no \(kind) \"\(text.escapingControls)\"; there are \(known.joined(separator: ", "))")
    }
}
