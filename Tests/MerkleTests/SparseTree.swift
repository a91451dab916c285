import Digests
import Merkle

/// A tree of any size up to 2^64 − 1 whose leaves are all alike but for a few: the nodes are computed when asked for.
struct SparseTree: NodeSource {
    static let ordinary = Digest.ofLeaf(Array("ordinary".utf8))

    /// The hash of a node over ordinary leaves only, by level.
    private static let plain: [Digest] = {
        var hashes = [ordinary]
        while hashes.count < 64 { hashes.append(MerkleHash.node(hashes[hashes.count - 1], hashes[hashes.count - 1])) }
        return hashes
    }()

    /// The leaves that are not ordinary.
    let marked: [UInt64: Digest]

    init(marking indices: [UInt64]) {
        marked = Dictionary(indices.map { ($0, Digest.ofLeaf(Array("marked \($0)".utf8))) }) { first, _ in first }
    }

    func leaf(_ index: UInt64) -> Digest { marked[index] ?? SparseTree.ordinary }

    func node(level: Int, index: UInt64) -> Digest {
        guard marked.keys.contains(where: { $0 >> UInt64(level) == index }) else { return SparseTree.plain[level] }
        guard level > 0 else { return leaf(index) }
        return MerkleHash.node(node(level: level - 1, index: index * 2), node(level: level - 1, index: index * 2 + 1))
    }
}
