extension Walk {
    /// Reads all nodes of a leaf in one pass, for `nextSound(in:_:)`. False, with nothing reported, when anything is
    /// wrong with one of them: `nextInLeaf(in:_:)` then goes over them one by one and tells.
    ///
    /// What is checked are invariants 8 to 11 and the flags, as there.
    mutating func readSound(
        _ page: TreePage, within range: (lower: Range<Int>?, upper: Range<Int>?), in file: Span<UInt8>
    ) -> Bool {
        soundNodes.removeAll(keepingCapacity: true)
        soundIndex = 0
        var last = lastKey
        var bytes = 0
        for index in 0..<page.nodeCount {
            guard let node = page.plainNode(index, in: file, layout) else { return false }
            let key = file.extracting(node.key)
            if let last, file.extracting(last).compared(to: key) >= 0 { return false }
            if index == 0, let lower = range.lower, key.compared(to: file.extracting(lower)) < 0 { return false }
            last = node.key
            bytes += node.footprint
            soundNodes.append(node)
        }
        if let last, let upper = range.upper, file.extracting(last).compared(to: file.extracting(upper)) >= 0 {
            return false
        }
        return bytes == layout.pageSize - page.upper
    }

    /// The next entry of a leaf that `readSound` has read, or nil when it is done.
    mutating func nextSound(in file: Span<UInt8>, _ report: (Damage) -> Void) -> Entry? {
        while soundIndex < soundNodes.count {
            let node = soundNodes[soundIndex]
            soundIndex += 1
            if let entry = deliver(node, in: file, report) { return entry }
        }
        finishLeaf(in: file, report)
        return nil
    }
}

extension TreePage {
    /// Leaf node `index` when it is sound (invariant 8) and holds a plain value or names an overflow run; else nil.
    @inline(__always)
    fileprivate func plainNode(_ index: Int, in file: Span<UInt8>, _ layout: PageLayout) -> Node? {
        let offset = Int(file.u16(at: start + PageLayout.headerSize + 2 * index))
        guard offset >= upper, offset <= layout.pageSize - Node.headerSize, offset & 1 == 0 else { return nil }
        let place = start + offset
        let header = file.u64(at: place)
        let flags = UInt16(truncatingIfNeeded: header >> 32)
        let keyCount = Int(header >> 48)
        let size = Int(header & 0xFFFF_FFFF)
        guard keyCount > 0, flags <= Node.Flags.bigData else { return nil }
        let payloadCount = flags == Node.Flags.bigData ? 8 : size
        guard Node.headerSize + keyCount + payloadCount <= layout.pageSize - offset else { return nil }
        let key = place + Node.headerSize..<place + Node.headerSize + keyCount
        return Node(
            key: key, payload: key.upperBound..<key.upperBound + payloadCount, flags: flags, valueSize: size, child: 0)
    }
}
