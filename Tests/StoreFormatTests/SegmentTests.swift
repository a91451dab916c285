import Digests
import EventFormat
import Merkle
import StoreFormat
import TestSupport
import Testing

struct SegmentTests {
    private func leafHash(of entry: [UInt8]) -> Digest { MerkleHash.leaf(entry.span) }

    @Test(arguments: [1, 2, 15, 16, 17, 32, 64, 100])
    func `what is put into a segment is found in it`(count: Int) throws {
        var log = SampleLog()
        try log.add(count)
        let bytes = log.segment
        #expect(bytes.count == log.builder.byteCount)
        #expect(log.builder.key == [UInt8](bigEndian: UInt64(count - 1)))
        let layout = try SegmentLayout(bytes.span)
        #expect(layout.count == count && layout.first == 0 && layout.last == EntryIndex(UInt64(count - 1)))
        #expect(layout.contains(layout.last) && !layout.contains(EntryIndex(UInt64(count))))
        for position in 0..<count {
            let entry = try layout.entry(position, in: bytes.span)
            let envelope = try layout.envelope(position, in: bytes.span)
            let leaf = try layout.leaf(position, in: bytes.span)
            let link = layout.link(position, in: bytes.span)
            let own = leafHash(of: log.entries[position])
            #expect(Array(bytes[entry]) == log.entries[position])
            #expect(Array(bytes[envelope]) == log.envelopes[position])
            #expect(leaf == own && link == log.links[position])
            #expect(layout.storesLeaf(position) == (position == count - 1))
        }
        #expect(layout.version == 2 && bytes.count == 64 + count * 24 + layout.nodeCount * 32 + log.byteCount)
    }

    @Test(arguments: [1, 2, 16, 100])
    func `a segment of version 1 has the same parts, and the leaf hashes of all entries`(count: Int) throws {
        var log = SampleLog()
        try log.add(count)
        let bytes = log.segment
        var first = bytes
        first[0] = 1
        let tables = 64 + count * 24
        let leaves = log.entries.flatMap { leafHash(of: $0).bytes }
        first.replaceSubrange(32..<tables, with: bytes[64..<tables] + leaves)
        let (old, new) = (try SegmentLayout(first.span), try SegmentLayout(bytes.span))
        #expect(old.version == 1 && old.count == count && old.nodeCount == new.nodeCount && old.last == new.last)
        for position in 0..<count {
            let (entry, other) = (try old.entry(position, in: first.span), try new.entry(position, in: bytes.span))
            let envelope = try old.envelope(position, in: first.span)
            let leaf = try old.leaf(position, in: first.span)
            let link = old.link(position, in: first.span)
            #expect(Array(first[entry]) == Array(bytes[other]))
            #expect(Array(first[envelope]) == log.envelopes[position] && link == log.links[position])
            #expect(leaf == leafHash(of: log.entries[position]) && old.storesLeaf(position))
        }
        for position in 0..<old.nodeCount {
            let (node, other) = (old.node(position, in: first.span), new.node(position, in: bytes.span))
            #expect(node == other)
        }
    }

    @Test(arguments: [[40], [16, 16, 8], [15, 1, 17, 7], [31, 9], Array(repeating: 1, count: 40)])
    func `the nodes of all segments are those of level 4 and above in the order of their completion`(
        sizes: [Int]
    ) throws {
        var log = SampleLog()
        var stored: [Digest] = []
        var added: UInt64 = 0
        for size in sizes {
            try log.add(size)
            let bytes = log.segment
            let layout = try SegmentLayout(bytes.span)
            #expect(layout.first.rawValue == added)
            for position in 0..<layout.nodeCount { stored.append(layout.node(position, in: bytes.span)) }
            added += UInt64(size)
            log.builder = SegmentBuilder(after: log.builder.tail)
            #expect(log.builder.isEmpty && log.builder.first.rawValue == added)
        }
        let leaves = log.entries.map { leafHash(of: $0) }
        #expect(stored.count == Int(NodeOrder.count(blocks: added / 16)))
        for (place, node) in stored.enumerated() {
            let (level, index) = NodeOrder.node(at: UInt64(place))
            let width = 16 << level
            let start = Int(index) * width
            #expect(node == MemoryTree(leaves: leaves[start..<start + width]).root)
        }
        #expect(log.builder.tail.tree.root == MemoryTree(leaves: leaves).root)
        #expect(log.builder.tail.leaf == leaves.last && log.builder.tail.next.rawValue == added)
    }

    @Test func `an entry that is too large leaves the segment as it was`() throws {
        var log = SampleLog()
        try log.add(2)
        let before = log.segment
        let entry = Entry(
            index: 2, previous: log.builder.tail.leaf, recorded: .epoch, stream: "s", revision: 0, streamPrevious: nil,
            id: EventID(), type: "t", source: String(repeating: "x", count: 70_000), occurred: .epoch)
        let none = [UInt8]()
        #expect(throws: FormatError(.tooLarge, "")) {
            try log.builder.add(entry, envelope: none.span, link: StreamLink(previous: nil, jump: nil))
        }
        #expect(log.segment == before && log.builder.tail.next == 2)
        try log.add(1)
        let bytes = log.segment
        let layout = try SegmentLayout(bytes.span)
        #expect(layout.count == 3)
    }

    @Test func `a segment is full when its entries and envelopes reach 4 MiB`() throws {
        var builder = SegmentBuilder(after: LogTail())
        let envelope = [UInt8](repeating: 1, count: 1 << 20)
        var count = 0
        while !builder.isFull && count < 10 {
            let entry = Entry(
                index: builder.tail.next, previous: builder.tail.leaf, recorded: .epoch, stream: "s", revision: 0,
                streamPrevious: nil, id: EventID(), type: "t", source: "s", occurred: .epoch)
            try builder.add(entry, envelope: envelope.span, link: StreamLink(previous: nil, jump: nil))
            count += 1
        }
        #expect(count == 4)
    }

    @Test func `an empty log is followed by entry 0 of no time and no predecessor`() {
        let tail = LogTail()
        #expect(tail.next == 0 && tail.leaf == .zero && tail.recorded == .epoch)
        #expect(tail.tree.root == MerkleHash.emptyRoot)
        #expect(SegmentBuilder(after: tail).isEmpty)
    }
}
