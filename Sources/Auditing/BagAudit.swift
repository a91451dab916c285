internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import Merkle

/// What an archive's files say beside entries and tree: the history of keys for people (A11), and `bag-info.txt` (A9).
struct BagAudit: Sendable {
    private var keys = KeyHistoryFile()
    private var keyBytes: [UInt8] = []
    /// Whether all events of the stream `ledger` are known, with their payloads.
    private(set) var isWhole = true

    /// Says that entries are not there, nor anything that tells of them.
    mutating func skip() { isWhole = false }

    /// Takes what a bundle has of the stream `ledger`.
    mutating func take(_ facts: BundleFacts, size: UInt64) {
        let ledger = Array(StreamName.ledger.text.utf8)
        for (place, entry) in facts.entries.enumerated() {
            if case .damaged(let stream) = entry.standing {
                let isFirst = facts.first == 0 && place == 0
                if stream == nil || stream == StreamName.ledger.text || isFirst { isWhole = false }
                continue
            }
            guard let layout = entry.layout, let range = entry.place else {
                isWhole = false
                continue
            }
            let bytes = facts.bytes.span.extracting(range)
            guard layout.matches(layout.stream, ledger, in: bytes) else { continue }
            if layout.payload != nil, facts.trustEnvelopes[place] == nil { isWhole = false }
            let record = Entry(layout.placed(at: EntryIndex(facts.first + UInt64(place))), in: bytes)
            if facts.first == 0, place == 0, let genesis = try? Genesis(record) {
                keyBytes += keys.head(origin: genesis.origin, size: TreeSize(size))
            }
            keyBytes += keys.line(of: record, envelope: facts.trustEnvelopes[place])
        }
    }

    /// Compares with the files; the history is left out when it is not ``isWhole``. `genesis`: what entry 0 says, nil
    /// when it is no genesis.
    func findings(_ reader: ArchiveReader, _ head: CheckpointAudit.Head?, _ genesis: Genesis?) -> [GeneralFinding] {
        var findings: [GeneralFinding] = []
        if let info = reader.info {
            if let head, info.root != head.root {
                findings.append(disagreement("states the root \(info.root.hex), the checkpoint \(head.root.hex)"))
            }
            if let genesis, !info.origin.utf8.elementsEqual(genesis.origin.text.utf8) {
                findings.append(disagreement("names the ledger \(info.origin), entry 0 names it \(genesis.origin)"))
            }
            if let genesis, !info.incarnation.utf8.elementsEqual(genesis.incarnation.description.utf8) {
                findings.append(
                    disagreement("states the incarnation \(info.incarnation), entry 0 has \(genesis.incarnation)"))
            }
        }
        let file = reader.contents.keyHistory
        findings += ArchiveSource.findings { report throws(ArchiveError) in
            try reader.checkDigest(of: file, report)
            let bytes = keyBytes + keys.end
            guard isWhole, try ArchiveReader.digest(of: file, in: reader.folder) != SHA256.hash(bytes.span) else {
                return
            }
            throw ArchiveError(.contradiction, file.path, "is not the history that follows from the entries")
        }
        return findings
    }

    private func disagreement(_ reason: String) -> GeneralFinding {
        GeneralFinding(.altered, at: BagInfo.file, reason)
    }
}
