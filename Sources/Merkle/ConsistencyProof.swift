public import Digests

/// The proof that a tree was continued and not rewritten (RFC 6962 §2.1.2).
public struct ConsistencyProof: Sendable, Hashable {
    /// The size of the earlier tree, 1 or more: every tree continues the empty one, and there is nothing to prove.
    public let first: TreeSize

    /// The size of the later tree.
    public let second: TreeSize

    /// The nodes that give both roots; at most 65 in a proof that holds, none between equal sizes.
    public let hashes: [Digest]

    /// Takes what a proof says, unchecked.
    public init(first: TreeSize, second: TreeSize, hashes: [Digest]) {
        self.first = first
        self.second = second
        self.hashes = hashes
    }

    /// The root of the later tree that the proof leads to, once it has led to `firstRoot` for the earlier.
    ///
    /// Throws `emptyFirstTree`, `reversedRange`, `missingHashes`, `surplusHashes` or `firstRootMismatch`. At most 128
    /// node hashes.
    public func impliedRoot(first firstRoot: Digest) throws(ProofError) -> Digest {
        let implied = try impliedRoots(claiming: firstRoot)
        guard implied.target == firstRoot else {
            throw MerkleError(
                .firstRootMismatch,
                "the proof leads to the root \(implied.target) of \(first) leaves, but it is \(firstRoot)")
        }
        return implied.tree
    }

    /// The roots of the earlier and the later tree that the proof leads to, when the earlier is believed to be
    /// `firstRoot`.
    func impliedRoots(claiming firstRoot: Digest) throws(MerkleError) -> (target: Digest, tree: Digest) {
        guard first.rawValue > 0 else {
            throw MerkleError(
                .emptyFirstTree,
                "a proof from the empty tree proves nothing; accept any later tree without one")
        }
        guard first <= second else {
            throw MerkleError(.reversedRange, "the earlier tree (\(first) leaves) is larger than the later (\(second))")
        }
        let path = ProofPath(to: Subtree(wholeTree: first), in: Subtree(wholeTree: second))
        try path.checkCount(of: hashes)
        return path.fold(hashes, claim: firstRoot)
    }

    /// Checks that the tree of ``second`` leaves with `secondRoot` continues that of ``first`` leaves with
    /// `firstRoot`.
    ///
    /// Each size and its root must come from the same statement (invariant 6). Throws what ``impliedRoot(first:)``
    /// throws, and `rootMismatch` for the later root.
    public func verify(first firstRoot: Digest, second secondRoot: Digest) throws(ProofError) {
        let implied = try impliedRoot(first: firstRoot)
        guard implied == secondRoot else {
            throw MerkleError(
                .rootMismatch,
                "the proof leads to the root \(implied) of \(second) leaves, but it is \(secondRoot)")
        }
    }
}

/// The proof that a subtree is part of a tree (draft-ietf-plants-merkle-tree-certs §4.4).
public struct SubtreeConsistencyProof: Sendable, Hashable {
    /// The subtree.
    public let subtree: Subtree

    /// The size of the tree around it.
    public let size: TreeSize

    /// The nodes that give the hash of the subtree and the root.
    public let hashes: [Digest]

    /// Takes what a proof says, unchecked.
    public init(subtree: Subtree, size: TreeSize, hashes: [Digest]) {
        self.subtree = subtree
        self.size = size
        self.hashes = hashes
    }

    /// Checks that the subtree with the hash `hash` is part of the tree of ``size`` leaves with `root`.
    ///
    /// An empty subtree is part of every tree: its hash must be ``MerkleHash/emptyRoot`` and the proof empty, and
    /// `root` is not looked at. Throws `subtreeOutsideTree`, `missingHashes`, `surplusHashes`, `subtreeMismatch` or
    /// `rootMismatch`.
    public func verify(subtree hash: Digest, root: Digest) throws(ProofError) {
        guard subtree.end.rawValue <= size.rawValue else {
            throw MerkleError(.subtreeOutsideTree, "the leaves \(subtree) reach past a tree of \(size) leaves")
        }
        guard !subtree.isEmpty else { return try verifyEmpty(hash) }
        let path = ProofPath(to: subtree, in: Subtree(wholeTree: size))
        try path.checkCount(of: hashes)
        let implied = path.fold(hashes, claim: hash)
        guard implied.target == hash else {
            throw MerkleError(
                .subtreeMismatch,
                "the proof leads to the hash \(implied.target) of the leaves \(subtree), but it is \(hash)")
        }
        guard implied.tree == root else {
            throw MerkleError(
                .rootMismatch,
                "the proof leads to the root \(implied.tree) of \(size) leaves, but it is \(root)")
        }
    }

    private func verifyEmpty(_ hash: Digest) throws(MerkleError) {
        guard hashes.isEmpty else {
            throw MerkleError(.surplusHashes, "the proof of no leaves needs no hashes and has \(hashes.count)")
        }
        guard hash == MerkleHash.emptyRoot else {
            throw MerkleError(.subtreeMismatch, "no leaves hash to \(MerkleHash.emptyRoot), not to \(hash)")
        }
    }
}
