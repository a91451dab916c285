internal import ArchiveFormat
internal import Merkle
internal import Transparency

extension Auditor {
    /// Checks an archive's checkpoints, then its entries.
    func audit(
        _ reader: ArchiveReader, _ report: inout AuditReport, _ progress: (Progress) -> Void
    ) throws(AuditError) {
        var checkpoints = CheckpointAudit(policy: policy)
        let newest = ArchiveFile.checkpoint(reader.size)
        var head: CheckpointAudit.Head?
        if let bytes = read(newest, reader, &report) { head = checkpoints.readHead(bytes, at: newest.path) }
        var earlier: [Earlier] = []
        for checkpoint in reader.contents.checkpoints where checkpoint.size != reader.size {
            let file = ArchiveFile.checkpoint(checkpoint.size)
            guard let bytes = read(file, reader, &report),
                let signed = checkpoints.readEarlier(bytes, at: file.path, alsoTrusting: [])
            else { continue }
            hold(signed, to: checkpoint.size.rawValue, head, file.path, &checkpoints)
            earlier.append(
                Earlier(place: file.path, size: signed.checkpoint.size.rawValue, root: signed.checkpoint.root))
        }
        report.checked.append(.init("checkpoints", UInt64(reader.contents.checkpoints.count)))
        if let head {
            hold(head.signed, to: reader.size.rawValue, head, newest.path, &checkpoints)
            guard head.size == reader.size.rawValue else {
                report.findings += checkpoints.findings
                return
            }
            try audit(ArchiveSource(reader: reader), head, earlier, &checkpoints, &report, progress)
        }
        checkTimestamps(reader, &report)
        report.findings += checkpoints.findings
    }

    private func read(_ file: ArchiveFile, _ reader: ArchiveReader, _ report: inout AuditReport) -> [UInt8]? {
        var bytes: [UInt8]?
        report.findings += ArchiveSource.findings { fault throws(ArchiveError) in
            bytes = try reader.bytes(of: file, fault)
        }
        return bytes
    }

    /// Compares a checkpoint with its file's name and with the newest one's origin.
    private func hold(
        _ signed: SignedCheckpoint, to size: UInt64, _ head: CheckpointAudit.Head?, _ place: String,
        _ checkpoints: inout CheckpointAudit
    ) {
        if signed.checkpoint.size.rawValue != size {
            checkpoints.add(
                .altered, at: place, "it states \(signed.checkpoint.size) entries; its name says \(size)")
        }
        if let head, signed.checkpoint.origin != head.signed.checkpoint.origin {
            checkpoints.add(
                .altered, at: place,
                "it is of \(signed.checkpoint.origin), the newest of \(head.signed.checkpoint.origin)")
        }
    }
}
