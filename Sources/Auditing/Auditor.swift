internal import ArchiveFormat
public import Digests
internal import EventFormat
internal import Files
internal import Threading
public import Transparency

/// Recomputes a published ledger, an archive or a tree of tiles, and says of each record what it found (promise 10).
///
/// Trusts nothing but the policy: entries, payloads, hashes, links and signatures are recomputed from the bytes, and
/// what follows from them is compared with the checkpoint that the log and its witnesses signed. Uses no code that
/// writes ledgers, and no LMDB.
public struct Auditor: Sendable {
    /// What to look at, and how.
    public struct Options: Sendable {
        /// PEM certificates of the timestamp authorities to trust; nil leaves timestamps unchecked.
        public var anchors: [UInt8]?
        /// What the ledger once had, noted elsewhere: an older state of it, or another history, does not have it.
        public var known: [(size: UInt64, root: Digest)] = []
        /// The SHA-256 of the policy's text, for the report.
        public var policyDigest: Digest?
        /// Whether the report lists every record, intact ones too.
        public var listsAllRecords = false
        /// How many threads work; nil means one for each processor.
        public var workerCount: Int?

        public init() {}
    }

    /// How far an audit has come, in entries.
    public struct Progress: Hashable, Sendable {
        public let done: UInt64
        public let total: UInt64
    }

    /// Where the publication is.
    enum Subject: Sendable {
        /// The folder of a bag (docs/archive.md): with payloads, older checkpoints and timestamps.
        case archive(String)
        /// A tree of C2SP tlog-tiles: entries and hashes, never payloads.
        case tiles(any FileSource)
    }

    let name: String
    let subject: Subject
    let policy: TrustPolicy
    let options: Options

    /// An audit of the archive or the tree of tiles in the folder `path`, by what is in it. Throws `notFound` when it
    /// is neither.
    public init(folder path: String, policy: TrustPolicy, options: Options = Options()) throws(AuditError) {
        name = path
        if ArchiveReader.isArchive(path) {
            subject = .archive(path)
        } else if Folder.isFile("\(path)/checkpoint") {
            subject = .tiles(FolderSource(path))
        } else {
            do throws(FileError) { _ = try Folder.kind(of: "\(path)/checkpoint") } catch {
                throw AuditError(.unreadable, error.reason)
            }
            throw AuditError(
                .notFound,
                "\(path) is neither an archive (no bagit.txt, manifest or data) nor a tree of tiles (no file named "
                    + "checkpoint)")
        }
        self.policy = policy
        self.options = options
    }

    /// An audit of the tree of tiles that `files` gives; `name` is what reports call it.
    public init(
        tiles files: any FileSource, named name: String, policy: TrustPolicy, options: Options = Options()
    ) {
        self.name = name
        subject = .tiles(files)
        self.policy = policy
        self.options = options
    }

    var workerCount: Int { max(1, options.workerCount ?? BlockingPool.processorCount) }

    /// Audits. Blocks for as long as it takes, O(bytes). Throws only when there is nothing that could be audited; what
    /// is wrong with it is in the report. `progress` is called on the calling thread.
    public func run(_ progress: (Progress) -> Void = { _ in }) throws(AuditError) -> AuditReport {
        let clock = ContinuousClock()
        let start = clock.now
        var report = AuditReport()
        report.subject = name
        report.begun = .now
        report.policyDigest = options.policyDigest
        report.notChecked.append(
            options.known.isEmpty
                ? "whether entries followed that are not here: an older state is sound too; hold it to a size and root that "
                    + "you noted (--known)"
                : "whether entries followed that are not here, behind what --known names")
        switch subject {
        case .tiles(let files): try audit(tiles: files, &report, progress)
        case .archive(let folder): try audit(archive: folder, &report, progress)
        }
        // A place has one finding of each verdict: what was found there first.
        var told: Set<[String]> = []
        report.findings.removeAll { !told.insert([$0.place, $0.verdict.description]).inserted }
        let surplus = report.findings.count - AuditReport.maximumCount
        if surplus > 0 {
            // The worst stay, each verdict in its order.
            report.findings = Verdict.all.reversed().flatMap { verdict in
                report.findings.filter { $0.verdict == verdict }
            }
            report.findings.removeLast(surplus)
            report.omitted += UInt64(surplus)
        }
        let duration = start.duration(to: clock.now).components
        report.seconds = Double(duration.seconds) + Double(duration.attoseconds) / 1e18
        return report
    }

    private func audit(
        tiles files: any FileSource, _ report: inout AuditReport, _ progress: (Progress) -> Void
    ) throws(AuditError) {
        report.kind = "tiles"
        report.notChecked.append("payloads: a tree of tiles has none, so that it can be public")
        guard let bytes = try files.file("checkpoint", atMost: SignedNote.maximumByteCount) else {
            throw AuditError(.notFound, "\(name) has no file named checkpoint")
        }
        var checkpoints = CheckpointAudit(policy: policy)
        let head = checkpoints.readHead(bytes, at: "checkpoint")
        report.findings += checkpoints.findings
        guard let head else { return }
        state(head, &report)
        let reading = try audit(
            TilesSource(files: files), Claim(size: head.size, root: head.root), [], &report, progress)
        checkGenesis(reading, head, at: "checkpoint", &report)
    }

    /// Says what the newest checkpoint states, and who stands behind it.
    func state(_ head: CheckpointAudit.Head, _ report: inout AuditReport) {
        report.origin = "\(head.signed.checkpoint.origin)"
        report.size = head.size
        report.root = head.root
        report.isTrusted = head.isTrusted
        report.logKey = head.result?.log.vkey
        report.cosigners = (head.result?.cosignatures ?? []).map { .init(name: "\($0.name)", time: $0.time) }
    }

    private func audit(
        archive folder: String, _ report: inout AuditReport, _ progress: (Progress) -> Void
    ) throws(AuditError) {
        report.kind = "archive"
        var findings: [GeneralFinding] = []
        let reader: ArchiveReader
        do throws(ArchiveError) {
            reader = try ArchiveReader(folder) { error throws(ArchiveError) in findings.append(GeneralFinding(error)) }
        } catch {
            guard error.code != .noArchive else { throw AuditError(.notFound, "\(folder): \(error.reason)") }
            report.findings = findings + [GeneralFinding(error)]
            return
        }
        var bundles: [UInt64]?
        findings += ArchiveSource.findings { fault throws(ArchiveError) in bundles = try reader.checkNames(fault) }
        if !reader.manifest.isInOrder {
            report.notChecked.append("the SHA-256 of the files: \(Manifest.file) is not as it must be")
        }
        report.checked.append(.init("files of the archive, held to their SHA-256", reader.manifest.fileCount))
        report.findings += findings
        try audit(reader, bundles, &report, progress)
        // The sum of all sizes says nothing more once a file is known to be another.
        if report.findings.contains(where: {
            $0.place == Manifest.file || $0.place == Bag.payloadFolder || $0.place.hasPrefix("\(Bag.payloadFolder)/")
        }) {
            report.findings.removeAll { $0.place == BagInfo.file && $0.reason.hasPrefix("Payload-Oxum") }
        }
    }
}
