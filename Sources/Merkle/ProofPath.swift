import Digests

/// The way from the root of a tree down to a part of it: which side each hash of a proof stands on.
///
/// Both the maker and the checker of a proof walk it; it depends on positions and sizes alone (invariant 5).
/// At most 64 steps, since no tree of fewer than 2^64 leaves is deeper; held in three words, no allocation.
struct ProofPath {
    /// How many siblings lie beside the way.
    private var depth = 0
    /// Bit d: the sibling at depth d lies to the left of the way.
    private var left: UInt64 = 0
    /// Bit d: the sibling at depth d is made of leaves of the target.
    private var inside: UInt64 = 0
    /// Whether the way ends at the target itself; otherwise it ends at the last complete node of the target, whose hash
    /// opens the proof.
    private var endsAtTarget = true

    /// Walks from `tree` to `target`, which must lie in it and not be empty, and shows `visit` the leaves of each hash
    /// of the proof, from the root downwards: the reverse of the order in a proof (RFC 6962 §2.1.1 and §2.1.2).
    ///
    /// O(log n).
    init(to target: Subtree, in tree: Subtree, visit: (Subtree) -> Void = { _ in }) {
        precondition(!target.isEmpty, "no path leads to no leaves")
        precondition(tree.start <= target.start && target.end <= tree.end, "the target lies in the tree")
        // The node that the way has come to, and where the rest of the target starts.
        var (low, high) = (tree.start.rawValue, tree.end.rawValue)
        var start = target.start.rawValue
        let end = target.end.rawValue
        while low != start || high != end {
            let middle = Subtree(low, high).middle
            if end <= middle {
                visit(Subtree(middle, high))
                high = middle
            } else {
                left |= 1 << UInt64(depth)
                if start < middle {
                    // The target reaches over the split, so it starts where this node does (invariant 4).
                    precondition(start == low, "a subtree that is split starts with the node")
                    inside |= 1 << UInt64(depth)
                    endsAtTarget = false
                    start = middle
                }
                visit(Subtree(low, middle))
                low = middle
            }
            depth += 1
        }
        if !endsAtTarget { visit(Subtree(low, high)) }
    }

    /// The number of hashes of a proof along this path.
    var hashCount: Int { endsAtTarget ? depth : depth + 1 }

    /// Throws `missingHashes` or `surplusHashes` unless `hashes` are as many as the path demands (invariant 5).
    func checkCount(of hashes: [Digest]) throws(MerkleError) {
        guard hashes.count != hashCount else { return }
        let code: MerkleError.Code = hashes.count < hashCount ? .missingHashes : .surplusHashes
        throw MerkleError(code, "the proof needs \(hashCount) hashes and has \(hashes.count)")
    }

    /// What `hashes`, checked for their number, say of the target and of the tree.
    ///
    /// `claim` is the target's hash as the caller believes it; it enters the tree's hash only where the way ends at the
    /// target. At most two node hashes a step.
    func fold(_ hashes: [Digest], claim: Digest) -> (target: Digest, tree: Digest) {
        var target = endsAtTarget ? claim : hashes[0]
        var tree = target
        var next = endsAtTarget ? 0 : 1
        var step = depth
        while step > 0 {
            step -= 1
            let bit: UInt64 = 1 << UInt64(step)
            let sibling = hashes[next]
            next += 1
            if left & bit == 0 {
                tree = MerkleHash.node(tree, sibling)
                continue
            }
            // Until the way leaves the target both hashes are of the same leaves, or the tree's of more to the right.
            if inside & bit != 0 { target = MerkleHash.node(sibling, target) }
            tree = MerkleHash.node(sibling, tree)
        }
        return (target, tree)
    }
}
