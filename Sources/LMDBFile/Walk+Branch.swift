extension Walk {
    /// Makes `page` the present branch, after measuring its nodes: at the child where
    /// `from` belongs, or at the first one when the keys cannot be trusted to lead there.
    mutating func beginBranch(
        _ page: TreePage, within range: (lower: Range<Int>?, upper: Range<Int>?), in file: Span<UInt8>,
        _ report: (Damage) -> Void
    ) {
        found.branchPages += 1
        var branch = Branch(
            page: page, tally: NodeTally(), index: 0, end: page.nodeCount, lower: range.lower, upper: range.upper,
            separator: nil)
        measure(&branch, in: file)
        // Invariant 9
        if branch.tally.isComplete, branch.tally.bytes != layout.pageSize - page.upper {
            tell(badSizes(page, branch.tally), upper: range.upper, in: file, report)
        }
        if let from, branch.tally.isComplete, branch.tally.isAscending {
            branch.index = (try? page.childIndex(for: from.span, in: file, layout)) ?? 0
        }
        branches.append(branch)
    }

    private func measure(_ branch: inout Branch, in file: Span<UInt8>) {
        var last: Range<Int>?
        for index in 0..<branch.page.nodeCount {
            guard let node = try? branch.page.node(index, in: file, layout) else {
                branch.tally.isComplete = false
                continue
            }
            if let last, file.extracting(last).compared(to: file.extracting(node.key)) >= 0 {
                branch.tally.isAscending = false
            }
            if index > 0 { last = node.key }
            branch.tally.bytes += node.footprint
            if branch.tally.isTooMuch(layout) {
                branch.end = index
                return
            }
        }
    }

    func badSizes(_ page: TreePage, _ tally: NodeTally) -> Flaw {
        Flaw(
            .badSizes, page: page.number,
            "the nodes take \(tally.bytes) bytes, but \(layout.pageSize - page.upper) lie after `upper`")
    }

    /// Goes to the next child of the innermost branch; false when there is none left.
    mutating func enterNextChild(in file: Span<UInt8>, _ report: (Damage) -> Void) -> Bool {
        let top = branches.count - 1
        let (page, index) = (branches[top].page, branches[top].index)
        guard index < branches[top].end else {
            finishBranch(in: file, report)
            return false
        }
        branches[top].index = index + 1
        do throws(Flaw) {
            let node = try page.node(index, in: file, layout)
            if index > 0 { noteSeparator(node, index, in: file, report) }
            let range = (branches[top].separator ?? branches[top].lower, upperKey(after: index, in: file))
            try enter(node.child, namedBy: page.number, within: range, in: file, report)
        } catch {
            tellChild(error, nil, upper: upperKey(after: index, in: file), in: file, report)
        }
        return true
    }

    /// Takes the key of node `index` of the innermost branch for the lower bound of what follows, if it is in order.
    private mutating func noteSeparator(_ node: Node, _ index: Int, in file: Span<UInt8>, _ report: (Damage) -> Void) {
        let top = branches.count - 1
        guard !isSeparator(node.key, branches[top], in: file) else {
            branches[top].separator = node.key
            return
        }
        let flaw = Flaw(
            .keyOrder, page: branches[top].page.number,
            "the key of node \(index), for page \(node.child), is out of order or outside the page's range")
        tellChild(flaw, node.key, upper: branches[top].upper, in: file, report)
    }

    /// The key that all keys of child `index` of the innermost branch are less than: the next node's, if that is in
    /// order.
    private func upperKey(after index: Int, in file: Span<UInt8>) -> Range<Int>? {
        let branch = branches[branches.count - 1]
        guard index + 1 < branch.page.nodeCount, let next = try? branch.page.node(index + 1, in: file, layout),
            isSeparator(next.key, branch, in: file)
        else { return branch.upper }
        return next.key
    }

    /// Whether a node's key is greater than those before it and in the page's range (invariants 10 and 11).
    private func isSeparator(_ key: Range<Int>, _ branch: Branch, in file: Span<UInt8>) -> Bool {
        let key = file.extracting(key)
        if let last = branch.separator, key.compared(to: file.extracting(last)) <= 0 { return false }
        if let lower = branch.lower, key.compared(to: file.extracting(lower)) < 0 { return false }
        if let upper = branch.upper, key.compared(to: file.extracting(upper)) >= 0 { return false }
        return true
    }
}
