/// A scan of one table in key order that goes on past damage.
///
/// The walk holds places in the file, not pointers or copies, and is given the file's bytes at each step.
struct Walk {
    /// One entry: where its key and its value lie in the file.
    struct Entry {
        let page: UInt64
        let key: Range<Int>
        let value: Range<Int>
        /// Whether the value is the record of a named table.
        let isTable: Bool
    }

    /// A branch page on the path to the present leaf.
    struct Branch {
        let page: TreePage
        var tally: NodeTally
        /// The index of the next child to go to, and that of the first one not to go to.
        var index: Int
        var end: Int
        /// The node keys that the parent pages give as the range of this page's keys; nil where they give none.
        let lower: Range<Int>?
        let upper: Range<Int>?
        /// The greatest node key so far that was in order.
        var separator: Range<Int>?
    }

    /// The present leaf page; outside one, a page without nodes.
    struct Leaf {
        let page: TreePage
        var tally: NodeTally
        var index: Int
        let lower: Range<Int>?
        let upper: Range<Int>?
        /// An entry that is in order with those before it, held back until the one after it is known.
        var candidate: Node?
        /// Whether all nodes were found sound in one pass.
        var isSound = false

        static var none: Leaf {
            Leaf(page: .none, tally: NodeTally(), index: 0, lower: nil, upper: nil, candidate: nil)
        }
    }

    /// Where the pages of the table may lie.
    let layout: PageLayout
    let record: TableRecord
    let recordPage: UInt64
    /// Whether entries may be records of tables: only in the main table.
    let holdsTables: Bool

    /// The key to begin at; nil once it has been reached.
    var from: [UInt8]?
    /// The last key that was in order.
    var lastKey: Range<Int>?
    var branches: [Branch] = []
    var leaf = Leaf.none
    var isInLeaf = false
    /// The nodes of the present leaf when all of them are sound, and the next of them.
    var soundNodes: [Node] = []
    var soundIndex = 0
    /// Whether leaves are first read in one pass; it changes nothing but the time.
    var readsSoundLeaves = true
    var visited: PageSet
    var found = TreeCounts()

    init(record: TableRecord, recordPage: UInt64, layout: PageLayout, holdsTables: Bool) {
        self.record = record
        self.recordPage = recordPage
        self.layout = layout
        self.holdsTables = holdsTables
        visited = PageSet(pageCount: layout.pageCount)
    }

    /// Goes to the root; to be called once, first.
    mutating func begin(in file: Span<UInt8>, report: (Damage) -> Void) {
        guard record.root != TableRecord.noRoot else { return }
        do throws(Flaw) {
            try enter(record.root, namedBy: recordPage, within: (nil, nil), in: file, report)
        } catch {
            tell(error, upper: nil, in: file, report)
        }
    }

    /// The next entry in key order, or nil after the last one.
    mutating func next(in file: Span<UInt8>, report: (Damage) -> Void) -> Entry? {
        while true {
            if isInLeaf {
                let entry = leaf.isSound ? nextSound(in: file, report) : nextInLeaf(in: file, report)
                if let entry { return entry }
                isInLeaf = false
                leaf = .none
            }
            if branches.isEmpty { return nil }
            if !enterNextChild(in: file, report) { branches.removeLast() }
        }
    }

    /// Checks the header of a page and makes it the present one.
    mutating func enter(
        _ number: UInt64, namedBy parent: UInt64, within range: (lower: Range<Int>?, upper: Range<Int>?),
        in file: Span<UInt8>, _ report: (Damage) -> Void
    ) throws(Flaw) {
        // Invariant 14
        guard branches.count < Search.maximumDepth else {
            throw Flaw(.tooDeep, page: parent, "the tree is deeper than \(Search.maximumDepth) pages")
        }
        _ = try layout.start(of: number, namedBy: parent)
        // Invariant 13: also what bounds the work by the number of pages.
        guard visited.insert(number) else {
            throw Flaw(.visitedTwice, page: number, "page \(parent) names this page, which was visited before")
        }
        let page = try TreePage(number: number, namedBy: parent, in: file, layout)
        if page.isLeaf {
            beginLeaf(page, within: range, in: file, report)
        } else {
            beginBranch(page, within: range, in: file, report)
        }
    }

    /// Reports a flaw together with the keys around it.
    @inline(never)
    func tell(
        _ flaw: Flaw, key: Range<Int>? = nil, upper: Range<Int>?, in file: Span<UInt8>, _ report: (Damage) -> Void
    ) {
        func copy(_ place: Range<Int>?) -> [UInt8]? {
            guard let place else { return nil }
            return file.extracting(place).copied
        }
        report(Damage(flaw, key: copy(key), lastKey: copy(lastKey), upperKey: copy(upper)))
    }
}

/// How many entries and pages a walk met.
struct TreeCounts {
    var entries: UInt64 = 0
    var branchPages: UInt64 = 0
    var leafPages: UInt64 = 0
    var overflowPages: UInt64 = 0
    /// The depth of the first leaf; 0 when no leaf was met.
    var depth = 0
}

/// What the nodes of one page took and how much was reported about them.
struct NodeTally {
    /// At most so many reports about nodes of one page; then one more says how many were left out.
    static let maximumReports = 16

    /// The bytes of the nodes read so far.
    var bytes = 0
    var reports = 0
    /// Whether every node so far could be measured, beginning with the first.
    var isComplete = true
    /// In a branch: whether its keys ascend.
    var isAscending = true

    /// Whether the nodes overlap so much that the rest of the page is not worth reading. One node of a wrong size can
    /// at most double the sum, so it never hides others.
    func isTooMuch(_ layout: PageLayout) -> Bool { bytes > 2 * layout.pageSize }
}
