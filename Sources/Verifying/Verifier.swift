public import Digests
internal import EventFormat
internal import Glibc
internal import Keyring
internal import LMDBFile
internal import Merkle
internal import StoreFormat
internal import Threading

/// Recomputes a ledger from its stored bytes and says what does not agree (promise 10).
///
/// Trusts nothing that the ledger's process computed and uses none of its code that reads: the data file is read by a
/// bounded parser, not by LMDB, so that no damage can crash it. Entries are checked in chunks on all processors;
/// memory does not grow with the ledger.
public struct Verifier: Sendable {
    /// Keeps the pages of the newest commit from being used again while `body` runs, and gives it the commit's
    /// transaction id. Returns false without calling `body` when that is not possible.
    public typealias Pin = @Sendable (_ body: (UInt64) -> Void) -> Bool

    /// How far a verification has come.
    public struct Progress: Hashable, Sendable {
        public let done: UInt64
        public let total: UInt64
    }

    /// A root that the ledger must have had when it had `size` entries.
    public struct KnownRoot: Hashable, Sendable {
        public let size: UInt64
        public let root: Digest
        /// What says so, for people; nil: whoever asks.
        public let statedBy: String?

        public init(size: UInt64, root: Digest, statedBy: String? = nil) {
            self.size = size
            self.root = root
            self.statedBy = statedBy
        }
    }

    /// The ledger's directory.
    public let directory: String
    private let pin: Pin?
    private let workerCount: Int
    private let known: [KnownRoot]
    private let beside: [Finding]

    /// A verifier of the ledger in `directory`. `pin` is needed when the ledger is being written to meanwhile.
    /// `workerCount` nil means one for each processor. `beside`: what the caller has found in other files of the
    /// directory, for the report.
    public init(
        directory: String, pin: Pin? = nil, workerCount: Int? = nil, known: [KnownRoot] = [], beside: [Finding] = []
    ) {
        self.beside = beside
        self.directory = directory
        self.pin = pin
        self.workerCount = max(1, workerCount ?? BlockingPool.processorCount)
        self.known = known
    }

    /// The same verifier with a pin.
    public func pinned(by pin: @escaping Pin) -> Verifier {
        Verifier(directory: directory, pin: pin, workerCount: workerCount, known: known, beside: beside)
    }

    /// Verifies. Blocks for as long as it takes, O(bytes). Throws only when there is nothing that could be verified;
    /// damage is a finding. `progress` is called from several threads.
    public func run(
        _ progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(VerificationError) -> VerificationReport {
        try checkPresence()
        let clock = ContinuousClock()
        let start = clock.now
        let findings = FindingList()
        for finding in beside { findings.add(finding) }
        var outcome = Outcome()
        var isSteady = true
        do throws(DataFileError) {
            let file = try LedgerFile(directory: directory, pin: pin)
            let before = file.newestTransaction
            outcome = try check(file, findings, progress)
            if file.wasReadUnpinned {
                isSteady = file.newestTransaction == before
                outcome.remarks.append(
                    "no reader's place in lock.mdb could be taken: the ledger was read as one that is at rest")
            }
        } catch {
            findings.add(.storage, at: nil, "the data file cannot be read: \(error)")
        }
        guard isSteady || findings.isEmpty else { throw notAtRest }
        let duration = start.duration(to: clock.now).components
        let report = findings.report
        return VerificationReport(
            verdict: findings.isEmpty ? .intact : .altered, entries: outcome.size, root: outcome.root?.hex,
            findings: report.findings, omittedFindingCount: report.omitted, signatures: outcome.signatures,
            signedEntries: outcome.signedEntries, contents: outcome.contents,
            seconds: Double(duration.seconds) + Double(duration.attoseconds) / 1e18, remarks: outcome.remarks)
    }

    private struct Outcome {
        var size: UInt64 = 0
        var root: Digest?
        var signatures: UInt64 = 0
        var signedEntries: UInt64 = 0
        var contents: UInt64 = 0
        var remarks: [String] = []
    }

    /// The findings of an unpinned verification of a ledger in use mean nothing.
    private var notAtRest: VerificationError {
        VerificationError(
            .inUse,
            "\(directory) was written to while it was read without a reader's place, so what was found means nothing: "
                + "verify with permission to write lock.mdb, or verify a copy (mohur backup)")
    }

    private func checkPresence() throws(VerificationError) {
        let path = "\(directory)/\(StoreLayout.dataFileName)"
        guard unsafe access(path, F_OK) == 0 else {
            throw VerificationError(.notFound, "there is no ledger at \(directory) (no \(StoreLayout.dataFileName))")
        }
        guard unsafe access(path, R_OK) == 0 else {
            throw VerificationError(.notReadable, "\(path) may not be read; check its owner and mode")
        }
    }

    private func check(
        _ file: LedgerFile, _ findings: FindingList, _ progress: @escaping @Sendable (Progress) -> Void
    ) throws(DataFileError) -> Outcome {
        let (size, version, recent) = try file.view { view -> (UInt64, UInt8?, RecentCheck) in
            for failure in view.failures { findings.add(.storage, at: nil, failure) }
            let size = view.size ?? scannedSize(view, findings)
            for damage in view.snapshot.metaDamage { findings.add(damage, at: EntryIndex(size)) }
            let version = statedVersion(view, findings)
            return (size, version, RecentCheck(view, size: size, version: version, findings))
        }
        if size == 0 { findings.add(.missing, at: 0, "the ledger has no entries, not even its first") }
        let tally = SignatureTally(findings)
        let keys = KeyCheck(file: file, size: size, recent: recent, tally: tally)
        let (rule, history) = try keys.rule()
        let contents = ContentCheck(directory: directory, history, findings)
        let chunks = try checkAll(file, size: size, recent, rule, tally, contents, findings, progress)
        let newest = chunks.map(\.version).max() ?? 0
        if let version, newest > 0, newest != min(version, SegmentLayout.version) {
            findings.add(
                .storage, at: nil,
                "the store says that it is of version \(version), and its newest segment is of version \(newest)")
        }
        let root = TreeTop(chunks, size: size, findings: findings).root(known: known)
        let counts = tally.counts
        let files = contents.checkFiles(workerCount)
        if contents.hasSuspects { try settle(contents, file) }
        return Outcome(
            size: size, root: size > 0 ? root : nil, signatures: counts.signatures, signedEntries: counts.entries,
            contents: files.count, remarks: tally.remarks(history) + files.remarks)
    }

    /// Judges what was removed, or not yet, by what the ledger's events say by now.
    private func settle(_ contents: ContentCheck, _ file: LedgerFile) throws(DataFileError) {
        // What is wrong with the file and its keys was told before.
        let told = FindingList()
        let (size, recent) = try file.view { view in
            let size = view.size ?? 0
            return (size, RecentCheck(view, size: size, version: statedVersion(view, told), told))
        }
        let keys = KeyCheck(file: file, size: size, recent: recent, tally: SignatureTally(told))
        let history = size > 0 ? try keys.rule().1 : nil
        try contents.settle(by: history) { index throws(DataFileError) in
            try file.view { view in
                view.segment(holding: index.rawValue) { segment, position, bytes in
                    guard let range = try? segment.envelope(position, in: bytes) else { return true }
                    return !Envelope.isRemoved(bytes.extracting(range), size: UInt64(range.count))
                } ?? true
            }
        }
    }

    /// The number of entries when the last segment does not tell it.
    private func scannedSize(_ view: LedgerView, _ findings: FindingList) -> UInt64 {
        guard view.segments != nil else { return 0 }
        let size = view.scannedSize { findings.add(.misplaced($0, at: $0.first)) }
        findings.add(.storage, at: EntryIndex(size), "the last segment, or the way to it, is damaged")
        return size
    }

    /// The version that the store says it has; nil when it is none that is known.
    private func statedVersion(_ view: LedgerView, _ findings: FindingList) -> UInt8? {
        do throws(DataFileError) {
            let version = try view.about(StoreLayout.versionKey) { $0.count == 1 ? $0[0] : 0 }
            if let version, version >= StoreLayout.leastVersion, version <= StoreLayout.version { return version }
            let known = "\(StoreLayout.leastVersion) to \(StoreLayout.version)"
            findings.add(.storage, at: nil, "the store does not say that it is of a version that is known, \(known)")
        } catch {
            findings.add(.storage, at: nil, "the table \"\(StoreLayout.aboutTable)\" cannot be read: \(error)")
        }
        return nil
    }

    /// What a worker's piece of the work gives.
    private enum Piece: Sendable {
        case chunk(ChunkResult)
        case index(MultisetProduct)
    }

    /// Checks all entries, chunk by chunk, and the two index tables on all workers, and looks closer where the products
    /// over them differ.
    private func checkAll(
        _ file: LedgerFile, size: UInt64, _ recent: RecentCheck, _ rule: SignatureRule, _ tally: SignatureTally,
        _ contents: ContentCheck, _ findings: FindingList, _ progress: @escaping @Sendable (Progress) -> Void
    ) throws(DataFileError) -> [ChunkResult] {
        let key = ProductKey()
        let jumps = JumpTable()
        let count = Int((size + ChunkCheck.entryCount - 1) / ChunkCheck.entryCount)
        let done = Monitor<UInt64>(0)
        let knownSizes = Set(known.map(\.size))
        let indexes = IndexCheck(
            file: file, size: size, indexed: recent.indexed, key: key, findings: findings)
        // The tables first: they cannot be divided, so nobody should have to wait for them at the end.
        let pieces = try Workers.map(count + 2, workerCount) { number throws(DataFileError) -> Piece in
            if number == 0 { return .index(try indexes.ids()) }
            if number == 1 { return .index(try indexes.streams()) }
            let start = UInt64(number - 2) * ChunkCheck.entryCount
            let range = start..<min(size, start + ChunkCheck.entryCount)
            let (result, sweep) = try file.view { view in
                var check = ChunkCheck(
                    range, in: view, indexed: recent.indexed, key: key, jumps: jumps, findings: findings,
                    contents: contents, knownSizes: knownSizes, rule: rule)
                check.run()
                return (check.result, check.sweep)
            }
            tally.take(sweep, part: number - 2, signatures: result.signatureCount)
            let total = done.withLock { done in
                done += UInt64(range.count)
                return done
            }
            progress(Progress(done: total, total: size))
            return .chunk(result)
        }
        tally.finish()
        try compare(pieces, Localisation(file: file, indexed: recent.indexed, findings: findings))
        try recent.check(file)
        return pieces.compactMap { if case .chunk(let result) = $0 { result } else { nil } }
    }

    /// Compares the products over the entries with those over the index tables.
    private func compare(_ pieces: [Piece], _ localisation: Localisation) throws(DataFileError) {
        var (ids, entries, predecessors) = (MultisetProduct(), MultisetProduct(), MultisetProduct())
        var tables: [MultisetProduct] = []
        for piece in pieces {
            switch piece {
            case .chunk(let result):
                ids.multiply(by: result.ids)
                entries.multiply(by: result.entries)
                predecessors.multiply(by: result.predecessors)
            case .index(let product): tables.append(product)
            }
        }
        // Each entry but its stream's newest, which the index of streams names, is the one before of another.
        predecessors.multiply(by: tables[1])
        if ids != tables[0] { try localisation.ids() }
        if entries != predecessors { try localisation.streams() }
    }
}
