/// The size of a snapshot's pages and how many of them may be referred to.
struct PageLayout: Sendable {
    /// The bytes before the contents of every page.
    static let headerSize = 16

    /// Bytes a page: a power of two, 512 to 32768.
    let pageSize: Int
    /// Pages that lie both whole in the file and inside the snapshot.
    let pageCount: Int

    init(meta: MetaPage, fileSize: Int) {
        pageSize = meta.pageSize
        pageCount = Int(min(UInt64(fileSize / meta.pageSize), meta.pageCount))
    }

    /// Where page `number` begins in the file (invariant 4). Named by page `parent`.
    func start(of number: UInt64, namedBy parent: UInt64) throws(Flaw) -> Int {
        guard number >= 2, number < UInt64(pageCount) else {
            throw Flaw(
                .pageOutside, page: parent,
                "names page \(number), but the pages of this snapshot in the file are 2 to \(pageCount - 1)")
        }
        return Int(number) * pageSize
    }

    /// Checks that the page beginning at `start` carries its own number (invariant 5).
    func checkNumber(_ number: UInt64, at start: Int, in file: Span<UInt8>) throws(Flaw) {
        let carried = file.u64(at: start)
        guard carried == number else {
            throw Flaw(.wrongNumber, page: number, "the page carries the number \(carried)")
        }
    }
}

/// Flags of pages (LMDB 0.9, mdb.c `mp_flags`); on disk a page has exactly one of these.
enum PageFlags {
    static let branch: UInt16 = 0x01
    static let leaf: UInt16 = 0x02
    static let overflow: UInt16 = 0x04
    static let meta: UInt16 = 0x08
}
