internal import Digests
internal import EventFormat
internal import Keyring
internal import LMDBFile
internal import Merkle
internal import StoreFormat

/// Checks the entries of one chunk: everything that can be told from them, the entry before, and what they point to.
struct ChunkCheck {
    /// Entries of a chunk; a power of two, so that a chunk is a node of the tree. One chunk is read in one view (about
    /// 10 ms).
    static var entryCount: UInt64 { 4096 }
    /// The level of a chunk's node.
    static var level: Int { 12 }

    let view: LedgerView
    let range: Range<UInt64>
    /// How many entries the index tables cover: only those go into the products.
    let indexed: UInt64
    let key: ProductKey
    let findings: FindingList
    let contents: ContentCheck
    let jumps: JumpTable
    /// Sizes whose roots the caller knows, and the next of them.
    private let knownSizes: Set<UInt64>
    private var nextKnownSize: UInt64?
    var result = ChunkResult()
    let rule: SignatureRule
    /// Checks the signatures, where the rule has keys for it.
    var sweep: SignatureSweep?
    let isSwept: Bool

    /// The next index that is expected.
    private(set) var expected: UInt64
    /// The leaf hash and the time of the entry before; nil when it cannot be read.
    var previousLeaf: Digest?
    var previousRecorded: Timestamp?
    /// The hashes of stream and revision of the chunk's entries; `unread` until an entry has been read.
    var places: [UInt128]
    /// Greater than every residue.
    static var unread: UInt128 { .max }
    /// The chunk's part of the tree, as long as no entry is missing.
    private var tree = ChunkTree()
    private var isWhole = true
    /// Where runs of missing entries begin.
    private var gaps: [UInt64] = []

    init(
        _ range: Range<UInt64>, in view: LedgerView, indexed: UInt64, key: ProductKey, jumps: JumpTable,
        findings: FindingList, contents: ContentCheck, knownSizes: Set<UInt64>, rule: SignatureRule
    ) {
        self.contents = contents
        self.view = view
        self.indexed = indexed
        self.knownSizes = knownSizes
        nextKnownSize = knownSizes.filter { $0 > range.lowerBound }.min()
        self.range = range
        self.key = key
        self.findings = findings
        self.jumps = jumps
        self.rule = rule
        if case .keys(let history) = rule {
            sweep = SignatureSweep(history, from: EntryIndex(range.lowerBound))
            isSwept = true
        } else {
            isSwept = false
        }
        expected = range.lowerBound
        places = Array(repeating: ChunkCheck.unread, count: range.count)
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
        if isWhole { result.tree = tree.range }
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
        if isSwept { for _ in expected..<index { sweep?.addUnreadable() } }
        isWhole = false
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
        result.version = max(result.version, segment.version)
        let end = min(segment.last.rawValue + 1, range.upperBound)
        while expected < end {
            let position = Int(expected - segment.first.rawValue)
            let leaf = check(position, of: segment, bytes)
            if let leaf, isWhole { appendToTree(leaf, &nodes, bytes) } else { isWhole = false }
            previousLeaf = leaf
            expected += 1
            if expected == nextKnownSize { keepPartialTree() }
        }
    }

    private mutating func keepPartialTree() {
        if isWhole { result.partialTrees[expected] = tree.range }
        nextKnownSize = knownSizes.filter { $0 > expected }.min()
    }

    /// Adds a leaf hash to the tree and compares the nodes that it completes with the stored ones (S4).
    ///
    /// The tree is over the recorded leaf hashes: one that is not its entry's has a finding of its own, and need not
    /// have one for each node above.
    private mutating func appendToTree(_ leaf: Digest, _ nodes: inout NodeReader, _ bytes: Span<UInt8>) {
        let (first, index) = (range.lowerBound, EntryIndex(expected))
        tree.append(leaf, from: StoreLayout.nodeBaseLevel) { level, number, node in
            guard let stored = nodes.next(bytes), stored != node else { return }
            let start = first + number << UInt64(level)
            findings.add(
                .tree, at: index,
                "the stored node of the tree over entries \(start) to \(start + (1 << UInt64(level)) - 1) is not the hash of its children"
            )
        }
        let completed = (expected + 1).trailingZeroBitCount
        guard completed > ChunkCheck.level else { return }
        for level in (ChunkCheck.level + 1)...completed {
            guard let hash = nodes.next(bytes) else { return }
            result.upperNodes.append(.init(level: level, index: expected >> UInt64(level), hash: hash))
        }
    }
}
