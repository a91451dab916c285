public import Digests
public import EventFormat
internal import Merkle

/// Puts entries one behind the other into a segment, carrying chain and tree along: the only code that makes leaves.
///
/// Appending and copying both go through it, so that what was recorded and what is restored cannot differ in form.
public struct SegmentBuilder: Sendable {
    /// Entries of at most this many bytes, envelopes included, make one segment; larger appends are split.
    public static let targetByteCount = 4 << 20

    public private(set) var first: EntryIndex
    public private(set) var count = 0
    /// The log's tail behind the last entry added.
    public private(set) var tail: LogTail

    private var entryEnds: [UInt32] = []
    private var envelopeEnds: [UInt32] = []
    private var links: [StreamLink] = []
    private var leaves: [Digest] = []
    private var nodes: [Digest] = []
    private var entries: [UInt8] = []
    private var envelopes: [UInt8] = []

    /// Begins a segment that follows `tail`.
    public init(after tail: LogTail) {
        self.tail = tail
        first = tail.next
    }

    /// Makes room for `entryCount` entries of usual size and `envelopeByteCount` bytes of envelopes, up to a segment's.
    public mutating func reserve(entryCount: Int, envelopeByteCount: Int) {
        let entryByteCount = min(entryCount * 320, SegmentBuilder.targetByteCount)
        entries.reserveCapacity(entryByteCount)
        envelopes.reserveCapacity(min(envelopeByteCount, SegmentBuilder.targetByteCount))
        let count = min(entryCount, SegmentBuilder.targetByteCount / 320)
        entryEnds.reserveCapacity(count)
        envelopeEnds.reserveCapacity(count)
        links.reserveCapacity(count)
        leaves.reserveCapacity(count)
        nodes.reserveCapacity(count / 8 + 8)
    }

    public var isEmpty: Bool { count == 0 }

    /// Whether the segment has reached its size and should be written.
    public var isFull: Bool { entries.count + envelopes.count >= SegmentBuilder.targetByteCount }

    /// Adds an entry, which must follow the tail (its index and `previous` say so), and its envelope, empty when it
    /// has no payload. Returns its leaf hash. O(size) and one tree node on average.
    @discardableResult
    public mutating func add(
        _ entry: Entry, envelope: Span<UInt8>, link: StreamLink
    ) throws(FormatError) -> Digest {
        precondition(entry.index == tail.next && entry.previous == tail.leaf, "an entry must follow the log's tail")
        let start = entries.count
        try entry.encode(into: &entries)
        return finish(from: start, recorded: entry.recorded, envelope: envelope, link: link)
    }

    /// Adds an entry as it was recorded elsewhere; `layout` is its decoding. The caller has checked that it follows
    /// the tail.
    @discardableResult
    public mutating func add(
        recorded bytes: Span<UInt8>, layout: EntryLayout, envelope: Span<UInt8>, link: StreamLink
    ) -> Digest {
        precondition(layout.index == tail.next, "an entry must follow the log's tail")
        let start = entries.count
        entries.append(collecting: bytes)
        return finish(from: start, recorded: layout.recorded, envelope: envelope, link: link)
    }

    private mutating func finish(
        from start: Int, recorded: Timestamp, envelope: Span<UInt8>, link: StreamLink
    ) -> Digest {
        let leaf = MerkleHash.leaf(entries.span.extracting(start..<entries.count))
        envelopes.append(collecting: envelope)
        entryEnds.append(UInt32(entries.count))
        envelopeEnds.append(UInt32(envelopes.count))
        links.append(link)
        leaves.append(leaf)
        tail.tree.append(leaf) { level, _, node in
            if level >= StoreLayout.nodeBaseLevel { nodes.append(node) }
        }
        tail.leaf = leaf
        tail.recorded = recorded
        count += 1
        return leaf
    }

    /// The segment's key: the index of its last entry.
    public var key: [UInt8] { [UInt8](bigEndian: first.rawValue + UInt64(count) - 1) }

    /// The bytes that ``write(into:)`` fills.
    public var byteCount: Int {
        SegmentLayout.headerByteCount + count * SegmentLayout.perEntryByteCount + nodes.count * Digest.byteCount
            + entries.count + envelopes.count
    }

    /// Appends the segment's bytes to `output`. O(size).
    public func write(into output: inout [UInt8]) {
        precondition(count > 0, "an empty segment is never written")
        output.reserveCapacity(output.count + byteCount)
        output.append(contentsOf: [1, 0, 0, 0])
        output.append(bigEndian: UInt32(count))
        output.append(bigEndian: first.rawValue)
        output.append(bigEndian: UInt32(entries.count))
        output.append(bigEndian: UInt32(envelopes.count))
        output.append(bigEndian: UInt32(nodes.count))
        output.append(bigEndian: UInt32(0))
        for end in entryEnds { output.append(bigEndian: end) }
        for end in envelopeEnds { output.append(bigEndian: end) }
        for link in links {
            output.append(bigEndian: StreamLink.number(link.previous))
            output.append(bigEndian: StreamLink.number(link.jump))
        }
        for leaf in leaves { leaf.append(to: &output) }
        for node in nodes { node.append(to: &output) }
        output.append(contentsOf: entries)
        output.append(contentsOf: envelopes)
    }

    /// Begins the next segment behind this one, keeping the buffers.
    public mutating func startNext() {
        first = tail.next
        count = 0
        entryEnds.removeAll(keepingCapacity: true)
        envelopeEnds.removeAll(keepingCapacity: true)
        links.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        nodes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        envelopes.removeAll(keepingCapacity: true)
    }
}

extension SegmentBuilder {
    /// The leaf hash of an entry that is in the segment; traps otherwise.
    public func leaf(at index: EntryIndex) -> Digest { leaves[Int(index.rawValue - first.rawValue)] }

    /// The links of an entry that is in the segment; traps otherwise.
    public func link(at index: EntryIndex) -> StreamLink { links[Int(index.rawValue - first.rawValue)] }
}
