internal import ArchiveFormat

extension Auditor {
    /// Checks the timestamps of an archive's checkpoints, when there are authorities to trust.
    func checkTimestamps(_ reader: ArchiveReader, _ report: inout AuditReport) {
        let count = reader.contents.checkpoints.count { $0.isTimestamped }
        guard count > 0 else { return }
        report.notChecked.append("\(count) timestamps: no certificates of authorities were given (--anchors)")
    }
}
