internal import Digests
internal import EventFormat
internal import Peers
internal import Processes
internal import StoreFormat
internal import Threading

extension BenchTask {
    /// Commits to a plain file, `batch` events each, of the sizes `entry` and `envelope`.
    static func writePlainFile(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let batch = try words.number("batch")
        let commits = max(1, try words.number("events") / batch)
        var file = try PlainFile(
            path: try words.text("path"), commits: commits + 1, count: batch, entrySize: try words.number("entry"),
            envelopeSize: try words.number("envelope"))
        try file.commit()
        await ready()
        let start = MonotonicTime.now
        for _ in 0..<commits { try file.commit() }
        var figures = Figures()
        figures.add("rate", Double(commits * batch) / MonotonicTime.seconds(since: start))
        return figures
    }

    /// Commits to a bare LMDB environment what a ledger puts for one event: a segment, an id, a stream's newest entry.
    static func commitSegments(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let count = try words.number("events")
        let path = try words.text("path")
        let sizes = (entry: try words.number("entry"), envelope: try words.number("envelope"))
        let size = SegmentLayout.headerByteCount + SegmentLayout.perEntryByteCount + sizes.entry + sizes.envelope
        await ready()
        let rate = try await BlockingPool.shared.run { () throws(PeerError) in
            let store = try BareLMDB(directory: path, tables: ["segments", "ids", "streams"])
            let segment = [UInt8](repeating: 7, count: size)
            let head = [UInt8](repeating: 7, count: 24)
            let start = MonotonicTime.now
            for number in 0..<count {
                try store.commit { transaction throws(PeerError) in
                    let index = BareLMDB.key(UInt64(number))
                    try transaction.put(0, index, segment, isLast: true)
                    try transaction.put(1, EventID().bytes, index, isLast: true)
                    try transaction.put(2, Array(Workload.stream(number % 50).text.utf8), head)
                }
            }
            return Double(count) / MonotonicTime.seconds(since: start)
        }
        var figures = Figures()
        figures.add("rate", rate)
        return figures
    }

    /// Opens a ledger's file with nothing but LMDB, in milliseconds.
    static func openBareLMDB(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let path = try words.text("path")
        await ready()
        let milliseconds = try await BlockingPool.shared.run { () throws(PeerError) in
            let start = MonotonicTime.now
            _ = try BareLMDB.entryCount(directory: path, table: StoreLayout.idsTable)
            return MonotonicTime.seconds(since: start) * 1e3
        }
        var figures = Figures()
        figures.add("milliseconds", milliseconds)
        return figures
    }

    /// Inserts `events` events, `batch` a transaction; `insert` does one transaction.
    private static func rows(
        _ words: TaskWords, _ insert: ([PeerEvent]) throws(PeerError) -> Void
    ) throws -> Figures {
        let count = try words.number("events")
        let batch = try words.number("batch")
        var workload = try workload(words)
        let payload = workload.event.payload?.bytes ?? []
        var revisions: [String: Int64] = [:]
        var latencies = Latencies()
        for _ in 0..<max(1, count / batch) {
            let events = (0..<batch).map { _ in
                let stream = workload.nextStream().text
                let revision = revisions[stream, default: 0]
                revisions[stream] = revision + 1
                return PeerEvent(
                    id: EventID().bytes, stream: stream, revision: revision, type: Workload.type,
                    source: Workload.source, payload: payload)
            }
            let start = MonotonicTime.now
            try insert(events)
            latencies.add(since: start)
        }
        var figures = Figures()
        figures.add("rate", Double(max(1, count / batch) * batch) / latencies.sum)
        figures.add(latencies)
        return figures
    }

    /// A row an event, an index of ids and one of streams and revisions, in a bare LMDB environment.
    static func insertIntoLMDB(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let path = try words.text("path")
        await ready()
        return try await BlockingPool.shared.run { () throws(any Error) in
            var store = try LMDBEvents(directory: path)
            return try rows(words) { events throws(PeerError) in try store.insert(events) }
        }
    }

    /// An event table in SQLite.
    static func insertIntoSQLite(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let path = try words.text("path")
        await ready()
        return try await BlockingPool.shared.run { () throws(any Error) in
            let table = try SQLiteEvents(path: path)
            return try rows(words) { events throws(PeerError) in try table.insert(events) }
        }
    }
}
