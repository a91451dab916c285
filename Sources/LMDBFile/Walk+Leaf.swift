extension Walk {
    /// Makes `page` the present leaf, at its first node.
    mutating func beginLeaf(
        _ page: TreePage, within range: (lower: Range<Int>?, upper: Range<Int>?), in file: Span<UInt8>,
        _ report: (Damage) -> Void
    ) {
        found.leafPages += 1
        let depth = branches.count + 1
        if found.depth == 0 { found.depth = depth }
        // Invariant 14
        if depth != found.depth {
            let flaw = Flaw(
                .wrongDepth, page: page.number, "this leaf lies at depth \(depth), the first one at \(found.depth)")
            tell(flaw, upper: range.upper, in: file, report)
        }
        leaf = Leaf(
            page: page, tally: NodeTally(), index: 0, lower: range.lower, upper: range.upper, candidate: nil)
        if readsSoundLeaves, readSound(page, within: range, in: file) {
            leaf.isSound = true
            leaf.tally.bytes = layout.pageSize - page.upper
        }
        isInLeaf = true
    }

    /// The next entry of the present leaf that is sound and in order, or nil when the leaf is done.
    ///
    /// An entry is held back until the next key is known: of two neighbours out of order the one that does not fit the
    /// rest is left out, so that one damaged key does not hide all entries after it.
    mutating func nextInLeaf(in file: Span<UInt8>, _ report: (Damage) -> Void) -> Entry? {
        while let node = nextNode(in: file, report) {
            guard isBelowUpper(node, in: file, report) else { continue }
            guard let candidate = leaf.candidate else {
                if canBeFirst(node, in: file, report) { leaf.candidate = node }
                continue
            }
            if file.extracting(candidate.key).compared(to: file.extracting(node.key)) < 0 {
                leaf.candidate = node
                if let entry = deliver(candidate, in: file, report) { return entry }
            } else if let lastKey, file.extracting(node.key).compared(to: file.extracting(lastKey)) <= 0 {
                tellNode(outOfOrder(node), node, in: file, report)
            } else {
                // The node follows the last delivered key, so the candidate is taken for the stray one.
                leaf.candidate = node
                tellNode(outOfOrder(candidate), candidate, in: file, report)
            }
        }
        if let candidate = leaf.candidate {
            leaf.candidate = nil
            if let entry = deliver(candidate, in: file, report) { return entry }
        }
        finishLeaf(in: file, report)
        return nil
    }

    /// The next node of the present leaf that can be read at all.
    private mutating func nextNode(in file: Span<UInt8>, _ report: (Damage) -> Void) -> Node? {
        while leaf.index < leaf.page.nodeCount {
            leaf.index += 1
            do throws(Flaw) {
                let node = try leaf.page.node(leaf.index - 1, in: file, layout)
                leaf.tally.bytes += node.footprint
                guard !leaf.tally.isTooMuch(layout) else {
                    leaf.index = leaf.page.nodeCount
                    return nil
                }
                return node
            } catch {
                leaf.tally.isComplete = false
                tellNode(error, nil, in: file, report)
            }
        }
        return nil
    }

    /// Whether a node's key is less than the bound that the parent pages give (invariant 11).
    private mutating func isBelowUpper(_ node: Node, in file: Span<UInt8>, _ report: (Damage) -> Void) -> Bool {
        guard let upper = leaf.upper else { return true }
        if file.extracting(node.key).compared(to: file.extracting(upper)) < 0 { return true }
        let flaw = Flaw(.outsideParent, page: leaf.page.number, "a key is not less than the next page's least key")
        tellNode(flaw, node, in: file, report)
        return false
    }

    /// Whether a node can be the first candidate of a leaf: its key comes after those of the leaves before.
    private mutating func canBeFirst(_ node: Node, in file: Span<UInt8>, _ report: (Damage) -> Void) -> Bool {
        let key = file.extracting(node.key)
        // Invariant 10
        if let lastKey, key.compared(to: file.extracting(lastKey)) <= 0 {
            tellNode(outOfOrder(node), node, in: file, report)
            return false
        }
        // Invariant 11: the parent's key may be the damaged one, so the entry is not left out.
        if let lower = leaf.lower, key.compared(to: file.extracting(lower)) < 0 {
            let flaw = Flaw(.outsideParent, page: leaf.page.number, "a key is less than the one the parent page gives")
            tellNode(flaw, node, in: file, report)
        }
        return true
    }

    private func outOfOrder(_ node: Node) -> Flaw {
        Flaw(.keyOrder, page: leaf.page.number, "a key of \(node.key.count) bytes is out of order")
    }

    /// The entry of a node that is in order, unless it lies before `from` or its value is damaged.
    mutating func deliver(_ node: Node, in file: Span<UInt8>, _ report: (Damage) -> Void) -> Entry? {
        let page = leaf.page.number
        defer { lastKey = node.key }
        found.entries += 1
        if let wanted = from {
            // Also the entries before `from` are read in order, or a damaged one could hide a sound one.
            if file.extracting(node.key).compared(to: wanted.span) < 0 { return nil }
            from = nil
        }
        switch node.flags {
        case 0: return Entry(page: page, key: node.key, value: node.payload, isTable: false)
        case Node.Flags.subData where holdsTables:
            return Entry(page: page, key: node.key, value: node.payload, isTable: true)
        case Node.Flags.bigData: return deliverOverflow(node, in: file, report)
        default:
            let flaw = Flaw(.unsupported, page: page, "an entry is itself a table; only the main table holds tables")
            tellNode(flaw, node, in: file, report)
            return nil
        }
    }

    private mutating func deliverOverflow(_ node: Node, in file: Span<UInt8>, _ report: (Damage) -> Void) -> Entry? {
        let leafPage = leaf.page.number
        do throws(Flaw) {
            let run = try OverflowRun(of: node, in: leafPage, file: file, layout)
            for page in run.firstPage..<run.firstPage + run.pageCount where !visited.insert(page) {
                throw Flaw(.visitedTwice, page: page, "the overflow run at \(run.firstPage) has a page visited before")
            }
            found.overflowPages += run.pageCount
            return Entry(page: leafPage, key: node.key, value: run.value, isTable: false)
        } catch {
            tellNode(error, node, in: file, report)
            return nil
        }
    }
}
