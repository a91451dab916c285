/// One of the two meta pages: the root of one committed transaction.
struct MetaPage: Equatable, Sendable {
    /// The bytes of the page that are used, header included.
    static let byteCount = 152
    static let magic: UInt32 = 0xBEEF_C0DE
    static let version: UInt32 = 1

    let index: UInt64
    let mapSize: UInt64
    let free: TableRecord
    let main: TableRecord
    let lastPage: UInt64
    let transactionID: UInt64

    /// Bytes a page.
    var pageSize: Int { Int(free.pad) }

    /// The number of pages the transaction knows, used or free.
    var pageCount: UInt64 { lastPage == .max ? .max : lastPage + 1 }

    /// Reads the meta page `index` (0 or 1) beginning at byte `start` (invariant 1).
    init(index: UInt64, at start: Int, in file: Span<UInt8>) throws(Flaw) {
        func meta(_ reason: String) -> Flaw { Flaw(.meta, page: index, reason) }
        guard file.count - start >= MetaPage.byteCount else { throw meta("the file ends before or in this meta page") }
        let number = file.u64(at: start)
        guard number == index else { throw meta("the meta page carries the number \(number)") }
        let flags = file.u16(at: start + 10)
        guard flags == PageFlags.meta else {
            throw meta("the flags are 0x\(String(flags, radix: 16)), but a meta page has 0x8")
        }
        let magic = file.u32(at: start + 16)
        guard magic == MetaPage.magic else { throw meta("the magic number is 0x\(String(magic, radix: 16))") }
        let version = file.u32(at: start + 20)
        guard version == MetaPage.version else { throw meta("the format version is \(version), but 1 is needed") }
        self.index = index
        mapSize = file.u64(at: start + 32)
        free = TableRecord(at: start + 40, in: file)
        main = TableRecord(at: start + 88, in: file)
        lastPage = file.u64(at: start + 136)
        transactionID = file.u64(at: start + 144)
        let size = free.pad
        // 65536 cannot be: `upper` of an empty page would not fit its 16 bits.
        guard size >= 512, size <= 32768, size & (size - 1) == 0 else {
            throw meta("the page size is \(size), but it must be a power of two from 512 to 32768")
        }
        guard lastPage >= 1 else { throw meta("the last page is \(lastPage), but there are always two meta pages") }
    }
}

/// Both meta pages as they were at one moment, and what is wrong with them.
struct MetaPair: Equatable, Sendable {
    let pages: [MetaPage]
    let damage: [Damage]

    /// Reads both meta pages; at least one must be valid, and two must agree on the page size (invariants 1 to 3).
    init(in file: Span<UInt8>) throws(DataFileError) {
        var pages: [MetaPage] = []
        var damage: [Damage] = []
        do throws(Flaw) {
            pages.append(try MetaPage(index: 0, at: 0, in: file))
        } catch {
            damage.append(Damage(error))
        }
        do throws(Flaw) {
            pages.append(try MetaPair.second(expected: pages.first?.pageSize, in: file))
        } catch {
            damage.append(Damage(error))
        }
        guard let page = pages.first else {
            let reasons = damage.map(\.description).joined(separator: "; ")
            throw DataFileError(.notADataFile, "neither meta page is valid: \(reasons)")
        }
        // Invariant 2
        guard pages.allSatisfy({ $0.pageSize == page.pageSize }) else {
            let sizes = pages.map { "\($0.pageSize)" }.joined(separator: " and ")
            throw DataFileError(.damaged, "the meta pages name different page sizes, \(sizes)", page: 0)
        }
        self.pages = pages
        self.damage = damage + MetaPair.contradictions(pages)
    }

    /// The second meta page: at the page size the first one names, else the first that lies at its own page size.
    private static func second(expected: Int?, in file: Span<UInt8>) throws(Flaw) -> MetaPage {
        if let expected { return try MetaPage(index: 1, at: expected, in: file) }
        var size = 512
        while size <= 32768 {
            if let found = try? MetaPage(index: 1, at: size, in: file), found.pageSize == size { return found }
            size *= 2
        }
        throw Flaw(.meta, page: 1, "no meta page lies at any possible page size")
    }

    /// What cannot be in a file that LMDB wrote, though each page alone is readable (invariant 3).
    private static func contradictions(_ pages: [MetaPage]) -> [Damage] {
        var flaws: [Flaw] = []
        for meta in pages {
            if meta.transactionID & 1 != meta.index, meta.transactionID != 0 {
                flaws.append(
                    Flaw(.meta, page: meta.index, "transaction \(meta.transactionID) lies in the wrong meta page"))
            }
            if meta.pageCount > meta.mapSize / UInt64(meta.pageSize) {
                flaws.append(
                    Flaw(.meta, page: meta.index, "\(meta.pageCount) pages do not fit a map of \(meta.mapSize) bytes"))
            }
        }
        if pages.count == 2 {
            let (low, high) = (pages.map(\.transactionID).min()!, pages.map(\.transactionID).max()!)
            if high - low > 1 {
                flaws.append(
                    Flaw(.meta, page: 0, "the meta pages hold transactions \(low) and \(high), not neighbours"))
            }
        }
        return flaws.map { Damage($0) }
    }
}
