public import Digests
public import EventFormat
public import Merkle

/// What the next entry follows: the state that a writer carries from commit to commit.
public struct LogTail: Sendable, Equatable {
    /// The leaf hash of the last entry, zero in an empty log.
    public var leaf: Digest
    /// The last entry's time of recording, 1970 in an empty log: no entry is recorded before it.
    public var recorded: Timestamp
    /// The tree over all leaves, as its right edge.
    public var tree: CompactRange

    /// An empty log.
    public init() {
        leaf = .zero
        recorded = .epoch
        tree = CompactRange()
    }

    public init(leaf: Digest, recorded: Timestamp, tree: CompactRange) {
        self.leaf = leaf
        self.recorded = recorded
        self.tree = tree
    }

    /// The index that the next entry will have.
    public var next: EntryIndex { EntryIndex(tree.size.rawValue) }
}
