internal import EventFormat
internal import Ledger
internal import Peers

/// Measures rows in rounds: each round measures every row once, with its floor right before it, each in a process of
/// its own. A first round warms up and does not count.
@MainActor final class Benchmark {
    let settings: BenchSettings
    /// Bytes of an event as a ledger stores it: of its entry and its envelope.
    private(set) var entrySize = 0
    private(set) var envelopeSize = 0
    private let scratch: Scratch
    private let progress: (String) -> Void
    private var number = 0
    /// What this round has measured so far.
    private var readings: [String: Reading] = [:]
    /// The ledgers that all rounds share.
    private var ledgers: [TaskWords: String] = [:]
    private var cluster: PostgresCluster?

    init(_ settings: BenchSettings, in scratch: Scratch, _ progress: @escaping (String) -> Void) {
        self.settings = settings
        self.scratch = scratch
        self.progress = progress
    }

    /// Measures `rows`.
    func run(_ rows: [BenchRow]) async throws -> [Measurement] {
        (entrySize, envelopeSize) = try await storedSizes()
        return try measure(rows)
    }

    /// Does not suspend: the kernel ends the programs that are started here when the thread that started them ends.
    private func measure(_ rows: [BenchRow]) throws -> [Measurement] {
        defer { cluster = nil }
        var measurements = rows.map(Measurement.init)
        for round in 0...settings.rounds {
            readings = [:]
            for position in rows.indices {
                progress("round \(round) of \(settings.rounds): \(rows[position].name)")
                let reading = try reading(of: rows[position])
                if round > 0 { measurements[position].add(reading) }
            }
        }
        return measurements
    }

    /// This round's reading of a row, measured now if it has not been yet.
    func reading(of row: BenchRow) throws -> Reading {
        if let reading = readings[row.name] { return reading }
        let reading = try row.measure(self)
        readings[row.name] = reading
        return reading
    }

    /// A new path inside the scratch directory.
    func path(_ name: String) -> String {
        number += 1
        return "\(scratch.path)/\(name)-\(number)"
    }

    /// Runs a task that makes something at a new path, which is removed again.
    func runAside(_ task: TaskWords, as setting: String = "path") throws -> TaskResult {
        let path = path("work")
        defer { Scratch.remove(path) }
        return try TaskProcess.run(task.with([setting: path]))
    }

    /// The ledger that the task `fill` makes, made when it is first asked for.
    func ledger(_ fill: TaskWords) throws -> String {
        if let path = ledgers[fill] { return path }
        let path = path("ledger")
        progress("making a ledger: \(fill.words.joined(separator: " "))")
        _ = try TaskProcess.run(fill.with(["path": path]))
        ledgers[fill] = path
        return path
    }

    /// The PostgreSQL server, started when it is first asked for.
    func postgres() throws -> PostgresCluster {
        if let cluster { return cluster }
        progress("starting a PostgreSQL server of its own")
        let started = try PostgresCluster(directory: path("postgres"))
        try started.execute(PostgresForm.schema)
        cluster = started
        return started
    }

    private func storedSizes() async throws -> (entry: Int, envelope: Int) {
        let path = path("sample")
        defer { Scratch.remove(path) }
        let ledger = try await Ledger.create(at: path, origin: Origin("bench.example.gov/ledger"))
        var workload = Workload(shape: .spread, payloadSize: settings.payload)
        let recorded = try await ledger.append(workload.batch(100))
        let event = try await ledger.event(at: recorded[99].index)
        await ledger.close()
        return (try event.entry.encoded().count, event.envelope?.count ?? 0)
    }
}
