public import Digests
public import EventFormat
internal import Merkle

/// Puts entries one behind the other into a segment, carrying chain and tree along: the only code that makes leaves.
///
/// Appending and copying both go through it, so that what was recorded and what is restored cannot differ in form.
public struct SegmentBuilder: Sendable {
    /// Entries of at most this many bytes, envelopes included, make one segment; larger appends are split.
    public static let targetByteCount = 4 << 20

    /// The index of the segment's first entry.
    public let first: EntryIndex
    public private(set) var count = 0
    /// The log's tail behind the last entry added.
    public private(set) var tail: LogTail

    private var entryEnds: [UInt32] = []
    private var envelopeEnds: [UInt32] = []
    private var links: [StreamLink] = []
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
        nodes.reserveCapacity(count / 8 + 8)
    }

    public var isEmpty: Bool { count == 0 }

    /// Whether the segment has reached its size and should be written.
    public var isFull: Bool { entries.count + envelopes.count >= SegmentBuilder.targetByteCount }

    /// Adds the entry that an event makes at the tail and at `place` of its stream, and its envelope, empty when it has
    /// no payload. `fields` are the event's and lie in `bytes`; `signature` is that of an append whose last entry this
    /// is. Returns its leaf hash. O(size) and one tree node on average. Throws when the entry would be too large;
    /// nothing is added then.
    public mutating func add(
        _ fields: EncodedFields, in bytes: Span<UInt8>, to stream: StreamName, at place: StreamPlace,
        recorded: Timestamp, signature: AppendSignature? = nil, envelope: Span<UInt8>
    ) throws(FormatError) -> Digest {
        let position = EntryPosition(
            index: tail.next, previous: tail.leaf, recorded: recorded, revision: place.revision,
            streamPrevious: place.previousLeaf)
        let start = entries.count
        try position.encode(fields, in: bytes, stream: stream, signature: signature, into: &entries)
        return finish(from: start, recorded: recorded, envelope: envelope, link: place.link)
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

    /// Writes the segment's bytes, ``byteCount`` of them, into `output`. O(size).
    public func write(into output: inout OutputSpan<UInt8>) {
        precondition(count > 0, "an empty segment is never written")
        output.append(bigEndian: UInt32(SegmentLayout.version) << 24)
        output.append(bigEndian: UInt32(count))
        output.append(bigEndian: first.rawValue)
        output.append(bigEndian: UInt32(entries.count))
        output.append(bigEndian: UInt32(envelopes.count))
        output.append(bigEndian: UInt32(nodes.count))
        output.append(bigEndian: UInt32(0))
        output.append(tail.leaf)
        for end in entryEnds { output.append(bigEndian: end) }
        for end in envelopeEnds { output.append(bigEndian: end) }
        for link in links {
            output.append(bigEndian: StreamLink.number(link.previous))
            output.append(bigEndian: StreamLink.number(link.jump))
        }
        for node in nodes { output.append(node) }
        output.append(collecting: entries.span)
        output.append(collecting: envelopes.span)
    }

    /// The segment's bytes.
    public var bytes: [UInt8] {
        [UInt8](capacity: byteCount) { write(into: &$0) }
    }
}
