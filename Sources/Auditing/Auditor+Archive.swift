internal import ArchiveFormat
internal import Keyring
internal import Merkle
internal import Transparency

extension Auditor {
    /// Checks an archive's checkpoints, then the entries of `bundles`, nil for all.
    func audit(
        _ reader: ArchiveReader, _ bundles: [UInt64]?, _ report: inout AuditReport, _ progress: (Progress) -> Void
    ) throws(AuditError) {
        var checkpoints = CheckpointAudit(policy: policy)
        defer { report.findings += checkpoints.findings }
        let newest = ArchiveFile.checkpoint(reader.size)
        let bytes = read(newest, reader, &report)
        let head = bytes.flatMap { checkpoints.readHead($0, at: newest.path, size: reader.size) }
        if head == nil { checkpoints.add(.unverifiable, at: "checkpoint", "the newest checkpoint cannot be read") }
        let (earlier, signed) = readEarlier(reader, head, &checkpoints, &report)
        report.checked.append(.init("checkpoints", UInt64(reader.contents.checkpoints.count)))
        report.size = reader.size.rawValue
        if let head { state(head, &report) }
        let claim = Claim(size: reader.size.rawValue, root: head?.root, visited: bundles)
        let documents = try DocumentAudit(reader, workerCount: workerCount)
        if documents.count > 0 { report.checked.append(.init("contents, held to their names", documents.count)) }
        report.findings += documents.findings
        let source = ArchiveSource(reader: reader, documents: documents)
        var reading = try audit(source, claim, earlier, &report, progress)
        if let head { checkGenesis(reading, head, at: newest.path, &report) }
        let genesis = reading.signatures.history?.genesis
        if genesis == nil { reading.bag.skip() }
        report.findings += reading.bag.findings(reader, head, genesis)
        if !reading.bag.isWhole {
            report.notChecked.append(
                "\(reader.contents.keyHistory.path): the events of the stream ledger are not all known")
        }
        checkTimestamps(reader, signed, &report)
    }

    private func readEarlier(
        _ reader: ArchiveReader, _ head: CheckpointAudit.Head?, _ checkpoints: inout CheckpointAudit,
        _ report: inout AuditReport
    ) -> ([Earlier], [SignedByLog]) {
        var earlier: [Earlier] = []
        var signed: [SignedByLog] = []
        if let head, let log = head.result?.log { signed.append(SignedByLog(checkpoint: head.signed, log: log)) }
        for checkpoint in reader.contents.checkpoints where checkpoint.size != reader.size {
            let file = ArchiveFile.checkpoint(checkpoint.size)
            guard let bytes = read(file, reader, &report),
                let (found, log) = checkpoints.readEarlier(bytes, at: file.path, size: checkpoint.size, of: head)
            else { continue }
            earlier.append(
                Earlier(
                    place: file.path, size: checkpoint.size.rawValue, root: found.checkpoint.root, signed: found,
                    isSigned: log != nil))
            if let log {
                signed.append(SignedByLog(checkpoint: found, log: log))
            } else {
                report.notChecked.append("\(file.path): no log of the policy signed it")
            }
        }
        return (earlier, signed)
    }

    func read(_ file: ArchiveFile, _ reader: ArchiveReader, _ report: inout AuditReport) -> [UInt8]? {
        var bytes: [UInt8]?
        report.findings += ArchiveSource.findings { fault throws(ArchiveError) in
            bytes = try reader.bytes(of: file, fault)
        }
        return bytes
    }
}
