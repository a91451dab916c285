/// A branch or leaf page whose header has been checked.
struct TreePage {
    let number: UInt64
    /// Where the page begins in the file.
    let start: Int
    let isLeaf: Bool
    let nodeCount: Int
    /// The offset in the page at which the nodes begin.
    let upper: Int

    /// A page without nodes, which cannot be in a file.
    static var none: TreePage { TreePage() }

    private init() { (number, start, isLeaf, nodeCount, upper) = (0, 0, true, 0, 0) }

    /// Checks the header of page `number` (invariants 4 to 7).
    init(number: UInt64, namedBy parent: UInt64, in file: Span<UInt8>, _ layout: PageLayout) throws(Flaw) {
        let start = try layout.start(of: number, namedBy: parent)
        try layout.checkNumber(number, at: start, in: file)
        let flags = file.u16(at: start + 10)
        guard flags == PageFlags.leaf || flags == PageFlags.branch else {
            throw Flaw(
                .wrongFlags, page: number,
                "the flags are 0x\(String(flags, radix: 16)), but a page of a tree has 0x1 (branch) or 0x2 (leaf)")
        }
        let lower = Int(file.u16(at: start + 12))
        let upper = Int(file.u16(at: start + 14))
        guard lower > PageLayout.headerSize, lower <= upper, upper <= layout.pageSize, (lower | upper) & 1 == 0 else {
            throw Flaw(
                .badBounds, page: number,
                "lower is \(lower) and upper \(upper) in a page of \(layout.pageSize) bytes with a header of 16")
        }
        self.number = number
        self.start = start
        self.upper = upper
        isLeaf = flags == PageFlags.leaf
        nodeCount = (lower - PageLayout.headerSize) / 2
    }
}

/// One node of a tree page, lying whole inside it: a key, and a value or a child page.
struct Node {
    static var headerSize: Int { 8 }

    enum Flags {
        static let bigData: UInt16 = 0x01
        static let subData: UInt16 = 0x02
        static let dupData: UInt16 = 0x04
    }

    /// Where the key lies in the file.
    let key: Range<Int>
    /// Where the value, or the page number that stands for it, lies in the file; empty in a branch.
    let payload: Range<Int>
    /// The flags of a leaf's node; zero in a branch.
    let flags: UInt16
    /// The size of the value in bytes, wherever it lies.
    let valueSize: Int
    /// The child page of a branch's node; zero in a leaf.
    let child: UInt64

    /// The bytes the node takes in its page, made even.
    var footprint: Int { (Node.headerSize + key.count + payload.count + 1) & ~1 }
}

extension TreePage {
    /// Reads node `index` and checks that it lies in the page (invariant 8).
    ///
    /// `index` must be less than `nodeCount`.
    func node(_ index: Int, in file: Span<UInt8>, _ layout: PageLayout) throws(Flaw) -> Node {
        precondition(index >= 0 && index < nodeCount, "a node's index is less than the page's number of nodes")
        let offset = Int(file.u16(at: start + PageLayout.headerSize + 2 * index))
        guard offset >= upper, offset <= layout.pageSize - Node.headerSize, offset & 1 == 0 else {
            throw bad(index, "begins at \(offset), but nodes lie at even places from \(upper)")
        }
        let place = start + offset
        let header = file.u64(at: place)
        let size = Int(header & 0xFFFF_FFFF)
        let flags = UInt16(truncatingIfNeeded: header >> 32)
        let keyCount = Int(header >> 48)
        let room = layout.pageSize - offset - Node.headerSize - keyCount
        guard room >= 0 else { throw bad(index, "has a key of \(keyCount) bytes, which leaves the page") }
        let key = place + Node.headerSize..<place + Node.headerSize + keyCount
        guard isLeaf else {
            return Node(
                key: key, payload: key.upperBound..<key.upperBound, flags: 0, valueSize: 0,
                child: header & 0xFFFF_FFFF_FFFF)
        }
        guard keyCount > 0 else { throw bad(index, "has an empty key") }
        try checkFlags(flags, valueSize: size, index)
        let payloadCount = flags == Node.Flags.bigData ? 8 : size
        guard payloadCount <= room else { throw bad(index, "has a value of \(size) bytes, which leaves the page") }
        return Node(
            key: key, payload: key.upperBound..<key.upperBound + payloadCount, flags: flags, valueSize: size, child: 0)
    }

    /// A leaf's node holds a plain value, a value in overflow pages or the record of a named table, nothing else.
    private func checkFlags(_ flags: UInt16, valueSize: Int, _ index: Int) throws(Flaw) {
        switch flags {
        case 0, Node.Flags.bigData: return
        case Node.Flags.subData:
            guard valueSize == TableRecord.byteCount else {
                throw bad(index, "is the record of a table but has \(valueSize) bytes, not 48")
            }
        case _ where flags & Node.Flags.dupData != 0 && flags & ~6 == 0:
            throw Flaw(.unsupported, page: number, "node \(index) holds sorted duplicates, which this reader refuses")
        default: throw bad(index, "has the flags 0x\(String(flags, radix: 16))")
        }
    }

    private func bad(_ index: Int, _ reason: String) -> Flaw {
        Flaw(.badNode, page: number, "node \(index) of \(nodeCount) \(reason)")
    }
}

extension TreePage {
    /// In a leaf: the index of the first node whose key is not less than `wanted`, or `nodeCount`; O(log n)
    /// comparisons.
    func firstIndex(
        atOrAfter wanted: Span<UInt8>, in file: Span<UInt8>, _ layout: PageLayout
    ) throws(Flaw) -> (index: Int, isEqual: Bool) {
        var (low, high, isEqual) = (0, nodeCount, false)
        while low < high {
            let middle = (low + high) / 2
            let order = file.extracting(try node(middle, in: file, layout).key).compared(to: wanted)
            if order < 0 { low = middle + 1 } else { (high, isEqual) = (middle, order == 0) }
        }
        return (low, isEqual)
    }

    /// In a branch: the index of the child in which `wanted` belongs. The first node's key is never looked at: it
    /// stands for everything less than the second.
    func childIndex(
        for wanted: Span<UInt8>, in file: Span<UInt8>, _ layout: PageLayout
    ) throws(Flaw) -> Int {
        var (low, high) = (1, nodeCount)
        while low < high {
            let middle = (low + high) / 2
            let order = file.extracting(try node(middle, in: file, layout).key).compared(to: wanted)
            if order <= 0 { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}
