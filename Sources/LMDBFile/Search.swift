/// A walk from the root of one table to one entry.
struct Search {
    /// An entry, and the leaf page it lies in.
    struct Found {
        let page: UInt64
        let node: Node
        /// Whether the key is the one searched for.
        let isEqual: Bool
    }

    /// The greatest depth of a tree that LMDB itself can walk (mdb.c `CURSOR_STACK`).
    static let maximumDepth = 32

    let record: TableRecord
    /// The page that names the root: a page of the main table or a meta page.
    let mainPage: UInt64
    let layout: PageLayout

    /// The entry with the smallest key not less than `wanted`.
    func entry(atOrAfter wanted: Span<UInt8>, in file: Span<UInt8>) throws(Flaw) -> Found? {
        guard var (page, level) = try root(in: file) else { return nil }
        // The node after the path, nearest to the leaf: where the keys greater than those of the path's leaf begin.
        var next: (page: TreePage, index: Int, level: Int)?
        while !page.isLeaf {
            let index = try page.childIndex(for: wanted, in: file, layout)
            if index + 1 < page.nodeCount { next = (page, index + 1, level) }
            (page, level) = try child(index, of: page, level, in: file)
        }
        let (index, isEqual) = try page.firstIndex(atOrAfter: wanted, in: file, layout)
        if index < page.nodeCount {
            return Found(page: page.number, node: try page.node(index, in: file, layout), isEqual: isEqual)
        }
        guard let next else { return nil }
        (page, level) = try child(next.index, of: next.page, next.level, in: file)
        let found = try edge(last: false, from: page, level, in: file)
        // Invariant 11: a child's keys are not less than its node's key, which was greater than the one wanted.
        guard file.extracting(found.node.key).compared(to: wanted) > 0 else {
            throw Flaw(.keyOrder, page: found.page, "the first key is less than the keys of the page before")
        }
        return found
    }

    /// The first or last entry.
    func edge(last: Bool, in file: Span<UInt8>) throws(Flaw) -> Found? {
        guard let (page, level) = try root(in: file) else { return nil }
        return try edge(last: last, from: page, level, in: file)
    }

    /// Where the value of an entry lies in the file.
    func value(of found: Found, in file: Span<UInt8>) throws(Flaw) -> Range<Int> {
        switch found.node.flags {
        case 0: return found.node.payload
        case Node.Flags.bigData: return try OverflowRun(of: found.node, in: found.page, file: file, layout).value
        default:
            throw Flaw(.unsupported, page: found.page, "an entry is itself a table; only the main table holds tables")
        }
    }

    private func root(in file: Span<UInt8>) throws(Flaw) -> (page: TreePage, level: Int)? {
        guard record.root != TableRecord.noRoot else { return nil }
        return (try TreePage(number: record.root, namedBy: mainPage, in: file, layout), 1)
    }

    private func child(
        _ index: Int, of page: TreePage, _ level: Int, in file: Span<UInt8>
    ) throws(Flaw) -> (page: TreePage, level: Int) {
        // Invariant 14: also what ends a walk in a circle.
        guard level < Search.maximumDepth else {
            throw Flaw(.tooDeep, page: page.number, "the tree is deeper than \(Search.maximumDepth) pages")
        }
        let number = try page.node(index, in: file, layout).child
        return (try TreePage(number: number, namedBy: page.number, in: file, layout), level + 1)
    }

    private func edge(
        last: Bool, from start: TreePage, _ startLevel: Int, in file: Span<UInt8>
    ) throws(Flaw) -> Found {
        var (page, level) = (start, startLevel)
        while !page.isLeaf {
            (page, level) = try child(last ? page.nodeCount - 1 : 0, of: page, level, in: file)
        }
        let node = try page.node(last ? page.nodeCount - 1 : 0, in: file, layout)
        return Found(page: page.number, node: node, isEqual: false)
    }
}
