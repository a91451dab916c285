internal import Digests
internal import EventFormat
internal import Merkle
internal import StoreFormat

/// The hashes of the stored tree: leaves and nodes of level 4 and above are read, those between recomputed from at
/// most 15 leaves.
///
/// Holds a transaction's handle without keeping the transaction alive: a value lives only inside the call that made
/// it.
struct StoredNodes: NodeSource {
    private let view: TransactionView

    init(_ transaction: borrowing some Transaction & ~Copyable) {
        view = unsafe TransactionView(raw: transaction.raw, tables: transaction.tables)
    }

    /// O(log n) for one stored hash; level 1 to 3 read one segment or two.
    func node(level: Int, index: UInt64) throws(LogError) -> Digest {
        if level == 0 { return try leaf(index) }
        if level < StoreLayout.nodeBaseLevel {
            let left = try node(level: level - 1, index: index * 2)
            return MerkleHash.node(left, try node(level: level - 1, index: index * 2 + 1))
        }
        return try stored(level: level - StoreLayout.nodeBaseLevel, index: index)
    }

    private func leaf(_ index: UInt64) throws(LogError) -> Digest {
        try view.segment(holding: EntryIndex(index)) { layout, bytes throws(LogError) in
            layout.leaf(Int(index - layout.first.rawValue), in: bytes)
        }
    }

    /// A node is in the segment of the leaf that completes it, at its place in the order of completion (S4).
    private func stored(level: Int, index: UInt64) throws(LogError) -> Digest {
        let lastLeaf = ((index + 1) << UInt64(level)) * StoreLayout.leavesPerBlock - 1
        return try view.segment(holding: EntryIndex(lastLeaf)) { layout, bytes throws(LogError) in
            let before = NodeOrder.count(blocks: layout.first.rawValue / StoreLayout.leavesPerBlock)
            let position = NodeOrder.position(level: level, index: index)
            guard position >= before, position - before < UInt64(layout.nodeCount) else {
                throw LogError.damaged("the segment of entry \(lastLeaf) lacks a node of the tree")
            }
            return layout.node(Int(position - before), in: bytes)
        }
    }
}

/// A transaction's handle, to be used while the transaction lives.
@safe private struct TransactionView: Transaction {
    let raw: OpaquePointer
    let tables: Environment.Tables
}
