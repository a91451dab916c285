import Digests

extension NodeSource {
    /// The audit path of leaf `index` in the tree of the first `size` leaves (RFC 6962 §2.1.1).
    ///
    /// Refuses an index at or past `size` (`indexOutOfRange`). Reads at most 2·⌈log₂ size⌉ nodes: one for each hash,
    /// and the peaks of the one that may cover an incomplete part.
    public func inclusionProof(
        index: LeafIndex, size: TreeSize
    ) throws(GenerationError<Failure>) -> InclusionProof {
        let hashes = try inclusionHashes(index: index, in: Subtree(wholeTree: size))
        return InclusionProof(index: index, size: size, hashes: hashes)
    }

    /// The audit path of leaf `index` in `subtree` (draft-ietf-plants-merkle-tree-certs §4.3).
    ///
    /// Refuses an index outside `subtree` (`indexOutOfRange`). Reads at most 2·⌈log₂ count⌉ nodes.
    public func inclusionProof(
        index: LeafIndex, in subtree: Subtree
    ) throws(GenerationError<Failure>) -> SubtreeInclusionProof {
        let hashes = try inclusionHashes(index: index, in: subtree)
        return SubtreeInclusionProof(index: index, subtree: subtree, hashes: hashes)
    }

    /// The proof that the first `second` leaves continue the first `first` (RFC 6962 §2.1.2).
    ///
    /// Refuses `first` 0 (`emptyFirstTree`) and `first` above `second` (`reversedRange`). Reads at most 2·⌈log₂ second⌉
    /// + 1 nodes.
    public func consistencyProof(
        from first: TreeSize, to second: TreeSize
    ) throws(GenerationError<Failure>) -> ConsistencyProof {
        guard first.rawValue > 0 else {
            throw .refused(
                MerkleError(
                    .emptyFirstTree,
                    "a proof from the empty tree proves nothing; none is needed"))
        }
        guard first <= second else {
            throw .refused(
                MerkleError(
                    .reversedRange,
                    "the earlier tree (\(first) leaves) is larger than the later (\(second)); swap them"))
        }
        let hashes = try hashes(to: Subtree(wholeTree: first), in: Subtree(wholeTree: second))
        return ConsistencyProof(first: first, second: second, hashes: hashes)
    }

    /// The proof that `subtree` is part of the tree of the first `size` leaves
    /// (draft-ietf-plants-merkle-tree-certs §4.4); no hashes for an empty subtree.
    ///
    /// Refuses a subtree that reaches past `size` (`subtreeOutsideTree`). Reads at most 2·⌈log₂ size⌉ + 1 nodes.
    public func consistencyProof(
        of subtree: Subtree, in size: TreeSize
    ) throws(GenerationError<Failure>) -> SubtreeConsistencyProof {
        guard subtree.end.rawValue <= size.rawValue else {
            throw .refused(
                MerkleError(
                    .subtreeOutsideTree,
                    "the leaves \(subtree) reach past a tree of \(size) leaves"))
        }
        let hashes = subtree.isEmpty ? [] : try hashes(to: subtree, in: Subtree(wholeTree: size))
        return SubtreeConsistencyProof(subtree: subtree, size: size, hashes: hashes)
    }

    private func inclusionHashes(
        index: LeafIndex, in tree: Subtree
    ) throws(GenerationError<Failure>) -> [Digest] {
        guard tree.contains(index) else {
            throw .refused(
                MerkleError(
                    .indexOutOfRange,
                    "leaf \(index) is not one of the leaves \(tree)"))
        }
        return try hashes(to: Subtree(index.rawValue, index.rawValue + 1), in: tree)
    }

    /// The hashes of a proof along the path from `tree` to `target`, in the order of the proof.
    private func hashes(to target: Subtree, in tree: Subtree) throws(GenerationError<Failure>) -> [Digest] {
        var parts: [Subtree] = []
        let path = ProofPath(to: target, in: tree) { parts.append($0) }
        precondition(parts.count == path.hashCount, "the path shows one part for each hash")
        var hashes: [Digest] = []
        hashes.reserveCapacity(parts.count)
        for part in parts.reversed() {
            do throws(Failure) {
                hashes.append(try hash(of: part))
            } catch {
                throw .source(error)
            }
        }
        return hashes
    }
}
