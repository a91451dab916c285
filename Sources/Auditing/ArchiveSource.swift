internal import ArchiveFormat
internal import EventFormat
internal import Merkle

/// The files of an archive (docs/archive.md), each held to its manifest while it is read.
struct ArchiveSource: RecordSource {
    let reader: ArchiveReader
    let documents: DocumentAudit

    func read(_ tile: Tile) throws(AuditError) -> SourceAnswer {
        let file = ArchiveFile.tile(tile)
        var answer = SourceAnswer(path: file.path)
        answer.findings = ArchiveSource.findings { report throws(ArchiveError) in
            answer.bytes = try reader.bytes(of: file, report)
        }
        return answer
    }

    func readPayloads(
        _ number: UInt64, width: Int, _ take: (Int, PayloadRecord, [UInt8]) -> Void
    ) throws(AuditError) -> [GeneralFinding]? {
        ArchiveSource.findings { report throws(ArchiveError) in
            guard var bundle = try reader.payloads(bundle: number, report) else { return }
            var envelope: [UInt8] = []
            var place = 0
            while let record = try bundle.next(&envelope) {
                take(place, record, envelope)
                place += 1
            }
            try bundle.finish(report)
        }
    }

    func fault(ofDocument name: ContentName) -> Verdict? { documents.fault(of: name) }

    /// What `body` reports and throws, as findings.
    static func findings(
        _ body: (ArchiveReport) throws(ArchiveError) -> Void
    ) -> [GeneralFinding] {
        var findings: [GeneralFinding] = []
        do throws(ArchiveError) {
            try body { error throws(ArchiveError) in findings.append(GeneralFinding(error)) }
        } catch {
            findings.append(GeneralFinding(error))
        }
        return findings
    }
}

extension Verdict {
    /// What a fault of an archive's files makes of what stands in them.
    init(_ error: ArchiveError) {
        self =
            switch error.code {
            case .missing: .missing
            case .unreadable, .unfinished: .unverifiable
            default: .altered
            }
    }
}

extension GeneralFinding {
    /// A fault of an archive's files.
    init(_ error: ArchiveError) {
        self.init(Verdict(error), at: error.file.isEmpty ? "archive" : error.file, error.reason)
    }
}
