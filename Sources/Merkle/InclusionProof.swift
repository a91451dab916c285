public import Digests

/// The audit path of a leaf (RFC 6962 §2.1.1): with the leaf's hash it gives the root.
public struct InclusionProof: Sendable, Hashable {
    /// The place of the leaf.
    public let index: LeafIndex

    /// The size of the tree.
    public let size: TreeSize

    /// The siblings of the way from the leaf up to the root, the leaf's own first; at most 64 in a proof that holds.
    public let hashes: [Digest]

    /// Takes what a proof says, unchecked.
    public init(index: LeafIndex, size: TreeSize, hashes: [Digest]) {
        self.index = index
        self.size = size
        self.hashes = hashes
    }

    /// The root that the proof leads to from the leaf hash `leaf`.
    ///
    /// Throws `indexOutOfRange`, `missingHashes` or `surplusHashes`. At most 64 node hashes.
    public func impliedRoot(leaf: Digest) throws(ProofError) -> Digest {
        try MerkleHash.impliedRoot(of: Subtree(wholeTree: size), leaf: leaf, at: index, hashes: hashes)
    }

    /// Checks that the leaf hash `leaf` stands at ``index`` of the tree with `root`.
    ///
    /// ``size`` and `root` must come from the same statement, such as one checkpoint (invariant 6). Throws what
    /// ``impliedRoot(leaf:)`` throws, and `rootMismatch`.
    public func verify(leaf: Digest, root: Digest) throws(ProofError) {
        let implied = try impliedRoot(leaf: leaf)
        guard implied == root else {
            throw MerkleError(
                .rootMismatch,
                "leaf \(index) of \(size) leads to the root \(implied), but the tree's is \(root)")
        }
    }
}

/// The audit path of a leaf inside a subtree (draft-ietf-plants-merkle-tree-certs §4.3).
public struct SubtreeInclusionProof: Sendable, Hashable {
    /// The place of the leaf in the tree.
    public let index: LeafIndex

    /// The subtree that holds it.
    public let subtree: Subtree

    /// The siblings of the way from the leaf up to the subtree's root, the leaf's own first.
    public let hashes: [Digest]

    /// Takes what a proof says, unchecked.
    public init(index: LeafIndex, subtree: Subtree, hashes: [Digest]) {
        self.index = index
        self.subtree = subtree
        self.hashes = hashes
    }

    /// The hash of the subtree that the proof leads to from the leaf hash `leaf`.
    ///
    /// Throws `indexOutOfRange`, `missingHashes` or `surplusHashes`. At most 64 node hashes.
    public func impliedRoot(leaf: Digest) throws(ProofError) -> Digest {
        try MerkleHash.impliedRoot(of: subtree, leaf: leaf, at: index, hashes: hashes)
    }

    /// Checks that the leaf hash `leaf` stands at ``index`` of the subtree with the hash `root`.
    ///
    /// Throws what ``impliedRoot(leaf:)`` throws, and `rootMismatch`.
    public func verify(leaf: Digest, root: Digest) throws(ProofError) {
        let implied = try impliedRoot(leaf: leaf)
        guard implied == root else {
            throw MerkleError(
                .rootMismatch,
                "leaf \(index) of \(subtree) leads to the hash \(implied), but the subtree's is \(root)")
        }
    }
}

extension MerkleHash {
    /// The one way to check an inclusion: the root over `tree` that `hashes` give from `leaf` at `index`.
    fileprivate static func impliedRoot(
        of tree: Subtree, leaf: Digest, at index: LeafIndex, hashes: [Digest]
    ) throws(MerkleError) -> Digest {
        guard tree.contains(index) else {
            throw MerkleError(.indexOutOfRange, "leaf \(index) is not one of the leaves \(tree)")
        }
        let path = ProofPath(to: Subtree(index.rawValue, index.rawValue + 1), in: tree)
        try path.checkCount(of: hashes)
        return path.fold(hashes, claim: leaf).tree
    }
}
