internal import EventFormat
internal import Keyring

extension Auditor {
    /// Says of each payload that was removed whether a recorded event authorises it.
    func removals(_ history: HistoryAudit, _ signatures: SignatureChecks) -> [EntryFinding] {
        history.removedPayloads.map { removed in
            EntryFinding(
                .missing, at: EntryIndex(removed.index), of: removed.stream,
                "its payload was removed, and no recorded event authorises that")
        }
    }

    /// Says what was checked and what was not.
    func describe(_ history: HistoryAudit, _ signatures: SignatureChecks, _ report: inout AuditReport) {
        report.checked.append(.init("entries: form, index, chain, time, leaf hash", history.size))
        report.checked.append(.init("records: revisions and links", UInt64(history.streams.states.count)))
        report.checked.append(.init("event ids, none twice", UInt64(history.ids.count)))
        if history.payloadCounts.intact > 0 {
            report.checked.append(.init("payloads, held to their digests", history.payloadCounts.intact))
        }
        if history.payloadCounts.notChecked > 0 {
            report.notChecked.append("\(history.payloadCounts.notChecked) payloads, which are not published")
        }
        if signatures.signedAppends > 0 {
            report.checked.append(.init("signatures of appends", signatures.signedAppends))
            report.checked.append(.init("entries that they cover", signatures.signedEntries))
        }
        if signatures.unsignedEntries > 0 {
            report.checked.append(.init("entries unsigned, as the policy allowed", signatures.unsignedEntries))
        }
        guard signatures.unknownEntries > 0 else { return }
        let reasons = signatures.unknownReasons.joined(separator: "; ")
        if report.kind == "tiles" {
            report.notChecked.append("signatures of \(signatures.unknownEntries) entries: \(reasons)")
        } else {
            report.findings.append(
                GeneralFinding(
                    .unverifiable, at: "signatures", "those of \(signatures.unknownEntries) entries: \(reasons)"))
        }
    }

    /// Makes the verdicts of records.
    func tally(
        _ findings: [EntryFinding], _ history: HistoryAudit, _ judgement: Judgement, _ report: inout AuditReport
    ) {
        let tally = RecordTally(
            findings, streams: history.streams, size: history.size, base: judgement.base,
            doubtfulFrom: judgement.doubtfulFrom, listsAll: options.listsAllRecords)
        report.records = tally.records
        report.recordCounts = tally.recordCounts
        report.entryCounts = tally.entryCounts
        report.omitted += tally.omitted
    }
}
