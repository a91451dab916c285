/// Which pages a scan has been to: one bit a page, made in pieces of 32768 pages as they are needed, so that a short
/// scan of a large file costs little.
struct PageSet {
    private static let pagesAPiece = 1 << 15
    private var pieces: [[UInt64]]

    /// An empty set of pages less than `pageCount`.
    init(pageCount: Int) {
        pieces = Array(repeating: [], count: (pageCount + PageSet.pagesAPiece - 1) / PageSet.pagesAPiece)
    }

    /// Puts `page` in; false when it was in already.
    mutating func insert(_ page: UInt64) -> Bool {
        let piece = Int(page >> 15)
        if pieces[piece].isEmpty { pieces[piece] = Array(repeating: 0, count: PageSet.pagesAPiece / 64) }
        let word = Int(page >> 6) & (PageSet.pagesAPiece / 64 - 1)
        let bit = UInt64(1) << (page & 63)
        guard pieces[piece][word] & bit == 0 else { return false }
        pieces[piece][word] |= bit
        return true
    }
}
