internal import Digests
internal import EventFormat
internal import LMDBFile
internal import Merkle
internal import StoreFormat

/// What the check of a chunk of entries leaves to be put together with that of others.
struct ChunkResult: Sendable {
    /// Entries minus rows of the index of ids, once the rows are subtracted.
    var ids = MultisetSum()
    /// Entries minus what their successors and the index of streams name, once the latter are subtracted.
    var streams = MultisetSum()
    /// The chunk's part of the tree; nil when an entry's leaf hash cannot be read.
    var tree: CompactRange? = CompactRange()
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

/// Checks the entries of one chunk: everything that can be told from them, the entry before, and what they point to.
struct ChunkCheck {
    /// Entries of a chunk; a power of two, so that a chunk is a node of the tree. One chunk is read in one view (about
    /// 10 ms).
    static let entryCount: UInt64 = 4096
    /// The level of a chunk's node.
    static let level = 12

    private let view: LedgerView
    private let range: Range<UInt64>
    private let key: SumKey
    private let findings: FindingList
    private let knownSizes: Set<UInt64>
    private(set) var result = ChunkResult()

    /// The next index that is expected.
    private var expected: UInt64
    /// The stored leaf hash and the time of the entry before; nil when it cannot be read.
    private var previousLeaf: Digest?
    private var previousRecorded: Timestamp?
    /// Where runs of missing entries begin.
    private var gaps: [UInt64] = []

    init(_ range: Range<UInt64>, in view: LedgerView, key: SumKey, findings: FindingList, knownSizes: Set<UInt64>) {
        self.view = view
        self.knownSizes = knownSizes
        self.range = range
        self.key = key
        self.findings = findings
        expected = range.lowerBound
        if range.lowerBound > 0 {
            let before = range.lowerBound - 1
            previousLeaf = view.leaf(before)
            previousRecorded = view.entry(before) { layout, _ in layout.recorded }
        } else {
            previousLeaf = .zero
        }
    }

    /// Checks the chunk.
    mutating func run() {
        var damages: [(damage: Damage, place: UInt64)] = []
        var place = expected
        // The first chunk's scan has no beginning: it also meets keys that would lie before that of index 0.
        let start = range.lowerBound > 0 ? [UInt8](bigEndian: range.lowerBound) : nil
        view.segments?.forEach(from: start, onDamage: { damages.append(($0, place)) }) { rowKey, value in
            let goesOn = take(rowKey, value)
            place = expected
            return goesOn
        }
        skip(to: range.upperBound)
        for (damage, place) in damages {
            findings.add(damage, at: gaps.first { $0 >= place }.map { EntryIndex($0) })
        }
    }

    /// Reports the entries from the expected one up to `index` as missing.
    private mutating func skip(to index: UInt64) {
        guard expected < index else { return }
        gaps.append(expected)
        let shown = min(index - expected, UInt64(VerificationReport.maximumFindingCount))
        for missing in expected..<expected + shown {
            findings.add(.missing, at: EntryIndex(missing), "it is not stored, or its segment is damaged")
        }
        result.tree = nil
        previousLeaf = nil
        previousRecorded = nil
        expected = index
    }

    /// Checks the entries of a segment; false when the chunk is done.
    private mutating func take(_ rowKey: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
        let segment: SegmentLayout
        do throws(StoreError) {
            segment = try SegmentLayout(value)
        } catch {
            findings.add(.storage, at: EntryIndex(expected), "the segment that should hold it is damaged: \(error)")
            return true
        }
        let first = segment.first.rawValue
        if rowKey.count != 8 || rowKey.bigEndian(at: 0) != segment.last.rawValue {
            findings.add(.misplaced(segment, at: EntryIndex(min(first, expected))))
            return true
        }
        if expected > range.lowerBound, first < expected {
            findings.add(
                .duplicate, at: EntryIndex(first),
                "entries \(first) to \(min(expected - 1, segment.last.rawValue)) are stored twice")
        } else if expected == range.lowerBound, first > 0, first <= expected {
            checkBefore(first)
        }
        guard segment.last.rawValue >= expected else { return true }
        if first > expected { skip(to: min(first, range.upperBound)) }
        guard expected < range.upperBound else { return false }
        checkEntries(of: segment, value)
        return expected < range.upperBound
    }

    /// The first segment of a chunk must begin where the segment before it ends.
    private func checkBefore(_ first: UInt64) {
        let ends = view.segment(holding: first - 1) { segment, _, _ in segment.last.rawValue }
        if let ends, ends != first - 1 {
            findings.add(.duplicate, at: EntryIndex(first), "entries \(first) to \(ends) are stored twice")
        }
    }

    private mutating func checkEntries(of segment: SegmentLayout, _ bytes: Span<UInt8>) {
        var nodes = NodeReader(segment, from: expected, in: bytes)
        if nodes.isShort {
            findings.add(
                .tree, at: segment.last, "its segment does not have the nodes of the tree that its entries complete")
        }
        while expected <= segment.last.rawValue, expected < range.upperBound {
            let position = Int(expected - segment.first.rawValue)
            let leaf = segment.leaf(position, in: bytes)
            check(position, of: segment, leaf: leaf, bytes)
            appendToTree(leaf, &nodes, bytes)
            previousLeaf = leaf
            expected += 1
            if knownSizes.contains(expected) { result.partialTrees[expected] = result.tree }
        }
    }

    /// Adds the stored leaf to the tree and compares the nodes that it completes with the stored ones (S4).
    ///
    /// The tree is over the stored leaf hashes: one that is not its entry's has a finding of its own, and need not
    /// have one for each node above.
    private mutating func appendToTree(_ leaf: Digest, _ nodes: inout NodeReader, _ bytes: Span<UInt8>) {
        let first = range.lowerBound
        var reader = nodes
        result.tree?.append(leaf) { level, index, node in
            guard level >= StoreLayout.nodeBaseLevel, let stored = reader.next(bytes) else { return }
            if stored != node {
                let start = first + index << UInt64(level)
                findings.add(
                    .tree, at: EntryIndex(expected),
                    "the stored node of the tree over entries \(start) to \(start + (1 << UInt64(level)) - 1) is not the hash of its children"
                )
            }
        }
        nodes = reader
        let completed = (expected + 1).trailingZeroBitCount
        guard completed > ChunkCheck.level, result.tree != nil else { return }
        for level in (ChunkCheck.level + 1)...completed {
            guard let hash = nodes.next(bytes) else { return }
            result.upperNodes.append(.init(level: level, index: expected >> UInt64(level), hash: hash))
        }
    }
}

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

// MARK: - One entry

extension ChunkCheck {
    private mutating func check(_ position: Int, of segment: SegmentLayout, leaf: Digest, _ bytes: Span<UInt8>) {
        let index = EntryIndex(expected)
        let range: Range<Int>
        do throws(StoreError) {
            range = try segment.entry(position, in: bytes)
        } catch {
            findings.add(.storage, at: index, "its place in the segment is damaged: \(error)")
            previousRecorded = nil
            return
        }
        let entry = bytes.extracting(range)
        let layout: EntryLayout
        do throws(FormatError) {
            layout = try EntryLayout(entry)
        } catch {
            findings.add(.encoding, at: index, "its bytes are not an entry: \(error)")
            previousRecorded = nil
            return
        }
        if MerkleHash.leaf(entry) != leaf {
            findings.add(
                .leaf, at: index,
                "its bytes do not have the leaf hash that is stored for it: one of the two was altered")
        }
        checkPlace(layout, entry, index)
        checkPayload(layout, entry, position, segment, bytes, index)
        sum(layout, entry, segment.link(position, in: bytes), leaf: leaf, index)
    }

    private mutating func checkPlace(_ layout: EntryLayout, _ entry: Span<UInt8>, _ index: EntryIndex) {
        if layout.index != index {
            findings.add(.index, at: index, "entry \(layout.index) is stored in its place")
        }
        if let previousLeaf, layout.previous(in: entry) != previousLeaf {
            let before = index.rawValue == 0 ? "zero" : "the leaf hash of entry \(index.rawValue - 1)"
            findings.add(
                .chain, at: index,
                "it does not name \(before): it or the entry before it was altered, moved or replaced")
        }
        if let previousRecorded, layout.recorded < previousRecorded {
            findings.add(
                .time, at: index,
                "it was recorded at \(layout.recorded), before the entry before it (\(previousRecorded))")
        }
        previousRecorded = layout.recorded
        if index == 0 {
            do throws(FormatError) {
                _ = try Genesis(Entry(layout, in: entry))
            } catch {
                findings.add(.genesis, at: index, "\(error)")
            }
        }
    }

    private func checkPayload(
        _ layout: EntryLayout, _ entry: Span<UInt8>, _ position: Int, _ segment: SegmentLayout, _ bytes: Span<UInt8>,
        _ index: EntryIndex
    ) {
        let range: Range<Int>
        do throws(StoreError) {
            range = try segment.envelope(position, in: bytes)
        } catch {
            findings.add(.payload, at: index, "the place of its payload is damaged: \(error)")
            return
        }
        guard let payload = layout.payload, let digest = layout.payloadDigest(in: entry) else {
            if !range.isEmpty {
                findings.add(.payload, at: index, "a payload is stored for it although it states none")
            }
            return
        }
        guard UInt64(range.count) == payload.size else {
            findings.add(.payload, at: index, "its payload has \(range.count) bytes; the entry states \(payload.size)")
            return
        }
        if Envelope.digest(bytes.extracting(range)) != digest {
            findings.add(
                .payload, at: index,
                "its payload does not have the digest that the entry states: the payload was altered")
        } else if payload.form == .clear, range.count < Envelope.saltByteCount {
            findings.add(.payload, at: index, "its payload's envelope is too short to have its salt")
        }
    }

    /// Adds what the entry says to the sums, and checks its jump.
    private mutating func sum(
        _ layout: EntryLayout, _ entry: Span<UInt8>, _ link: StreamLink, leaf: Digest, _ index: EntryIndex
    ) {
        result.ids.add(key.hash(id: layout.id(in: entry), index: index.rawValue))
        let stream = key.hash(stream: entry.extracting(layout.stream.start..<layout.stream.end))
        let revision = layout.revision.rawValue
        result.streams.add(key.hash(stream: stream, revision: revision, leaf: leaf, index: index.rawValue))
        if let before = layout.streamPrevious(in: entry), revision > 0 {
            let place = link.previous?.rawValue ?? .max
            result.streams.subtract(key.hash(stream: stream, revision: revision - 1, leaf: before, index: place))
        }
        checkJump(layout, entry, link, index)
    }

    private func checkJump(_ layout: EntryLayout, _ entry: Span<UInt8>, _ link: StreamLink, _ index: EntryIndex) {
        guard let target = StreamJump.target(of: layout.revision) else {
            if link != StreamLink(previous: nil, jump: nil) {
                findings.add(.link, at: index, "the first entry of a stream has links")
            }
            return
        }
        if target.rawValue + 1 == layout.revision.rawValue, link.jump == link.previous { return }
        guard let jump = link.jump, jump < index else {
            findings.add(.link, at: index, "its jump does not lead to an earlier entry")
            return
        }
        let name = entry.extracting(layout.stream.start..<layout.stream.end)
        let leads = view.entry(jump.rawValue) { other, bytes in
            other.revision == target && bytes.extracting(other.stream.start..<other.stream.end).isSame(as: name)
        }
        if leads != true {
            findings.add(
                .link, at: index, "its jump leads to entry \(jump), which is not revision \(target) of its stream")
        }
    }
}
