internal import EventFormat
internal import Glibc
internal import JSON

extension Command {
    static let bench = Command(
        "bench", "Measure Mohur on this machine, each figure beside its floor",
        usage: "[--events N] [--rounds N] [--row NAME]… [--dir DIR] [--json]",
        details: """
            Appends, scans, verifies, proves and projects on ledgers of its own, which it removes. Each row is measured in turn
            with what the machine allows (the floor), in rounds after a warm-up: the table shows median, least and greatest.
            Compare ratios, not figures of different runs: machines are noisy.
            Rows: \(Benchmark.rows.joined(separator: ", ")).
            """,
        options: [
            Option("events", "N", "events of the row append.batch (50000); the others follow from it"),
            Option("rounds", "N", "counted rounds (5)"), Option("row", "NAME", "only this row; may be repeated"),
            Option("dir", "DIR", "where the ledgers are made, on the disk to be measured (.)"), .json,
        ], operands: 0...0
    ) { arguments in
        let events = max(1000, try arguments.count("events") ?? 50_000)
        let rounds = max(1, try arguments.count("rounds") ?? 5)
        let names = arguments.has("row") ? arguments.strings("row") : Benchmark.rows
        if let unknown = names.first(where: { !Benchmark.rows.contains($0) }) {
            throw arguments.usage(
                "there is no row \"\(unknown.escapingControls)\"; there are \(Benchmark.rows.joined(separator: ", "))")
        }
        let directory = "\(arguments.string("dir") ?? ".")/mohur-bench-\(EventID())"
        guard unsafe mkdir(directory, 0o700) == 0 else { throw Failure(.couldNotRun, "\(directory) cannot be made") }
        defer { removeScratch(directory) }
        let benchmark = Benchmark(directory: directory, eventCount: events, roundCount: rounds)
        let rows = try await benchmark.run(names) { Output.status("\($0)\n") }
        show(rows, Machine(directory: directory), json: arguments.json)
    }

    @MainActor
    private static func show(_ rows: [Measurement], _ machine: Machine, json: Bool) {
        guard json else {
            Output.line(machine.line)
            Output.line("durable: fdatasync before every acknowledgement; payloads of 512 bytes\n")
            Output.line(Measurement.heading)
            for row in rows { Output.line(row.line) }
            return
        }
        var object = JSONObject()
        object.add("machine", machine.json)
        var list = JSONArray()
        for row in rows { list.append(row.json) }
        object.add("rows", list)
        Output.line(object.bytes)
    }

    /// Removes what a benchmark that failed left behind, two levels deep.
    private static func removeScratch(_ directory: String) {
        for name in names(in: directory) {
            for inner in names(in: "\(directory)/\(name)") { unsafe unlink("\(directory)/\(name)/\(inner)") }
            if unsafe rmdir("\(directory)/\(name)") != 0 { unsafe unlink("\(directory)/\(name)") }
        }
        unsafe rmdir(directory)
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let item = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: item.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
