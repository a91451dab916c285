extension Walk {
    /// Reports a flaw of a node of the present leaf, unless too many of this page have been reported.
    mutating func tellNode(_ flaw: Flaw, _ node: Node?, in file: Span<UInt8>, _ report: (Damage) -> Void) {
        leaf.tally.reports += 1
        guard leaf.tally.reports <= NodeTally.maximumReports else { return }
        tell(flaw, key: node?.key, upper: leaf.upper, in: file, report)
    }

    /// Reports a flaw of a child of the innermost branch, unless too many of this page have been reported.
    mutating func tellChild(
        _ flaw: Flaw, _ key: Range<Int>?, upper: Range<Int>?, in file: Span<UInt8>, _ report: (Damage) -> Void
    ) {
        let top = branches.count - 1
        branches[top].tally.reports += 1
        guard branches[top].tally.reports <= NodeTally.maximumReports else { return }
        tell(flaw, key: key, upper: upper, in: file, report)
    }

    /// Reports what only the end of a leaf shows.
    mutating func finishLeaf(in file: Span<UInt8>, _ report: (Damage) -> Void) {
        tellRest(leaf.tally, of: leaf.page, upper: leaf.upper, in: file, report)
        // Invariant 9
        if leaf.tally.isComplete, leaf.tally.bytes != layout.pageSize - leaf.page.upper {
            tell(badSizes(leaf.page, leaf.tally), upper: leaf.upper, in: file, report)
        }
    }

    /// Reports what only the end of a branch shows.
    func finishBranch(in file: Span<UInt8>, _ report: (Damage) -> Void) {
        let branch = branches[branches.count - 1]
        tellRest(branch.tally, of: branch.page, upper: branch.upper, in: file, report)
    }

    private func tellRest(
        _ tally: NodeTally, of page: TreePage, upper: Range<Int>?, in file: Span<UInt8>, _ report: (Damage) -> Void
    ) {
        let left = tally.reports - NodeTally.maximumReports
        guard left > 0 else { return }
        tell(Flaw(.badNode, page: page.number, "\(left) more nodes are damaged"), upper: upper, in: file, report)
    }

    /// Compares what a full walk met with the table's record (invariants 14 and 15).
    func checkCounts(in file: Span<UInt8>, report: (Damage) -> Void) {
        func compare(_ what: String, _ met: UInt64, _ recorded: UInt64, _ kind: Damage.Kind) {
            guard met != recorded else { return }
            let flaw = Flaw(kind, page: recordPage, "the table's record says \(recorded) \(what), but \(met) were met")
            tell(flaw, upper: nil, in: file, report)
        }
        compare("levels", UInt64(found.depth), UInt64(record.depth), .wrongDepth)
        compare("entries", found.entries, record.entries, .wrongCount)
        compare("branch pages", found.branchPages, record.branchPages, .wrongCount)
        compare("leaf pages", found.leafPages, record.leafPages, .wrongCount)
        compare("overflow pages", found.overflowPages, record.overflowPages, .wrongCount)
    }
}
