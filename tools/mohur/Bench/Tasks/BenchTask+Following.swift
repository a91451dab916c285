internal import EventFormat
internal import Ledger
internal import Processes

extension BenchTask {
    /// Events of one append while another process follows.
    private static let groupCount = 10

    /// Follows from the end of the ledger until `events` have arrived. Reports how long each was on its way: from the
    /// moment that its payload names, before its append, to its delivery here.
    static func followAsReader(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let ledger = try await ledger(words)
        let count = try words.number("events")
        let start = EntryIndex(try await ledger.size())
        await ready()
        var latencies = Latencies()
        latencies.reserve(count)
        var delivered = 0
        for try await event in ledger.follow(from: start) {
            guard let payload = event.payload, let sent = UInt64(decimal: payload.bytes.prefix(20)) else {
                throw Failure(.couldNotRun, "an event of the benchmark does not say when it was sent")
            }
            latencies.add(since: sent)
            delivered += 1
            if delivered == count { break }
        }
        await ledger.close()
        var figures = Figures()
        figures.add(latencies)
        return figures
    }

    /// Appends `rate` events a second in groups of ten, each at its time. Reports how long the appends took.
    static func followAsWriter(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let ledger = try await ledger(words)
        let groups = try words.number("events") / groupCount
        let pace = UInt64(groupCount) * 1_000_000_000 / UInt64(max(1, try words.number("rate")))
        let filler = [UInt8](repeating: UInt8(ascii: " "), count: max(0, try words.number("payload") - 20))
        await ready()
        var latencies = Latencies()
        let begin = MonotonicTime.now
        for group in 0..<groups {
            let due = begin + UInt64(group) * pace
            let now = MonotonicTime.now
            if due > now { try await Task.sleep(for: .nanoseconds(Int64(due - now)), tolerance: .zero) }
            let start = MonotonicTime.now
            let text = String(start)
            let bytes = Array((String(repeating: " ", count: 20 - text.count) + text).utf8) + filler
            let events = (0..<groupCount).map { number in
                StreamEvent(
                    Event(
                        type: Workload.type, source: Workload.source,
                        payload: Payload(bytes: bytes, mediaType: "text/plain")), to: Workload.stream(number))
            }
            try await ledger.append(events)
            latencies.add(since: start)
        }
        await ledger.close()
        var figures = Figures()
        figures.add(latencies)
        figures.add("rate", Double(groups * groupCount) / MonotonicTime.seconds(since: begin))
        return figures
    }
}

extension UInt64 {
    /// Reads decimal digits behind spaces.
    fileprivate init?(decimal bytes: ArraySlice<UInt8>) {
        self.init(String(decoding: bytes.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self))
    }
}
