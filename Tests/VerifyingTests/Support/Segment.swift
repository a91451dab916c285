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

        /// The leaf hash that the entry's bytes have.
        var leaf: Digest {
            let bytes = entry
            return MerkleHash.leaf(bytes.span)
        }

        func decoded() throws -> Entry {
            let bytes = entry
            return try Entry(decoding: bytes.span)
        }

        mutating func encode(_ new: Entry) throws { entry = try new.encoded() }
    }

    /// 1 or 2.
    var version: UInt8 = 2
    var first: UInt64
    var items: [Item]
    var nodes: [Digest]
    /// The stored leaf hashes: of the last entry, and in version 1 of each.
    var leaves: [Digest] = []

    init(first: UInt64, items: [Item], nodes: [Digest]) {
        (self.first, self.items, self.nodes) = (first, items, nodes)
        storeLeaves()
    }

    /// Gives the entries whose leaf hashes are stored those that they have.
    mutating func storeLeaves() { leaves = items.suffix(version == 1 ? items.count : 1).map(\.leaf) }

    /// The same entries as a segment of version 1.
    var asVersion1: Segment {
        var segment = self
        segment.version = 1
        segment.storeLeaves()
        return segment
    }

    init(_ value: [UInt8]) {
        func number(_ offset: Int, _ size: Int) -> UInt64 {
            value[offset..<offset + size].reduce(0) { $0 << 8 | UInt64($1) }
        }
        version = value[0]
        let count = Int(number(4, 4))
        let nodeCount = Int(number(24, 4))
        first = number(8, 8)
        let tables = version == 1 ? 32 : 64
        let end = tables + count * 24
        func digests(_ count: Int, _ offset: Int) -> [Digest] {
            (0..<count).map { Digest(copying: value.span, at: offset + $0 * 32) }
        }
        leaves = version == 1 ? digests(count, end) : digests(1, 32)
        let nodesOffset = version == 1 ? end + count * 32 : end
        nodes = digests(nodeCount, nodesOffset)
        let entries = nodesOffset + nodeCount * 32
        let envelopes = entries + Int(number(16, 4))
        func part(_ table: Int, _ base: Int, _ position: Int) -> [UInt8] {
            let start = position == 0 ? 0 : Int(number(table + (position - 1) * 4, 4))
            return Array(value[base + start..<base + Int(number(table + position * 4, 4))])
        }
        items = (0..<count).map { position in
            Item(
                entry: part(tables, entries, position), envelope: part(tables + count * 4, envelopes, position),
                previous: number(tables + count * 8 + position * 16, 8),
                jump: number(tables + count * 8 + position * 16 + 8, 8))
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
        var output: [UInt8] = [version, 0, 0, 0]
        output.append(bigEndian: UInt32(items.count))
        output.append(bigEndian: first)
        output.append(bigEndian: UInt32(items.reduce(0) { $0 + $1.entry.count }))
        output.append(bigEndian: UInt32(items.reduce(0) { $0 + $1.envelope.count }))
        output.append(bigEndian: UInt32(nodes.count))
        output.append(bigEndian: UInt32(0))
        if version > 1 { for leaf in leaves { leaf.append(to: &output) } }
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
        if version == 1 { for leaf in leaves { leaf.append(to: &output) } }
        for node in nodes { node.append(to: &output) }
        for item in items { output += item.entry }
        for item in items { output += item.envelope }
        return output
    }

    /// Which entries the byte at `offset` of the value, of version 2, belongs to, and what may be said to be wrong when
    /// it is altered.
    func owners(of offset: Int) -> (indexes: ClosedRange<UInt64>, kinds: Set<Finding.Kind>) {
        let count = items.count
        var rest = offset - 32
        guard rest >= 0 else { return (first...last, [.storage, .missing]) }
        if rest < 32 { return (last...last, [.leaf]) }
        rest -= 32
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
