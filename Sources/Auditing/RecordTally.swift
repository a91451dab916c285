internal import EventFormat

/// Gathers what was found of entries into verdicts of records.
struct RecordTally {
    private(set) var records: [RecordVerdict] = []
    private(set) var recordCounts: [Verdict: UInt64] = [:]
    private(set) var entryCounts: [Verdict: UInt64] = [:]
    /// How many records are not in ``records``.
    private(set) var omitted: UInt64 = 0

    /// `base` is what is to be said of entries from `doubtfulFrom` on of which nothing else was found.
    init(
        _ findings: [EntryFinding], streams: StreamAudit, size: UInt64, base: Verdict, doubtfulFrom: UInt64?,
        listsAll: Bool
    ) {
        countEntries(findings, size, base, doubtfulFrom)
        var byKey: [StreamAudit.Key: [EntryFinding]] = [:]
        var nameless: [EntryFinding] = []
        for finding in findings {
            guard let stream = finding.stream else {
                nameless.append(finding)
                continue
            }
            byKey[StreamAudit.Key(stream.utf8.span), default: []].append(finding)
        }
        var listed: [(order: UInt64, record: RecordVerdict)] = []
        for (key, state) in streams.states {
            let own = byKey[key] ?? []
            let isDoubtful = doubtfulFrom.map { state.index >= $0 } ?? false
            let worst = max(own.map(\.verdict).max() ?? .intact, isDoubtful ? base : .intact)
            recordCounts[worst, default: 0] += 1
            guard !own.isEmpty || (listsAll && state.name != nil) else { continue }
            let record = RecordVerdict(
                stream: own.first?.stream ?? state.name, verdict: worst, entries: state.entries,
                findings: own.sorted { $0.index < $1.index })
            listed.append((own.isEmpty || listsAll ? state.first : own[0].index.rawValue, record))
        }
        if !nameless.isEmpty {
            let worst = nameless.map(\.verdict).max() ?? .altered
            recordCounts[worst, default: 0] += 1
            let record = RecordVerdict(
                stream: nil, verdict: worst, entries: UInt64(nameless.count),
                findings: nameless.sorted { $0.index < $1.index })
            listed.append((nameless[0].index.rawValue, record))
        }
        listed.sort { $0.order < $1.order }
        records = listed.prefix(listsAll ? .max : AuditReport.maximumCount).map(\.record)
        omitted = UInt64(listed.count - records.count)
    }

    private mutating func countEntries(
        _ findings: [EntryFinding], _ size: UInt64, _ base: Verdict, _ doubtfulFrom: UInt64?
    ) {
        var worst: [EntryIndex: Verdict] = [:]
        for finding in findings { worst[finding.index] = max(finding.verdict, worst[finding.index] ?? .intact) }
        let doubtful = doubtfulFrom.map { size - min($0, size) } ?? 0
        entryCounts[base, default: 0] += doubtful
        entryCounts[.intact, default: 0] += size - doubtful
        for (index, verdict) in worst {
            let isDoubtful = doubtfulFrom.map { index.rawValue >= $0 } ?? false
            let before = isDoubtful ? base : .intact
            entryCounts[before, default: 0] -= 1
            entryCounts[max(before, verdict), default: 0] += 1
        }
    }
}
