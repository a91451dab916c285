internal import Digests
internal import Merkle

/// The tiles above the first level, held to the hashes that follow from what was recorded.
struct UpperTiles: Sendable {
    let source: any RecordSource
    let size: UInt64

    /// Compares each tile with what follows from `roots`, the roots of the full bundles; nil where one is not known.
    /// Returns what does not agree, and how many tiles there were.
    func check(against roots: [Digest?]) throws(AuditError) -> (findings: [GeneralFinding], count: UInt64) {
        var findings: [GeneralFinding] = []
        var count: UInt64 = 0
        var hashes = roots
        for run in Tile.all(size: TreeSize(size)) where run.level > 0 {
            for index in run.full {
                try check(Tile(.hashes(level: run.level), index: index), hashes, &findings)
                count += 1
            }
            if run.partialWidth > 0 {
                let last = Tile(.hashes(level: run.level), index: run.full.upperBound, width: run.partialWidth)
                try check(last, hashes, &findings)
                count += 1
            }
            hashes = UpperTiles.above(hashes)
        }
        return (findings, count)
    }

    /// The hashes of the level above: the roots over 256 each.
    private static func above(_ hashes: [Digest?]) -> [Digest?] {
        (0..<hashes.count / Tile.fullWidth).map { number in
            let group = hashes[number * Tile.fullWidth..<(number + 1) * Tile.fullWidth].compactMap { $0 }
            return group.count == Tile.fullWidth ? BundleRoots.root(group) : nil
        }
    }

    private func check(_ tile: Tile?, _ hashes: [Digest?], _ findings: inout [GeneralFinding]) throws(AuditError) {
        guard let tile, findings.count < AuditReport.maximumCount else { return }
        let answer = try source.read(tile)
        findings += answer.findings
        guard let bytes = answer.bytes else { return }
        let width = answer.path.hasSuffix(tile.path) ? tile.width : Tile.fullWidth
        guard bytes.count == width * Digest.byteCount else {
            findings.append(
                GeneralFinding(.altered, at: answer.path, "it has \(bytes.count) bytes instead of \(width * 32)"))
            return
        }
        let start = Int(tile.index) * Tile.fullWidth
        for place in 0..<tile.width where start + place < hashes.count {
            guard let hash = hashes[start + place] else { continue }
            guard Digest(copying: bytes.span, at: place * Digest.byteCount) == hash else {
                findings.append(
                    GeneralFinding(
                        .altered, at: answer.path, "its hash \(place) is not the one that follows from the entries"))
                return
            }
        }
    }
}
