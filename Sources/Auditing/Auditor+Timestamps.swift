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

    /// Checks the timestamps of an archive's checkpoints, those of `signed`, when there are authorities to trust: that
    /// one of them made it of this checkpoint.
    func checkTimestamps(_ reader: ArchiveReader, _ signed: [SignedByLog], _ report: inout AuditReport) {
        let sizes = reader.contents.checkpoints.filter(\.isTimestamped).map(\.size)
        for size in sizes {
            for file in [ArchiveFile.timestampRequest(size), .timestampResponse(size)] {
                report.findings += ArchiveSource.findings { fault throws(ArchiveError) in
                    try reader.checkDigest(of: file, fault)
                }
            }
        }
        guard let anchors = options.anchors else {
            if !sizes.isEmpty {
                report.notChecked.append(
                    "\(sizes.count) timestamps: no certificates of authorities were given (--anchors)")
            }
            return
        }
        for size in sizes {
            guard let item = signed.first(where: { $0.checkpoint.checkpoint.size == size }) else {
                report.notChecked.append(
                    "the timestamp of the checkpoint of \(size) entries, which no log of the policy signed")
                continue
            }
            guard let question = read(.timestampRequest(size), reader, &report),
                let answer = read(.timestampResponse(size), reader, &report)
            else { continue }
            do throws(TimestampError) {
                let time = try Auditor.verify(TimestampRequest(question), TimestampResponse(answer), of: item, anchors)
                report.timestamps.append(
                    .init(size: size.rawValue, statement: .init(authority: time.authority, time: time.seconds)))
            } catch {
                report.timestamps.append(.init(size: size.rawValue, statement: nil))
                report.findings.append(
                    GeneralFinding(.unverifiable, at: ArchiveFile.timestampResponse(size).path, "\(error)"))
            }
        }
    }

    private static func verify(
        _ request: TimestampRequest, _ response: TimestampResponse, of item: SignedByLog, _ anchors: [UInt8]
    ) throws(TimestampError) -> VerifiedTimestamp {
        let covered = (try? item.checkpoint.keepingSignatures(of: [item.log]))?.bytes ?? []
        guard SHA256.hash(covered.span) == request.imprint else {
            throw TimestampError(.wrongImprint, "it is a timestamp of something else than this checkpoint")
        }
        return try response.verify(request, anchors: anchors)
    }
}
