import Digests
import EventFormat
import Merkle
import StoreFormat
import Verifying

/// A segment taken apart, written from the layout's description rather than with its code, so that every part can be
/// altered.
struct Segment: Equatable {
    struct Item: Equatable {
        var entry: [UInt8]
        var envelope: [UInt8]
        var previous: UInt64
        var jump: UInt64
        var leaf: Digest

        func decoded() throws -> Entry {
            let bytes = entry
            return try Entry(decoding: bytes.span)
        }

        /// Takes the entry's bytes and the leaf hash that they have.
        mutating func encode(_ new: Entry) throws {
            let bytes = try new.encoded()
            entry = bytes
            leaf = MerkleHash.leaf(bytes.span)
        }
    }

    var first: UInt64
    var items: [Item]
    var nodes: [Digest]

    init(first: UInt64, items: [Item], nodes: [Digest]) {
        (self.first, self.items, self.nodes) = (first, items, nodes)
    }

    init(_ value: [UInt8]) {
        func number(_ offset: Int, _ size: Int) -> UInt64 {
            value[offset..<offset + size].reduce(0) { $0 << 8 | UInt64($1) }
        }
        let count = Int(number(4, 4))
        let nodeCount = Int(number(24, 4))
        first = number(8, 8)
        nodes = (0..<nodeCount).map { Digest(copying: value.span, at: 32 + count * 56 + $0 * 32) }
        let entries = 32 + count * 56 + nodeCount * 32
        let envelopes = entries + Int(number(16, 4))
        func part(_ table: Int, _ base: Int, _ position: Int) -> [UInt8] {
            let start = position == 0 ? 0 : Int(number(table + (position - 1) * 4, 4))
            return Array(value[base + start..<base + Int(number(table + position * 4, 4))])
        }
        items = (0..<count).map { position in
            Item(
                entry: part(32, entries, position), envelope: part(32 + count * 4, envelopes, position),
                previous: number(32 + count * 8 + position * 16, 8),
                jump: number(32 + count * 8 + position * 16 + 8, 8),
                leaf: Digest(copying: value.span, at: 32 + count * 24 + position * 32))
        }
    }

    /// The segment that holds only these entries.
    func part(_ range: ClosedRange<UInt64>) -> Segment {
        func nodeCount(_ entries: UInt64) -> Int {
            Int(NodeOrder.count(blocks: entries / 16) - NodeOrder.count(blocks: first / 16))
        }
        return Segment(
            first: range.lowerBound, items: Array(items[Int(range.lowerBound - first)...Int(range.upperBound - first)]),
            nodes: Array(nodes[nodeCount(range.lowerBound)..<nodeCount(range.upperBound + 1)]))
    }

    var last: UInt64 { first + UInt64(items.count) - 1 }
    var key: [UInt8] { [UInt8](bigEndian: last) }

    var value: [UInt8] {
        var output: [UInt8] = [1, 0, 0, 0]
        output.append(bigEndian: UInt32(items.count))
        output.append(bigEndian: first)
        output.append(bigEndian: UInt32(items.reduce(0) { $0 + $1.entry.count }))
        output.append(bigEndian: UInt32(items.reduce(0) { $0 + $1.envelope.count }))
        output.append(bigEndian: UInt32(nodes.count))
        output.append(bigEndian: UInt32(0))
        var end: UInt32 = 0
        for item in items {
            end += UInt32(item.entry.count)
            output.append(bigEndian: end)
        }
        end = 0
        for item in items {
            end += UInt32(item.envelope.count)
            output.append(bigEndian: end)
        }
        for item in items {
            output.append(bigEndian: item.previous)
            output.append(bigEndian: item.jump)
        }
        for item in items { item.leaf.append(to: &output) }
        for node in nodes { node.append(to: &output) }
        for item in items { output += item.entry }
        for item in items { output += item.envelope }
        return output
    }

    /// Which entries the byte at `offset` of the value belongs to, and what may be said to be wrong when it is altered.
    func owners(of offset: Int) -> (indexes: ClosedRange<UInt64>, kinds: Set<Finding.Kind>) {
        let count = items.count
        var rest = offset - 32
        guard rest >= 0 else { return (first...last, [.storage, .missing]) }
        func at(_ position: Int) -> ClosedRange<UInt64> { first + UInt64(position)...first + UInt64(position) }
        func both(_ position: Int) -> ClosedRange<UInt64> {
            first + UInt64(position)...min(last, first + UInt64(position) + 1)
        }
        if rest < count * 4 { return (both(rest / 4), [.storage, .encoding, .leaf]) }
        rest -= count * 4
        if rest < count * 4 { return (both(rest / 4), [.payload]) }
        rest -= count * 4
        if rest < count * 16 { return (at(rest / 16), rest % 16 < 8 ? [.stream, .link] : [.link]) }
        rest -= count * 16
        if rest < count * 32 { return (at(rest / 32), [.leaf]) }
        rest -= count * 32
        if rest < nodes.count * 32 {
            let blocks = first / 16
            let node = NodeOrder.node(at: NodeOrder.count(blocks: blocks) + UInt64(rest / 32))
            let end = ((node.index + 1) << UInt64(node.level)) * 16 - 1
            return (end...end, [.tree])
        }
        rest -= nodes.count * 32
        for (position, item) in items.enumerated() {
            if rest < item.entry.count { return (at(position), [.leaf, .encoding]) }
            rest -= item.entry.count
        }
        for (position, item) in items.enumerated() {
            if rest < item.envelope.count { return (at(position), [.payload]) }
            rest -= item.envelope.count
        }
        preconditionFailure("the offset lies behind the segment")
    }
}
