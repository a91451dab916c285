public import Digests

/// A tree with all its complete nodes in memory: 64 bytes a leaf.
public struct MemoryTree: Sendable {
    /// The hashes of the complete nodes by level, the leaves first.
    private var levels: [[Digest]] = [[]]

    private var edge = CompactRange()

    /// The empty tree.
    public init() {}

    /// The tree over the given leaf hashes.
    public init(leaves: some Sequence<Digest>) {
        for leaf in leaves { append(leaf) }
    }

    /// The number of leaves.
    public var size: TreeSize { edge.size }

    /// The root over all leaves. At most 63 node hashes.
    public var root: Digest { edge.root }

    /// Appends the hash of one leaf. Amortised O(1).
    public mutating func append(_ leaf: Digest) {
        levels[0].append(leaf)
        edge.append(leaf) { level, index, hash in
            if level == levels.count { levels.append([]) }
            precondition(levels[level].count == Int(index), "nodes of a level complete from left to right")
            levels[level].append(hash)
        }
    }
}

extension MemoryTree: NodeSource {
    /// The complete node; throws `missingNode` when there is none of that level and index (yet).
    public func node(level: Int, index: UInt64) throws(MerkleError) -> Digest {
        guard levels.indices.contains(level), index < UInt64(levels[level].count) else {
            let size = size
            throw MerkleError(
                .missingNode,
                "a tree of \(size) leaves has no complete node \(index) at level \(level)")
        }
        return levels[level][Int(index)]
    }
}
