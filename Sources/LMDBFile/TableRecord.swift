/// The 48 bytes in which LMDB describes one table (mdb.c `MDB_db`).
struct TableRecord: Equatable, Sendable {
    /// The size of the record in bytes.
    static let byteCount = 48
    /// The root page number of a table without entries.
    static let noRoot = UInt64.max

    /// In the record of free pages the page size; otherwise unused.
    let pad: UInt32
    let flags: UInt16
    let depth: UInt16
    let branchPages: UInt64
    let leafPages: UInt64
    let overflowPages: UInt64
    let entries: UInt64
    let root: UInt64

    /// Reads the 48 bytes at `offset`, which the caller has checked to lie in `file`.
    init(at offset: Int, in file: Span<UInt8>) {
        pad = file.u32(at: offset)
        flags = file.u16(at: offset + 4)
        depth = file.u16(at: offset + 6)
        branchPages = file.u64(at: offset + 8)
        leafPages = file.u64(at: offset + 16)
        overflowPages = file.u64(at: offset + 24)
        entries = file.u64(at: offset + 32)
        root = file.u64(at: offset + 40)
    }

    /// Refuses tables whose keys are not ordered by their bytes or that hold several values a key (invariant 16).
    func checkFlags(page: UInt64) throws(Flaw) {
        guard flags == 0 else {
            throw Flaw(
                .unsupported, page: page,
                "a table has the flags 0x\(String(flags, radix: 16)) (reversed or integer keys, sorted duplicates); "
                    + "only tables without flags can be read")
        }
    }
}
