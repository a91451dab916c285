internal import EventFormat
internal import Glibc
internal import Ledger
internal import Processes
internal import Signing
internal import StoreFormat

extension BenchTask {
    /// The ledger that a task works on: the one at the setting `path`, which is made when it is not there.
    static func ledger(_ words: TaskWords) async throws -> Ledger {
        let path = try words.text("path")
        if unsafe access("\(path)/\(StoreLayout.dataFileName)", F_OK) == 0 { return try await Ledger.open(at: path) }
        return try await Ledger.create(at: path, origin: Origin("bench.example.gov/ledger"))
    }

    /// The workload that the settings `shape` and `payload` describe.
    static func workload(_ words: TaskWords, caller: Int = 0) throws -> Workload {
        guard let shape = StreamShape(rawValue: try words.text("shape")) else {
            throw Failure(.usage, "there is no such shape of streams")
        }
        return Workload(shape: shape, payloadSize: try words.number("payload"), caller: caller)
    }

    /// Bytes that the ledger's file takes on the disk.
    ///
    /// Safety: the call fills the structure that it is given.
    static func diskBytes(_ ledger: Ledger) -> Double {
        var status = stat()
        guard unsafe stat("\(ledger.path)/\(StoreLayout.dataFileName)", &status) == 0 else { return 0 }
        return Double(status.st_blocks) * 512
    }

    /// Makes a ledger of `events` entries.
    static func fill(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        await ready()
        let signed = words.settings["signed"] != nil ? try await signedLedger(words) : nil
        let ledger = if let signed { signed.0 } else { try await ledger(words) }
        var workload = try workload(words)
        let count = UInt64(try words.number("events"))
        let progress = ProgressLine("filling a ledger")
        var size = try await ledger.size()
        while size < count {
            let batch = workload.batch(Int(min(count - size, signed == nil ? 10_000 : 1000)))
            try await ledger.append(batch, signedBy: signed?.1)
            size += UInt64(batch.count)
            progress.show(size, of: count)
        }
        progress.finish()
        await ledger.close()
        return Figures()
    }

    /// A new ledger at the setting `path` that knows a key of the workload's source, and that key.
    private static func signedLedger(_ words: TaskWords) async throws -> (Ledger, PrivateKey) {
        let (authority, key) = (try PrivateKey.generate(), try PrivateKey.generate())
        let ledger = try await Ledger.create(
            at: try words.text("path"), origin: Origin("bench.example.gov/ledger"),
            authorities: [authority.publicKey])
        let source = try SourceName(Workload.source)
        try await ledger.record(
            .sourceRegistered(source, name: nil, keys: [key.publicKey]), signedBy: authority)
        return (ledger, key)
    }

    /// One caller that appends batches and waits for each; with the setting `signed` it signs them. The events are
    /// made before the clock runs.
    static func appendBatches(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let signed = words.settings["signed"] != nil ? try await signedLedger(words) : nil
        let ledger = if let signed { signed.0 } else { try await ledger(words) }
        var workload = try workload(words)
        let size = try words.number("batch")
        let count = try words.number("events")
        try await ledger.append(workload.batch(1), signedBy: signed?.1)
        let before = diskBytes(ledger)
        await ready()
        var latencies = Latencies()
        for _ in 0..<max(1, count / size) {
            let batch = workload.batch(size)
            let start = MonotonicTime.now
            try await ledger.append(batch, signedBy: signed?.1)
            latencies.add(since: start)
        }
        let events = Double(max(1, count / size) * size)
        var figures = Figures()
        figures.add("rate", events / latencies.sum)
        figures.add(latencies)
        figures.add("bytes", (diskBytes(ledger) - before) / events)
        await ledger.close()
        return figures
    }

    /// `callers` callers that append one event at a time, `events` together; the first one's number is `first`.
    static func appendConcurrently(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let ledger = try await ledger(words)
        let callers = try words.number("callers")
        let each = max(1, try words.number("events") / callers)
        let first = try words.number("first")
        let workloads = try (0..<callers).map { try workload(words, caller: first + $0) }
        try await ledger.append([Event(type: Workload.type, source: Workload.source)], to: Workload.stream(0))
        let before = diskBytes(ledger)
        await ready()
        let start = MonotonicTime.now
        let latencies = try await withThrowingTaskGroup(of: Latencies.self) { group in
            for workload in workloads {
                group.addTask { try await append(each, of: workload, to: ledger) }
            }
            return try await group.reduce(into: Latencies()) { $0.add($1) }
        }
        let end = MonotonicTime.now
        let events = Double(callers * each)
        var figures = Figures()
        figures.add("rate", events / (Double(end - start) / 1e9))
        figures.add(latencies)
        figures.add("bytes", (diskBytes(ledger) - before) / events)
        figures.add("events", events)
        figures.add("start", Double(start))
        figures.add("end", Double(end))
        await ledger.close()
        return figures
    }

    private static func append(_ count: Int, of workload: Workload, to ledger: Ledger) async throws -> Latencies {
        var workload = workload
        var latencies = Latencies()
        latencies.reserve(count)
        for _ in 0..<count {
            let event = workload.event
            let stream = workload.nextStream()
            let start = MonotonicTime.now
            try await ledger.append([event], to: stream)
            latencies.add(since: start)
        }
        return latencies
    }
}
