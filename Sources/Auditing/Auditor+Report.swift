internal import EventFormat
internal import Keyring

extension Auditor {
    /// Says of each payload that was removed whether a recorded event authorises it.
    func removals(_ walk: HistoryWalk, _ signatures: SignatureChecks) -> [EntryFinding] {
        walk.removedPayloads.map { removed in
            let index = EntryIndex(removed.index)
            // Keys and policies follow from the ledger's own events: their payloads are never removed.
            guard removed.stream != StreamName.ledger.text, let removal = signatures.history?.removal(of: index) else {
                return EntryFinding(
                    .missing, at: index, of: removed.stream,
                    "its payload was removed, and no recorded event authorises that")
            }
            if let schedule = removal.schedule {
                return EntryFinding(
                    .removedUnderSchedule, at: index, of: removed.stream,
                    "its payload was removed under event \(removal.event), schedule \(schedule), by \(removal.authority)"
                )
            }
            return EntryFinding(
                .payloadErased, at: index, of: removed.stream,
                "its payload was erased under event \(removal.event), by \(removal.authority)")
        }
    }

    /// Says of each document that is not there whether a recorded event authorises that.
    func missingDocuments(_ walk: HistoryWalk, _ signatures: SignatureChecks) -> [EntryFinding] {
        walk.missingDocuments.map { missing in
            let index = EntryIndex(missing.index)
            guard let removal = signatures.history?.removal(of: missing.name) else {
                return EntryFinding(
                    .missing, at: index, of: missing.stream,
                    "its content \(missing.name) is not there, and no recorded event authorises that")
            }
            let what = "its content \(missing.name) was removed under event \(removal.event)"
            guard let schedule = removal.schedule else {
                return EntryFinding(
                    .payloadErased, at: index, of: missing.stream, "\(what), by \(removal.authority)")
            }
            return EntryFinding(
                .removedUnderSchedule, at: index, of: missing.stream,
                "\(what), schedule \(schedule), by \(removal.authority)")
        }
    }

    /// Says what was checked and what was not.
    func describe(_ reading: Reading, _ report: inout AuditReport) {
        let (walk, signatures) = (reading.walk, reading.signatures)
        report.checked.append(.init("entries: form, index, chain, time, leaf hash", walk.size))
        report.checked.append(.init("records: revisions and links", UInt64(walk.streams.states.count)))
        report.checked.append(.init("event ids, none twice", UInt64(walk.ids.count)))
        if walk.payloadCounts.intact > 0 {
            report.checked.append(.init("payloads, held to their digests", walk.payloadCounts.intact))
        }
        if walk.documentCount > 0 {
            report.checked.append(.init("names of contents in payloads, looked for", walk.documentCount))
        }
        if walk.payloadCounts.notChecked > 0 {
            report.notChecked.append("\(walk.payloadCounts.notChecked) payloads, which are not published")
        }
        if signatures.signedAppends > 0 {
            report.checked.append(.init("signatures of appends", signatures.signedAppends))
            report.checked.append(.init("entries that they cover", signatures.signedEntries))
        }
        if signatures.unsignedEntries > 0 {
            report.checked.append(.init("entries unsigned, as the policy allowed", signatures.unsignedEntries))
        }
        if let reason = signatures.lossReason {
            if report.kind == "tiles" {
                report.notChecked.append("signatures: \(reason)")
            } else {
                report.findings.append(GeneralFinding(.unverifiable, at: "signatures", reason))
            }
        } else if signatures.unknownEntries > 0 {
            let reasons = signatures.unknownReasons.joined(separator: "; ")
            report.notChecked.append("signatures of \(signatures.unknownEntries) entries: \(reasons)")
        }
    }

    /// Makes the verdicts of records. `base` is what is to be said of entries from an index on of which nothing else
    /// was found.
    func tally(
        _ findings: [EntryFinding], _ walk: HistoryWalk, _ base: (verdict: Verdict, from: UInt64)?,
        _ report: inout AuditReport
    ) {
        if walk.lost > 0 {
            report.findings.append(
                GeneralFinding(
                    .missing, at: "data/tile/entries", "\(walk.lost) entries are not there, nor anything of their tiles"
                ))
        }
        for (_, damage) in walk.unlinked.sorted(by: { $0.key < $1.key }) {
            report.findings.append(GeneralFinding(damage.verdict, at: "entry \(damage.index)", damage.reason))
        }
        let tally = RecordTally(
            findings, unlinked: walk.unlinked, streams: walk.streams, size: walk.size, lost: walk.lost,
            base: base,
            listsAll: options.listsAllRecords)
        report.records = tally.records
        report.recordCounts = tally.recordCounts
        report.entryCounts = tally.entryCounts
        report.omitted += tally.omitted + walk.omitted
    }
}
