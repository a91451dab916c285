internal import Digests
internal import EventFormat
internal import Glibc
internal import Ledger
internal import Projecting
internal import Projections
internal import StoreFormat
internal import Threading
internal import Verifying

/// The benchmark's rows. Each round measures every row once with its floor right before it; a first round warms up and
/// does not count.
@MainActor final class Benchmark {
    /// Events of the row with batches; the other rows' counts follow from it.
    let eventCount: Int
    let roundCount: Int
    private let directory: String
    private let payload: Payload
    private var number = 0
    /// Stored bytes of an event as the append rows make them.
    private var sample: (entry: [UInt8], envelope: [UInt8]) = ([], [])

    init(directory: String, eventCount: Int, roundCount: Int) {
        self.directory = directory
        self.eventCount = eventCount
        self.roundCount = roundCount
        let text = #"{"kind":"environment","channel":"desk","remark":""#
        let filler = String(repeating: "0123456789abcdef", count: 32).prefix(512 - text.count - 2)
        payload = .json(text + filler + #""}"#)
    }

    nonisolated static let rows = [
        "append.batch", "append.concurrent.64", "append.concurrent.256", "append.single", "scan", "verify",
        "proof.inclusion", "proof.consistency", "project.rebuild",
    ]

    /// Measures the rows in `names`; `progress` is told what is being measured.
    func run(_ names: [String], _ progress: (String) -> Void) async throws -> [Measurement] {
        var rows = measurements().filter { names.contains($0.name) }
        try await makeSample()
        let reading = try await makeReadingLedger()
        for round in 0...roundCount {
            for position in rows.indices {
                progress("round \(round) of \(roundCount): \(rows[position].name)")
                let (value, floor) = try await measure(rows[position].name, reading)
                if round > 0 { rows[position].add(value: value, floor: floor) }
            }
        }
        await reading.close()
        return rows
    }

    private func measurements() -> [Measurement] {
        let plain = "plain file: the same bytes and hashes, one fdatasync a commit"
        return [
            Measurement("append.batch", unit: "events/s", floor: plain),
            Measurement("append.concurrent.64", unit: "events/s", floor: plain + ", 64 a commit"),
            Measurement("append.concurrent.256", unit: "events/s", floor: plain + ", 256 a commit"),
            Measurement("append.single", unit: "events/s", floor: plain + ", one a commit"),
            Measurement("scan", unit: "entries/s", floor: "the file's bytes read once"),
            Measurement("verify", unit: "entries/s", floor: "SHA-256 over the same messages, all processors"),
            Measurement("proof.inclusion", unit: "µs", floor: "hashing as many nodes"),
            Measurement("proof.consistency", unit: "µs", floor: "hashing as many nodes"),
            Measurement("project.rebuild", unit: "events/s", floor: "reading the events without projecting"),
        ]
    }

    private func measure(_ name: String, _ reading: Ledger) async throws -> (value: Double, floor: Double) {
        switch name {
        case "append.batch": try await appendBatches()
        case "append.concurrent.64": try await appendConcurrently(64)
        case "append.concurrent.256": try await appendConcurrently(256)
        case "append.single": try await appendSingly()
        case "scan": try await scan(reading)
        case "verify": try await verify(reading)
        case "proof.inclusion": try await prove(reading, consistency: false)
        case "proof.consistency": try await prove(reading, consistency: true)
        case "project.rebuild": try await project(reading)
        default: throw Failure(.usage, "there is no row \(name)")
        }
    }

    private func path(_ name: String) -> String {
        number += 1
        return "\(directory)/\(name)-\(number)"
    }

    private func newLedger() async throws -> Ledger {
        try await Ledger.create(at: path("ledger"), origin: Origin("bench.example.gov/ledger"))
    }

    private func discard(_ ledger: Ledger) async {
        await ledger.close()
        for name in [StoreLayout.dataFileName, "lock.mdb"] { unsafe unlink("\(ledger.path)/\(name)") }
        unsafe rmdir(ledger.path)
    }

    private func event() -> Event {
        Event(type: "application.recorded", source: "https://bench.example.gov/intake", payload: payload)
    }

    private func streamEvents(_ count: Int) -> [StreamEvent] {
        (0..<count).map { StreamEvent(event(), to: Benchmark.stream($0 % 50)) }
    }

    private nonisolated static func stream(_ number: Int) -> StreamName {
        do throws(FormatError) {
            return try StreamName("application-0198c0de-0000-7000-8000-\(String(number + 100_000_000_000))")
        } catch {
            preconditionFailure("the benchmark's stream name is none: \(error)")
        }
    }

    private func makeSample() async throws {
        let ledger = try await newLedger()
        let recorded = try await ledger.append(streamEvents(100))
        let event = try await ledger.event(at: recorded[99].index)
        sample = (try event.entry.encoded(), event.envelope ?? [])
        await discard(ledger)
    }
}

// MARK: - Appending

extension Benchmark {
    private func floor(_ events: Int, perCommit: Int) async throws -> Double {
        var file = try PlainFile(path: path("plain"))
        let start = ContinuousClock.now
        for _ in 0..<events / perCommit { try file.commit(perCommit, entry: sample.entry, envelope: sample.envelope) }
        let duration = start.duration(to: .now).components
        return Double(events) / (Double(duration.seconds) + Double(duration.attoseconds) / 1e18)
    }

    private func appendBatches() async throws -> (Double, Double) {
        let floor = try await floor(eventCount, perCommit: 1000)
        let ledger = try await newLedger()
        let batches = (0..<eventCount / 1000).map { _ in streamEvents(1000) }
        let time = try await seconds { for batch in batches { try await ledger.append(batch) } }
        await discard(ledger)
        return (Double(eventCount) / time, floor)
    }

    private func appendConcurrently(_ callers: Int) async throws -> (Double, Double) {
        let each = max(1, eventCount / 2 / callers)
        let floor = try await floor(callers * each, perCommit: callers)
        let ledger = try await newLedger()
        let payload = payload
        let time = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<callers {
                    let stream = Benchmark.stream(caller)
                    group.addTask {
                        for _ in 0..<each {
                            let event = Event(
                                type: "application.recorded", source: "https://bench.example.gov/intake",
                                payload: payload)
                            try await ledger.append([event], to: stream)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        await discard(ledger)
        return (Double(callers * each) / time, floor)
    }

    private func appendSingly() async throws -> (Double, Double) {
        let count = max(100, eventCount / 50)
        let floor = try await floor(count, perCommit: 1)
        let ledger = try await newLedger()
        let events = (0..<count).map { _ in event() }
        let stream = Benchmark.stream(0)
        let time = try await seconds { for event in events { try await ledger.append([event], to: stream) } }
        await discard(ledger)
        return (Double(count) / time, floor)
    }
}

// MARK: - Reading

extension Benchmark {
    /// A ledger that the reading rows share, of twice the batch row's events and at least 100,000.
    private func makeReadingLedger() async throws -> Ledger {
        let ledger = try await newLedger()
        for _ in 0..<max(100, eventCount * 2 / 1000) { try await ledger.append(streamEvents(1000)) }
        return ledger
    }

    private func scan(_ ledger: Ledger) async throws -> (Double, Double) {
        let size = try await ledger.size()
        let file = try await seconds { try readFile("\(ledger.path)/\(StoreLayout.dataFileName)") }
        let time = try await seconds {
            var next: EntryIndex = 0
            while next.rawValue < size {
                next = try await ledger.page(from: next, limit: 8192, withPayloads: false).next
            }
        }
        return (Double(size) / time, Double(size) / file)
    }

    private func readFile(_ path: String) throws {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(.couldNotRun, "\(path) cannot be read") }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while unsafe chunk.withUnsafeMutableBytes({ unsafe read(descriptor, $0.baseAddress, $0.count) }) > 0 {}
    }

    private func verify(_ ledger: Ledger) async throws -> (Double, Double) {
        let size = try await ledger.size()
        let floor = await hashing(Int(size))
        let report = try await Verifier(directory: ledger.path).runReportingProgress()
        guard report.verdict == .intact else { throw Failure(.refused, "the benchmark's own ledger is not intact") }
        return (Double(size) / report.seconds, Double(size) / floor)
    }

    /// Seconds to hash `count` entries, envelopes and nodes on all processors.
    private func hashing(_ count: Int) async -> Double {
        let sample = sample
        let workers = BlockingPool.processorCount
        return await seconds {
            await withTaskGroup(of: Digest.self) { group in
                for _ in 0..<workers {
                    group.addTask {
                        var node = Digest.zero
                        for _ in 0..<count / workers {
                            let digest = Envelope.digest(sample.envelope.span)
                            let leaf = SHA256.hash(prefix: Entry.leafPrefix, sample.entry.span)
                            node = SHA256.hash(prefix: 1, leaf, digest)
                        }
                        return node
                    }
                }
                for await _ in group {}
            }
        }
    }

    private func prove(_ ledger: Ledger, consistency: Bool) async throws -> (Double, Double) {
        let size = try await ledger.size()
        let count: UInt64 = 2000
        let log = ledger
        let (hashes, time) = try await BlockingPool.shared.run { () throws(LedgerError) -> (Int, Double) in
            let start = ContinuousClock.now
            let hashes = try log.measureProofs(count, size: size, consistency: consistency)
            let duration = start.duration(to: .now).components
            return (hashes, Double(duration.seconds) + Double(duration.attoseconds) / 1e18)
        }
        let floor = await seconds {
            var node = Digest.zero
            for _ in 0..<hashes { node = SHA256.hash(prefix: 1, node, node) }
        }
        return (time / Double(count) * 1e6, floor / Double(count) * 1e6)
    }

    private func project(_ ledger: Ledger) async throws -> (Double, Double) {
        let size = try await ledger.size()
        let reading = try await seconds {
            var next: EntryIndex = 0
            while next.rawValue < size { next = try await ledger.page(from: next, limit: 1024).next }
        }
        let file = path("views.sqlite")
        let register = ShippedProjections.all[0]
        let projector = try await Projector(
            ledger: ledger, definitions: [try Definition(file: register.name, text: register.text)], database: file)
        let time = try await seconds { try await projector.run() }
        for suffix in ["", "-wal", "-shm"] { unsafe unlink(file + suffix) }
        return (Double(size) / time, Double(size) / reading)
    }
}
