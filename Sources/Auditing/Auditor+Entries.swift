internal import Digests
internal import EventFormat
internal import Keyring
internal import Merkle
internal import Threading
internal import Transparency

extension Auditor {
    /// A checkpoint older than the newest, whose signature holds.
    struct Earlier: Sendable {
        let place: String
        let size: UInt64
        let root: Digest
    }

    /// Bundles of one worker's piece, and of one window: a window is held in memory while it is merged.
    private static var pieceCount: UInt64 { 8 }
    private static var windowCount: UInt64 { 64 }

    /// Checks the entries that `head` states, and all that hangs on them.
    func audit(
        _ source: any RecordSource, _ head: CheckpointAudit.Head, _ earlier: [Earlier],
        _ checkpoints: inout CheckpointAudit, _ report: inout AuditReport, _ progress: (Progress) -> Void
    ) throws(AuditError) {
        report.origin = "\(head.signed.checkpoint.origin)"
        report.size = head.size
        report.root = head.root
        report.isTrusted = head.isTrusted
        report.cosigners = (head.result?.cosignatures ?? []).map { .init(name: "\($0.name)", time: $0.time) }
        guard head.size <= 1 << 48 else {
            return checkpoints.add(.unverifiable, at: "checkpoint", "it states \(head.size) entries; no ledger has as many")
        }
        let reader = BundleReader(source: source, size: head.size)
        var history = HistoryAudit(
            checkpointSizes: Set(earlier.map(\.size)), keepsNames: options.listsAllRecords)
        var signatures = SignatureChecks(workerCount: workerCount)
        try eachWindow(reader, progress) { window in
            for piece in window {
                for facts in piece {
                    report.findings += facts.findings.prefix(AuditReport.maximumCount)
                    history.take(facts)
                }
            }
            signatures.take(window)
        }
        signatures.finish()
        let vouched = hold(earlier, to: history, &checkpoints)
        let judgement = Judgement(history, root: head.root, vouched: vouched)
        report.findings += judgement.generalFindings
        if let nodes = judgement.upperNodes {
            let upper = try UpperTiles(source: source, size: head.size).check(against: nodes)
            report.findings += upper.findings
            report.checked.append(.init("tiles of hashes", reader.count + upper.count))
        } else {
            report.notChecked.append("the tiles above the first level: the entries do not lead to the signed root")
        }
        checkGenesis(history, head, signatures, &checkpoints)
        var findings = judgement.entryFindings + history.payloadFindings + signatures.findings
        findings += try duplicates(history, reader, progress)
        findings += removals(history, signatures)
        describe(history, signatures, &report)
        tally(findings, history, judgement, &report)
    }

    /// Reads every bundle, several at a time, and gives them to `take` in order, a window at a time.
    private func eachWindow(
        _ reader: BundleReader, _ progress: (Progress) -> Void, _ take: ([[BundleFacts]]) -> Void
    ) throws(AuditError) {
        var first: UInt64 = 0
        while first < reader.count {
            let start = first
            let end = min(reader.count, start + Auditor.windowCount)
            let pieces = Int((end - start + Auditor.pieceCount - 1) / Auditor.pieceCount)
            take(
                try Workers.map(pieces, workerCount) { number throws(AuditError) -> [BundleFacts] in
                    var facts: [BundleFacts] = []
                    let from = start + UInt64(number) * Auditor.pieceCount
                    for bundle in from..<min(end, from + Auditor.pieceCount) { facts.append(try reader.read(bundle)) }
                    return facts
                })
            first = end
            progress(Progress(done: min(first * 256, reader.size), total: reader.size))
        }
    }

    /// Compares the roots that earlier checkpoints state with the entries; returns the greatest size that agrees.
    private func hold(
        _ earlier: [Earlier], to history: HistoryAudit, _ checkpoints: inout CheckpointAudit
    ) -> UInt64 {
        var vouched: UInt64 = 0
        for checkpoint in earlier {
            guard let root = history.rootsAtSizes[checkpoint.size] else { continue }
            if root == checkpoint.root {
                vouched = max(vouched, checkpoint.size)
            } else if history.suspects.isEmpty {
                checkpoints.add(
                    .forked, at: checkpoint.place,
                    "it states the root \(checkpoint.root.hex), but the first \(checkpoint.size) entries lead to "
                        + "\(root.hex): the log signed two histories")
            }
        }
        return vouched
    }

    /// Holds the checkpoint's origin, and the key that signed it, to what the ledger says of itself.
    private func checkGenesis(
        _ history: HistoryAudit, _ head: CheckpointAudit.Head, _ signatures: SignatureChecks,
        _ checkpoints: inout CheckpointAudit
    ) {
        guard let keys = signatures.history else {
            if history.size > 0 {
                checkpoints.add(.altered, at: "entry 0", "entry 0 is not the beginning of a ledger")
            }
            return
        }
        let origin = keys.genesis.origin.text
        if !head.signed.checkpoint.origin.bytes.elementsEqual(origin.utf8) {
            checkpoints.add(
                .altered, at: "checkpoint",
                "it is of \(head.signed.checkpoint.origin), but entry 0 says that the ledger is \(origin)")
        }
        let logs = keys.keyring(at: EntryIndex(history.size)).keys(.log)
        guard keys.gap == nil, !logs.isEmpty, let signer = head.result?.log else { return }
        let names = logs.compactMap { record in
            (try? KeyName(origin)).flatMap { name in try? NoteKey(name: name, publicKey: record.key) }
        }
        if !names.contains(signer) {
            checkpoints.add(
                .unverifiable, at: "checkpoint",
                "the policy trusts the key that signed it, but the ledger's events name other log keys in force")
        }
    }

    /// Looks for events that are recorded twice.
    private func duplicates(
        _ history: HistoryAudit, _ reader: BundleReader, _ progress: (Progress) -> Void
    ) throws(AuditError) -> [EntryFinding] {
        var duplicates = DuplicateIDs(history.ids)
        guard !duplicates.suspicious.isEmpty else { return [] }
        var findings: [EntryFinding] = []
        try eachWindow(reader, progress) { window in
            for piece in window {
                for facts in piece { findings += duplicates.take(facts) }
            }
        }
        return findings
    }
}
