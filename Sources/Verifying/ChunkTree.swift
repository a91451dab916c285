internal import Digests
internal import Merkle

/// The part of the tree over the entries of one chunk, as it grows: the pending node of each level.
struct ChunkTree {
    /// The number of leaves.
    private(set) var count: UInt64 = 0
    /// At each level whose bit is set in `count`, the node that waits for its sibling.
    private var pending = [Digest](repeating: .zero, count: ChunkCheck.level + 1)

    /// Appends a leaf and shows `visit` the inner nodes from the level `base` on that it completes.
    @inline(__always)
    mutating func append(_ leaf: Digest, from base: Int, visit: (_ level: Int, _ index: UInt64, _ hash: Digest) -> Void)
    {
        var hash = leaf
        var level = 0
        while count >> UInt64(level) & 1 == 1 {
            hash = MerkleHash.node(pending[level], hash)
            level += 1
            if level >= base { visit(level, count >> UInt64(level), hash) }
        }
        pending[level] = hash
        count += 1
    }

    /// The tree as it is now.
    var range: CompactRange {
        let peaks = (0...ChunkCheck.level).reversed().filter { count >> UInt64($0) & 1 == 1 }.map { pending[$0] }
        do throws(MerkleError) {
            return try CompactRange(size: TreeSize(count), peaks: peaks)
        } catch {
            preconditionFailure("a chunk's tree has a peak for each one bit of its size: \(error)")
        }
    }
}
