internal import Digests
internal import EventFormat
internal import Merkle
internal import StoreFormat

/// Hands out a segment's stored nodes in order, from those that `entry` completes on.
struct NodeReader {
    private let segment: SegmentLayout
    private var position: Int
    /// Whether the segment has another number of nodes than its entries complete.
    let isShort: Bool

    init(_ segment: SegmentLayout, from entry: UInt64, in bytes: Span<UInt8>) {
        self.segment = segment
        let block = StoreLayout.leavesPerBlock
        let before = NodeOrder.count(blocks: segment.first.rawValue / block)
        position = Int(NodeOrder.count(blocks: entry / block) - before)
        isShort = UInt64(segment.nodeCount) != NodeOrder.count(blocks: (segment.last.rawValue + 1) / block) - before
    }

    mutating func next(_ bytes: Span<UInt8>) -> Digest? {
        guard position < segment.nodeCount else { return nil }
        defer { position += 1 }
        return segment.node(position, in: bytes)
    }
}
