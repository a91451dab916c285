internal import Digests
internal import EventFormat
internal import Merkle

/// The part of the tree above the chunks.
struct TreeTop {
    private let findings: FindingList
    private let size: UInt64
    /// All leaves' right edge, nil when some cannot be read.
    private var edge: CompactRange?
    private let chunks: [ChunkResult]

    /// Computes the nodes above the chunks and compares them with the stored ones (S4).
    init(_ chunks: [ChunkResult], size: UInt64, findings: FindingList) {
        self.findings = findings
        self.size = size
        self.chunks = chunks
        var stored: [[UInt64]: Digest] = [:]
        for node in chunks.flatMap(\.upperNodes) { stored[[UInt64(node.level), node.index]] = node.hash }
        var top = CompactRange()
        var last: CompactRange?
        for chunk in chunks {
            guard let tree = chunk.tree else { return }
            guard tree.size.rawValue == ChunkCheck.entryCount else {
                last = tree
                break
            }
            top.append(tree.root) { level, index, node in
                let level = level + ChunkCheck.level
                let end = (index + 1) << UInt64(level)
                if stored[[UInt64(level), index]] != node {
                    findings.add(
                        .tree, at: EntryIndex(end - 1),
                        "the stored node of the tree over entries \(end - 1 << UInt64(level)) to \(end - 1) is not the hash of its children"
                    )
                }
            }
        }
        edge = try? CompactRange(size: TreeSize(size), peaks: top.peaks + (last?.peaks ?? []))
    }

    /// The root over all leaves, after comparing the roots that the caller knows.
    func root(known: [Verifier.KnownRoot]) -> Digest? {
        for item in known { check(item) }
        return edge?.root
    }

    private func check(_ known: Verifier.KnownRoot) {
        let source = known.statedBy.map { ", as \($0) says" } ?? ""
        guard known.size <= size else {
            findings.add(
                .root, at: EntryIndex(size),
                "the ledger has \(size) entries; it once had \(known.size)\(source): entries were removed, or an older copy was put in its place"
            )
            return
        }
        guard let root = root(size: known.size) else {
            findings.add(
                .root, at: nil,
                "the root of the first \(known.size) entries cannot be computed: some are missing")
            return
        }
        if root != known.root {
            findings.add(
                .root, at: known.size > 0 ? EntryIndex(known.size - 1) : nil,
                "the first \(known.size) entries have the root \(root), not \(known.root)\(source): the history before entry \(known.size) was altered"
            )
        }
    }

    /// The root of the first `size` leaves; nil when some cannot be read.
    private func root(size: UInt64) -> Digest? {
        guard size > 0 else { return MerkleHash.emptyRoot }
        let last = Int((size - 1) / ChunkCheck.entryCount)
        var top = CompactRange()
        for chunk in chunks.prefix(last) {
            guard let tree = chunk.tree else { return nil }
            top.append(tree.root)
        }
        guard let partial = chunks[last].partialTrees[size] else { return nil }
        let peaks = partial.size.rawValue == ChunkCheck.entryCount ? nil : top.peaks + partial.peaks
        guard let peaks else {
            top.append(partial.root)
            return top.root
        }
        return (try? CompactRange(size: TreeSize(size), peaks: peaks))?.root
    }
}
