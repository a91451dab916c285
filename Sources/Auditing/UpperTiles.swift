internal import Digests
internal import Merkle

/// The tiles above the first level, held to the hashes that follow from the entries.
struct UpperTiles: Sendable {
    let source: any RecordSource
    let size: UInt64

    /// Compares each tile with `nodes`, the hashes of tile levels 1, 2, … in order. Returns what does not agree, and
    /// how many tiles there were.
    func check(against nodes: [[Digest]]) throws(AuditError) -> (findings: [GeneralFinding], count: UInt64) {
        var findings: [GeneralFinding] = []
        var count: UInt64 = 0
        for run in Tile.all(size: TreeSize(size)) where run.level > 0 {
            let hashes = run.level <= nodes.count ? nodes[run.level - 1] : []
            for index in run.full {
                try check(Tile(.hashes(level: run.level), index: index), hashes, &findings)
                count += 1
            }
            guard run.partialWidth > 0 else { continue }
            let last = Tile(.hashes(level: run.level), index: run.full.upperBound, width: run.partialWidth)
            try check(last, hashes, &findings)
            count += 1
        }
        return (findings, count)
    }

    private func check(_ tile: Tile?, _ hashes: [Digest], _ findings: inout [GeneralFinding]) throws(AuditError) {
        guard let tile, findings.count < AuditReport.maximumCount else { return }
        let answer = try source.read(tile)
        findings += answer.findings
        guard let bytes = answer.bytes else { return }
        let expected = hashes.dropFirst(Int(tile.index) * Tile.fullWidth).prefix(tile.width)
        for (place, hash) in expected.enumerated() {
            let offset = place * Digest.byteCount
            guard bytes.count >= offset + Digest.byteCount, Digest(copying: bytes.span, at: offset) == hash else {
                findings.append(
                    GeneralFinding(
                        .altered, at: answer.path, "its hash \(place) is not the one that follows from the entries"))
                return
            }
        }
    }
}
