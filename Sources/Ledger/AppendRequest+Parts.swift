internal import EventFormat
internal import EventLog
internal import Threading

extension AppendRequest {
    /// Fewer events than this are not worth another thread.
    private static let leastPartCount = 128

    /// Checks and hashes `events`, a large append's on all processors. Throws ``LedgerError`` naming the first event
    /// that is not valid.
    ///
    /// `statedTime`: the time of events that state none, for an append that is to be signed.
    static func make(
        _ events: Events, checks: [StreamCheck], statedTime: Timestamp? = nil
    ) async throws(LedgerError) -> AppendRequest {
        try checkSize(of: events)
        guard events.count >= 2 * leastPartCount else {
            return try AppendRequest(events, checks: checks, statedTime: statedTime)
        }
        let count = min(BlockingPool.processorCount, events.count / leastPartCount)
        let ranges = (0..<count).map { events.count * $0 / count..<events.count * ($0 + 1) / count }
        let results = await withTaskGroup(of: (Int, Result<AppendPart, LedgerError>).self) { group in
            for (number, range) in ranges.enumerated().dropFirst() {
                group.addTask { (number, part(events, range, statedTime)) }
            }
            var results = [0: part(events, ranges[0], statedTime)]
            for await (number, result) in group { results[number] = result }
            return results
        }
        var parts: [AppendPart] = []
        for number in 0..<count {
            guard let result = results[number] else { preconditionFailure("a part of an append was not made") }
            parts.append(try result.get())
        }
        return try AppendRequest(events, parts: parts, checks: checks)
    }

    private static func part(
        _ events: Events, _ range: Range<Int>, _ statedTime: Timestamp?
    ) -> Result<AppendPart, LedgerError> {
        do throws(LedgerError) {
            return .success(try events.part(range, statedTime: statedTime))
        } catch {
            return .failure(error)
        }
    }
}
