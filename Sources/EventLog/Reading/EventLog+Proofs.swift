public import Digests
public import EventFormat
public import Merkle

extension EventLog {
    /// The root of the tree over the first `size` entries; nil: over all. O(log n).
    public func root(size: TreeSize? = nil) throws(LogError) -> (size: TreeSize, root: Digest) {
        try read { transaction throws(LogError) in
            let size = try transaction.treeSize(size)
            return (size, try StoredNodes(transaction).root(size: size))
        }
    }

    /// A proof that the entry `index` is in the tree of the first `size` entries; nil: of all. O(log n).
    public func inclusionProof(of index: EntryIndex, size: TreeSize? = nil) throws(LogError) -> InclusionProof {
        try read { transaction throws(LogError) in
            let nodes = try StoredNodes(transaction)
            let size = try transaction.treeSize(size)
            return try LogError.generating { () throws(GenerationError<LogError>) in
                try nodes.inclusionProof(index: LeafIndex(index.rawValue), size: size)
            }
        }
    }

    /// A proof that the first `first` entries are a prefix of the first `second` entries; nil: of all. O(log n).
    public func consistencyProof(from first: TreeSize, to second: TreeSize? = nil) throws(LogError) -> ConsistencyProof
    {
        try read { transaction throws(LogError) in
            let nodes = try StoredNodes(transaction)
            let second = try transaction.treeSize(second)
            return try LogError.generating { () throws(GenerationError<LogError>) in
                try nodes.consistencyProof(from: first, to: second)
            }
        }
    }
}

extension Transaction where Self: ~Copyable {
    /// The size asked for, or all; never more than is recorded.
    fileprivate borrowing func treeSize(_ size: TreeSize?) throws(LogError) -> TreeSize {
        let recorded = TreeSize(try self.size())
        guard let size else { return recorded }
        guard size <= recorded else {
            throw LogError(.outOfRange, "the ledger has \(recorded) entries; a tree of \(size) is not known yet")
        }
        return size
    }
}
