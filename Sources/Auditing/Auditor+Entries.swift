internal import Digests
internal import EventFormat
internal import Keyring
internal import Merkle
internal import Threading
internal import Transparency

extension Auditor {
    /// What a checkpoint says of the tree; no root when it cannot be read.
    struct Claim: Sendable {
        let size: UInt64
        let root: Digest?
        /// The bundles of which something is there; nil: each is looked at.
        var visited: [UInt64]?
    }

    /// One reading of all entries.
    struct Reading {
        var walk: HistoryWalk
        var signatures: SignatureChecks
        var bag = BagAudit()
    }

    /// Bundles of one worker's piece, and of one window: a window is held in memory while it is merged.
    private static var pieceCount: UInt64 { 8 }
    private static var windowCount: UInt64 { 64 }
    /// Bundles whose hashes, 8 KiB each, are kept while entries are looked for that stand in others' places.
    private static var keptBundleCount: Int { 1000 }

    /// Checks the entries that `claim` states, and all that hangs on them. Returns the reading that judged them.
    ///
    /// The first reading takes the entries for those that were recorded. When every file agrees and they lead to the
    /// signed root, they were. Otherwise it is found out what was recorded, and all are read again and held to that.
    func audit(
        _ source: any RecordSource, _ claim: Claim, _ earlier: [Earlier],
        _ report: inout AuditReport, _ progress: (Progress) -> Void
    ) throws(AuditError) -> Reading {
        let reader = BundleReader(source: source, size: claim.size, visited: claim.visited)
        let sizes = Set(earlier.map(\.size) + options.known.map(\.size))
        var survey = Survey(size: claim.size)
        var reading = begin(reader, RecordedHashes(belief: .entries), sizes)
        try read(reader, &reading, progress) { facts in
            report.findings += facts.findings
            survey.take(facts)
        }
        var isForeign = false
        if !survey.agrees(with: claim.root) {
            let recorded = try recorded(survey, reader, root: claim.root)
            isForeign = !recorded.hasRoot
            // What holds for the whole is said of each record.
            reading = begin(reader, recorded, sizes, keepsNames: isForeign)
            try read(reader, &reading, progress) { _ in }
        }
        let upper: (findings: [GeneralFinding], count: UInt64) =
            claim.visited == nil
            ? try UpperTiles(source: source, size: claim.size).check(against: reading.walk.bundleRoots) : ([], 0)
        report.findings += reading.walk.tileFindings + upper.findings
        report.checked.append(.init("tiles of hashes", reader.count + upper.count))
        let agreed = hold(earlier, to: reading, &report)
        holdToKnown(reading, claim.size, &report)
        let isUnited = !reading.walk.disagrees && upper.findings.isEmpty && !reading.walk.hashes.hasRoot
        let base = isForeign ? settle(isUnited, survey, claim.root, agreed, &report) : nil
        let findings =
            reading.walk.findings + reading.signatures.findings
            + removals(reading.walk, reading.signatures) + missingDocuments(reading.walk, reading.signatures)
            + (try duplicates(reading.walk, reader))
        describe(reading, &report)
        if let watched = reading.signatures.history?.compromisedKeys, !watched.isEmpty {
            var again = begin(reader, reading.walk.hashes, [])
            again.signatures = SignatureChecks(workerCount: workerCount, watched: watched)
            try read(reader, &again, progress) { _ in }
            report.doubts = again.signatures.listDoubts()
        }
        tally(findings, reading.walk, base, &report)
        return reading
    }

    private func begin(
        _ reader: BundleReader, _ hashes: RecordedHashes, _ sizes: Set<UInt64>, keepsNames: Bool = false
    ) -> Reading {
        let keepsNames = keepsNames || options.listsAllRecords
        // The bundles that were asked for last: entries that stand in each other's places come from a few.
        var bundles: [UInt64: [Digest?]] = [:]
        return Reading(
            walk: HistoryWalk(hashes, checkpointSizes: sizes, keepsNames: keepsNames) { index, leaf in
                guard index < reader.size else { return false }
                if let known = bundles[index / 256] { return known[Int(index % 256)] == leaf }
                guard let facts = try? reader.read(index / 256) else { return false }
                if bundles.count >= Auditor.keptBundleCount { bundles = [:] }
                let found = hashes.hashes(of: facts)
                bundles[index / 256] = found
                return found[Int(index % 256)] == leaf
            }, signatures: SignatureChecks(workerCount: workerCount))
    }

    private func read(
        _ reader: BundleReader, _ reading: inout Reading, _ progress: (Progress) -> Void, _ look: (BundleFacts) -> Void
    ) throws(AuditError) {
        var current = reading
        defer { reading = current }
        var next: UInt64 = 0
        func skip(to number: UInt64) {
            let index = min(reader.size, number * 256)
            guard next < index else { return }
            current.walk.skip(to: index)
            current.bag.skip()
            current.signatures.skip(from: next, to: index)
            next = index
        }
        try eachWindow(reader, progress) { window in
            var window = window
            skip(to: window.first?.first?.number ?? 0)
            next = min(reader.size, ((window.last?.last?.number ?? 0) + 1) * 256)
            for piece in window.indices {
                for number in window[piece].indices {
                    look(window[piece][number])
                    current.walk.take(&window[piece][number])
                    current.bag.take(window[piece][number], size: reader.size)
                }
            }
            current.signatures.take(window)
        }
        skip(to: reader.count)
        current.signatures.finish()
    }

    /// Finds out what was recorded, from a first reading in which something did not agree.
    private func recorded(
        _ survey: Survey, _ reader: BundleReader, root: Digest?
    ) throws(AuditError) -> RecordedHashes {
        let authentic = root.flatMap { survey.authentic(leadingTo: $0) }
        let belief = authentic.map(RecordedHashes.Belief.authentic) ?? .nothing
        var recorded = RecordedHashes(belief: belief, firstPrevious: survey.firstPrevious)
        for number in survey.disputed.prefix(2000) {
            let facts = try reader.read(number)
            let surplus = facts.surplus
            guard !surplus.isEmpty || recorded.hashes(of: facts) != facts.entries.map(\.leaf) else { continue }
            for (leaf, stream) in surplus { recorded.moved[leaf] = .some(stream) }
            for (place, entry) in facts.entries.enumerated() {
                if let leaf = entry.leaf { recorded.moved[leaf] = .some(facts.stream(of: place)) }
            }
        }
        return recorded
    }

    /// Says what follows from entries that lead to another root than the signed one; the verdict of all entries of
    /// which nothing else is said, from an index on.
    private func settle(
        _ isUnited: Bool, _ survey: Survey, _ root: Digest?, _ agreed: UInt64, _ report: inout AuditReport
    ) -> (verdict: Verdict, from: UInt64) {
        guard let root else { return (.unverifiable, 0) }
        let leads =
            survey.computedRoot.map { "the entries lead to the root \($0.hex)" } ?? "not all entries can be read"
        let what =
            isUnited
            ? "this is another history of the ledger than the one that was signed"
            : "nothing leads to it, and which files are as they were published cannot be told"
        let verdict: Verdict = isUnited ? .forked : .unverifiable
        let rest = isUnited && agreed > 0 ? "; the first \(agreed) entries agree with an earlier checkpoint" : ""
        report.findings.append(
            GeneralFinding(
                verdict, at: "checkpoint", "it states the root \(root.hex), but \(leads): \(what)\(rest)"))
        return (verdict, isUnited ? agreed : 0)
    }

    /// Reads every bundle, several at a time, and gives them to `take` in order, a window at a time.
    func eachWindow(
        _ reader: BundleReader, _ progress: (Progress) -> Void, _ take: ([[BundleFacts]]) -> Void
    ) throws(AuditError) {
        for run in reader.runs {
            var first = run.lowerBound
            while first < run.upperBound {
                let start = first
                let end = min(run.upperBound, start + Auditor.windowCount)
                let pieces = Int((end - start + Auditor.pieceCount - 1) / Auditor.pieceCount)
                take(
                    try Workers.map(pieces, workerCount) { number throws(AuditError) -> [BundleFacts] in
                        let from = start + UInt64(number) * Auditor.pieceCount
                        return try reader.read(from..<min(end, from + Auditor.pieceCount))
                    })
                first = end
                progress(Progress(done: min(first * 256, reader.size), total: reader.size))
            }
        }
    }

    /// Looks for events that are recorded twice.
    private func duplicates(_ walk: HistoryWalk, _ reader: BundleReader) throws(AuditError) -> [EntryFinding] {
        var duplicates = DuplicateIDs(walk.ids)
        guard !duplicates.suspicious.isEmpty else { return [] }
        var findings: [EntryFinding] = []
        try eachWindow(reader, { _ in }) { window in
            for piece in window {
                for facts in piece { findings += duplicates.take(facts, walk.hashes) }
            }
        }
        return findings
    }
}
