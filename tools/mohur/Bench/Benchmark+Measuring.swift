internal import EventFormat
internal import Peers

// MARK: - Appending

extension Benchmark {
    private var workload: [String: String] {
        ["shape": settings.shape.rawValue, "payload": "\(settings.payload)"]
    }

    private var sizes: [String: String] { ["entry": "\(entrySize)", "envelope": "\(envelopeSize)"] }

    private func plainFile(_ events: Int, perCommit: Int) throws -> Double {
        let task = TaskWords("floor.file", sizes).with(["events": "\(events)", "batch": "\(perCommit)"])
        return try runAside(task).figure("rate")
    }

    private var batchTask: TaskWords {
        TaskWords("append.batch", workload).with(["events": "\(settings.events)", "batch": "1000"])
    }

    private func callersTask(_ callers: Int, events: Int, first: Int = 0) -> TaskWords {
        TaskWords("append.callers", workload).with([
            "callers": "\(callers)", "events": "\(events)", "first": "\(first)",
        ])
    }

    func appendBatch() throws -> Reading {
        let floor = try plainFile(settings.events, perCommit: 1000)
        return try Reading(try runAside(batchTask), "rate", floor: floor)
    }

    /// The same batches, each signed with Ed25519.
    func appendSigned() throws -> Reading {
        let floor = try reading(of: try Benchmark.ownRow("append.batch")).value
        return try Reading(try runAside(batchTask.with(["signed": "1"])), "rate", floor: floor)
    }

    func appendConcurrently(_ callers: Int) throws -> Reading {
        let events = max(callers, settings.events / 2)
        let floor = try plainFile(events, perCommit: callers)
        return try Reading(try runAside(callersTask(callers, events: events)), "rate", floor: floor)
    }

    /// One caller, an event at a time.
    func appendSingly() throws -> Reading {
        let events = max(100, settings.events / 50)
        let task = TaskWords("lmdb.segments", sizes).with(["events": "\(events)"])
        let floor = try runAside(task).figure("rate")
        return try Reading(try runAside(callersTask(1, events: events)), "rate", floor: floor)
    }

    /// Processes on one ledger with so many callers each, which begin together, beside another row.
    func appendFromProcesses(_ count: Int, callers: Int, floor: String) throws -> Reading {
        let floor = try reading(of: try Benchmark.ownRow(floor)).value
        let path = path("work")
        defer { Scratch.remove(path) }
        let each = max(16, settings.events / (callers > 1 ? 8 : 100))
        let results = try TaskProcess.run(
            (0..<count).map { callersTask(callers, events: each, first: $0 * callers).with(["path": path]) })
        let start = try results.map { try $0.figure("start") }.min() ?? 0
        let end = try results.map { try $0.figure("end") }.max() ?? 0
        let events = try results.reduce(0) { $0 + (try $1.figure("events")) }
        var reading = Reading(events / (end - start) * 1e9, floor: floor, memory: results.map(\.memory).max())
        reading.p50 = results.compactMap { $0.figures["p50"] }.max()
        reading.p99 = results.compactMap { $0.figures["p99"] }.max()
        return reading
    }

    /// Bytes of an event on the disk after appends in batches.
    func diskOfBatches() throws -> Reading { try disk(batchTask) }

    /// Bytes of an event on the disk after appends of 64 callers.
    func diskOfCallers() throws -> Reading { try disk(callersTask(64, events: max(64, settings.events / 2))) }

    private func disk(_ task: TaskWords) throws -> Reading {
        let result = try runAside(task)
        return Reading(
            try result.figure("bytes"), floor: Double(entrySize + envelopeSize), memory: result.memory)
    }

    /// Batches on a large ledger and on one of a twentieth of its entries, which all rounds share.
    func grow() throws -> Reading {
        let events = min(settings.events, max(5000, settings.entries / 20))
        let task = batchTask.with(["events": "\(events)"])
        let small = try ledger(Benchmark.largeLedger(settings.entries / 10))
        let large = try ledger(Benchmark.largeLedger(settings.entries * 2))
        let floor = try TaskProcess.run(task.with(["path": small])).figure("rate")
        return try Reading(try TaskProcess.run(task.with(["path": large])), "rate", floor: floor)
    }
}

// MARK: - Reading

extension Benchmark {
    /// The ledger that is scanned and verified: payloads of 512 bytes, twice the batch row's events, at least 1,000.
    nonisolated static func readingLedger(_ settings: BenchSettings) -> TaskWords {
        TaskWords("fill", ["events": "\(max(1000, settings.events * 2))", "payload": "512", "shape": "spread"])
    }

    /// A municipality's year, of as many entries.
    nonisolated static func yearLedger(_ settings: BenchSettings) -> TaskWords {
        TaskWords("fill.year", ["events": "\(max(1000, settings.events * 2))"])
    }

    /// A ledger of many streams and small payloads.
    nonisolated static func largeLedger(_ entries: Int) -> TaskWords {
        TaskWords("fill", ["events": "\(entries)", "payload": "64", "shape": "short"])
    }

    nonisolated static func ownRow(_ name: String) throws(Failure) -> BenchRow {
        guard let row = ownRows.first(where: { $0.name == name }) else {
            throw Failure(.usage, "there is no row \(name)")
        }
        return row
    }

    func scan(_ task: String) throws -> Reading {
        let place = ["path": try ledger(Benchmark.readingLedger(settings)), "processors": "1"]
        let floor = try TaskProcess.run(TaskWords("read", place)).figure("rate")
        return try Reading(try TaskProcess.run(TaskWords(task, place)), "rate", floor: floor)
    }

    func verify(processors: Int) throws -> Reading {
        let path = try ledger(Benchmark.readingLedger(settings))
        let floor: Double
        if processors == 1 {
            let hashing = TaskWords("floor.hash", ["entry": "\(entrySize)", "envelope": "528", "processors": "1"])
            floor = try TaskProcess.run(hashing).figure("rate")
        } else {
            floor = try reading(of: try Benchmark.ownRow("verify.1")).value
        }
        let task = TaskWords("verify", ["path": path, "processors": "\(processors)"])
        return try Reading(try TaskProcess.run(task), "rate", floor: floor)
    }

    /// The same entries in batches of a thousand, each signed.
    func verifySigned() throws -> Reading {
        let path = try ledger(Benchmark.readingLedger(settings).with(["signed": "1"]))
        let floor = try reading(of: try Benchmark.ownRow("verify.1")).value
        let task = TaskWords("verify", ["path": path, "processors": "1"])
        return try Reading(try TaskProcess.run(task), "rate", floor: floor)
    }

    func prove(_ task: String, _ kind: String) throws -> Reading {
        let path = try ledger(Benchmark.largeLedger(settings.entries))
        let node = try TaskProcess.run(TaskWords("floor.nodes")).figure("microseconds")
        let result = try TaskProcess.run(TaskWords(task, ["path": path, "kind": kind]))
        return try Reading(result, "microseconds", floor: node * (try result.figure("hashes")))
    }

    func open() throws -> Reading {
        let path = try ledger(Benchmark.largeLedger(settings.entries))
        let floor = try TaskProcess.run(TaskWords("lmdb.open", ["path": path])).figure("milliseconds")
        return try Reading(try TaskProcess.run(TaskWords("open", ["path": path])), "milliseconds", floor: floor)
    }

    /// One process follows what another appends.
    func follow() throws -> Reading {
        let path = path("work")
        defer { Scratch.remove(path) }
        let events = max(100, min(10_000, settings.events / 10)) / 10 * 10
        let common = ["path": path, "events": "\(events)", "payload": "512", "rate": "5000"]
        let results = try TaskProcess.run([TaskWords("follow.read", common), TaskWords("follow.write", common)])
        return try Reading(results[0], "p99", floor: try results[1].figure("p99"))
    }

    func project(_ fill: TaskWords) throws -> Reading {
        let path = try ledger(fill)
        let floor = try TaskProcess.run(TaskWords("read", ["path": path])).figure("rate")
        let file = self.path("views.sqlite")
        defer { for suffix in ["", "-wal", "-shm"] { Scratch.remove(file + suffix) } }
        return try Reading(
            try TaskProcess.run(TaskWords("project", ["path": path, "into": file])), "rate", floor: floor)
    }
}

// MARK: - Peers

extension Benchmark {
    func measurePostgres(_ form: PostgresForm, clients: Int) throws -> Reading {
        let event = PeerEvent(
            id: [], stream: "", revision: 0, type: Workload.type, source: Workload.source,
            payload: Workload.payload(settings.payload).bytes)
        let result = try form.measure(on: try postgres(), clients: clients, seconds: 3, event: event)
        return Reading(result.rate, memory: result.memory)
    }

    /// Rows in LMDB or SQLite, `batch` a transaction.
    func insertRows(_ task: String, batch: Int) throws -> Reading {
        let events = batch == 1 ? max(100, settings.events / 25) : settings.events
        let words = TaskWords(task, ["events": "\(events)", "batch": "\(batch)"]).with(workload)
        return try Reading(try runAside(words), "rate")
    }
}
