internal import Digests
internal import EventFormat
internal import Merkle
internal import StoreFormat

/// The hashes of the recorded tree: leaves and nodes of level 4 and above are read, those between recomputed from at
/// most 15 leaves.
///
/// Holds a cursor of a transaction without keeping the transaction alive: a value lives only inside the call that made
/// it, which borrows the transaction.
struct StoredNodes: NodeSource {
    /// One cursor for all look-ups, shared by the copies of a value.
    private final class Segments {
        let cursor: Cursor
        /// The segment where the cursor is.
        var current: SegmentLayout?
        init(_ cursor: consuming Cursor) { self.cursor = cursor }
    }

    private let segments: Segments

    init(_ transaction: borrowing some Transaction & ~Copyable) throws(LogError) {
        segments = Segments(try transaction.cursor(transaction.tables.segments))
    }

    /// O(log n): one look-up, or a few where the leaves of a node of level 0 to 3 lie in several segments.
    func node(level: Int, index: UInt64) throws(LogError) -> Digest {
        guard level < StoreLayout.nodeBaseLevel else {
            return try stored(level: level - StoreLayout.nodeBaseLevel, index: index)
        }
        var hashes = try leaves(from: index << UInt64(level), count: 1 << level)
        while hashes.count > 1 {
            for pair in 0..<hashes.count / 2 {
                hashes[pair] = MerkleHash.node(hashes[pair * 2], hashes[pair * 2 + 1])
            }
            hashes.removeLast(hashes.count / 2)
        }
        return hashes[0]
    }

    /// Calls `body` with the segment that holds entry `index`, which is looked for only where it is not the one of the
    /// call before.
    private func segment<R>(
        holding index: EntryIndex, _ body: (SegmentLayout, Span<UInt8>) throws(LogError) -> R
    ) throws(LogError) -> R {
        if let layout = segments.current, layout.contains(index) {
            return try segments.cursor.withRow { _, bytes throws(LogError) in try body(layout, bytes) }
        }
        segments.current = nil
        return try segments.cursor.segment(holding: index) { layout, bytes throws(LogError) in
            segments.current = layout
            return try body(layout, bytes)
        }
    }

    /// The recorded hashes of the `count` leaves from `start` on.
    private func leaves(from start: UInt64, count: Int) throws(LogError) -> [Digest] {
        var leaves: [Digest] = []
        leaves.reserveCapacity(count)
        while leaves.count < count {
            let next = start + UInt64(leaves.count)
            try segment(holding: EntryIndex(next)) { layout, bytes throws(LogError) in
                let position = Int(next - layout.first.rawValue)
                let end = min(layout.count, position + count - leaves.count)
                try LogError.wrapping { () throws(StoreError) in
                    for place in position..<end { leaves.append(try layout.leaf(place, in: bytes)) }
                }
            }
        }
        return leaves
    }

    /// A node is in the segment of the leaf that completes it, at its place in the order of completion (S4).
    private func stored(level: Int, index: UInt64) throws(LogError) -> Digest {
        let lastLeaf = ((index + 1) << UInt64(level)) * StoreLayout.leavesPerBlock - 1
        return try segment(holding: EntryIndex(lastLeaf)) { layout, bytes throws(LogError) in
            let before = NodeOrder.count(blocks: layout.first.rawValue / StoreLayout.leavesPerBlock)
            let position = NodeOrder.position(level: level, index: index)
            guard position >= before, position - before < UInt64(layout.nodeCount) else {
                throw LogError.damaged("the segment of entry \(lastLeaf) lacks a node of the tree")
            }
            return layout.node(Int(position - before), in: bytes)
        }
    }
}
