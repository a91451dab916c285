internal import ArchiveFormat
internal import Digests
internal import Merkle
internal import Timestamping
internal import Transparency

extension Auditor {
    /// A checkpoint whose log signed, with the key that did.
    struct SignedByLog: Sendable {
        let checkpoint: SignedCheckpoint
        let log: NoteKey
    }

    /// Checks the timestamps of an archive's checkpoints, those of `signed`: that they are of these checkpoints, and
    /// with authorities to trust that one of them made them.
    func checkTimestamps(_ reader: ArchiveReader, _ signed: [SignedByLog], _ report: inout AuditReport) {
        let sizes = reader.contents.checkpoints.filter(\.isTimestamped).map(\.size)
        guard !sizes.isEmpty else { return }
        if options.anchors == nil {
            report.notChecked.append(
                "who made \(sizes.count) timestamps: no certificates of authorities were given (--anchors)")
        }
        for size in sizes {
            guard let item = signed.first(where: { $0.checkpoint.checkpoint.size == size }) else {
                report.notChecked.append(
                    "the timestamp of the checkpoint of \(size) entries, which no known log signed")
                continue
            }
            checkTimestamp(reader, item, &report)
        }
    }

    private func checkTimestamp(_ reader: ArchiveReader, _ item: SignedByLog, _ report: inout AuditReport) {
        let size = item.checkpoint.checkpoint.size
        let place = ArchiveFile.timestampResponse(size).path
        guard let question = read(.timestampRequest(size), reader, &report),
            let answer = read(.timestampResponse(size), reader, &report)
        else { return }
        do throws(TimestampError) {
            let request = try TimestampRequest(question)
            let bare = try? item.checkpoint.keepingSignatures(of: [item.log])
            let covered = bare?.bytes ?? []
            guard SHA256.hash(covered.span) == request.imprint else {
                report.findings.append(
                    GeneralFinding(.altered, at: place, "it is a timestamp of something else than this checkpoint"))
                return
            }
            guard let anchors = options.anchors else { return }
            let time = try TimestampResponse(answer).verify(request, anchors: anchors)
            report.timestamps.append(
                .init(size: size.rawValue, authority: time.authority, time: time.seconds))
        } catch {
            let verdict: Verdict = error.code == .untrusted ? .unverifiable : .altered
            report.findings.append(GeneralFinding(verdict, at: place, "\(error)"))
        }
    }
}
