internal import Digests
internal import Merkle

/// What the check of a chunk of entries leaves to be put together with that of others.
struct ChunkResult: Sendable {
    /// Over the entries: to be the same as over the rows of the index of ids.
    var ids = MultisetProduct()
    /// Over the entries: to be the same as over what their successors and the index of streams name.
    var entries = MultisetProduct()
    /// Over what the entries name as their streams' entries before.
    var predecessors = MultisetProduct()
    /// The entries that carry a signature.
    var signatureCount: UInt64 = 0
    /// The greatest version of the segments; 0 when there are none.
    var version: UInt8 = 0
    /// The chunk's part of the tree; nil when an entry's leaf hash cannot be read.
    var tree: CompactRange?
    /// Stored nodes that reach beyond the chunk.
    var upperNodes: [StoredNode] = []
    /// The chunk's part of the tree at sizes whose roots the caller knows.
    var partialTrees: [UInt64: CompactRange] = [:]

    struct StoredNode: Sendable {
        let level: Int
        let index: UInt64
        let hash: Digest
    }
}
