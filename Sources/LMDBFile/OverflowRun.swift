/// A run of pages that holds one value too large for a leaf.
struct OverflowRun {
    let firstPage: UInt64
    /// The pages of the run, as its first page says; LMDB may keep more than the value needs.
    let pageCount: UInt64
    /// Where the value lies in the file.
    let value: Range<Int>

    /// Checks the run that the leaf page `leaf` names for `node` (invariants 4, 5 and 12).
    init(of node: Node, in leaf: UInt64, file: Span<UInt8>, _ layout: PageLayout) throws(Flaw) {
        let number = file.u64(at: node.payload.lowerBound)
        let start = try layout.start(of: number, namedBy: leaf)
        try layout.checkNumber(number, at: start, in: file)
        let flags = file.u16(at: start + 10)
        guard flags == PageFlags.overflow else {
            throw Flaw(
                .wrongFlags, page: number,
                "the flags are 0x\(String(flags, radix: 16)), but an overflow page has 0x4")
        }
        let count = UInt64(file.u32(at: start + 12))
        let needed = UInt64((PageLayout.headerSize + node.valueSize + layout.pageSize - 1) / layout.pageSize)
        guard count >= needed else {
            throw Flaw(
                .badOverflow, page: number,
                "the run has \(count) pages, but its value of \(node.valueSize) bytes needs \(needed)")
        }
        guard count <= UInt64(layout.pageCount) - number else {
            throw Flaw(
                .badOverflow, page: number,
                "the run of \(count) pages goes beyond the \(layout.pageCount) pages of this snapshot in the file")
        }
        firstPage = number
        pageCount = count
        value = start + PageLayout.headerSize..<start + PageLayout.headerSize + node.valueSize
    }
}
