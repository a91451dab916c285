internal import EventFormat

/// Gathers what was found of entries into verdicts of records.
struct RecordTally {
    private(set) var records: [RecordVerdict] = []
    private(set) var recordCounts: [Verdict: UInt64] = [:]
    private(set) var entryCounts: [Verdict: UInt64] = [:]
    /// How many records are not in ``records``.
    private(set) var omitted: UInt64 = 0

    private let base: (verdict: Verdict, from: UInt64)?

    init(
        _ findings: [EntryFinding], unlinked: [UInt64: HistoryWalk.Damage], streams: StreamAudit, size: UInt64,
        lost: UInt64, base: (verdict: Verdict, from: UInt64)?, listsAll: Bool
    ) {
        self.base = base
        countEntries(findings, unlinked, size)
        if lost > 0 {
            entryCounts[verdict(at: size), default: 0] -= lost
            entryCounts[.missing, default: 0] += lost
        }
        var byKey: [StreamAudit.Key: [EntryFinding]] = [:]
        for finding in findings {
            if let stream = finding.stream { byKey[StreamAudit.Key(stream.utf8.span), default: []].append(finding) }
        }
        var listed: [(order: UInt64, record: RecordVerdict)] = []
        for (key, state) in streams.states {
            let own = (byKey[key] ?? []).sorted { $0.index < $1.index }
            let worst = max(own.map(\.verdict).max() ?? .intact, verdict(at: state.index))
            recordCounts[worst, default: 0] += 1
            guard !own.isEmpty || (state.name != nil && (listsAll || worst != .intact)) else { continue }
            let record = RecordVerdict(
                stream: own.first?.stream ?? state.name, verdict: worst, entries: state.entries, findings: own)
            listed.append((own.isEmpty || listsAll ? state.first : own[0].index.rawValue, record))
        }
        listed.sort { $0.order < $1.order }
        records = listed.prefix(listsAll ? .max : AuditReport.maximumCount).map(\.record)
        omitted = UInt64(listed.count - records.count)
    }

    /// What is to be said of an entry of which nothing was found.
    private func verdict(at index: UInt64) -> Verdict {
        guard let base, index >= base.from else { return .intact }
        return base.verdict
    }

    private mutating func countEntries(
        _ findings: [EntryFinding], _ unlinked: [UInt64: HistoryWalk.Damage], _ size: UInt64
    ) {
        var worst: [UInt64: Verdict] = [:]
        for finding in findings {
            worst[finding.index.rawValue] = max(finding.verdict, worst[finding.index.rawValue] ?? .intact)
        }
        for (index, damage) in unlinked { worst[index] = max(damage.verdict, worst[index] ?? .intact) }
        let doubtful = base.map { size - min($0.from, size) } ?? 0
        if let base { entryCounts[base.verdict, default: 0] += doubtful }
        entryCounts[.intact, default: 0] += size - doubtful
        for (index, verdict) in worst {
            let before = self.verdict(at: index)
            entryCounts[before, default: 0] -= 1
            entryCounts[max(before, verdict), default: 0] += 1
        }
    }
}
