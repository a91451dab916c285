internal import Glibc
internal import Synchronization

// # The data file of LMDB 0.9, as far as it is read here
//
// All numbers are little-endian. The file is a row of pages of one size (a power of two, 512 to 32768; usually 4096).
// Page n begins at byte n * size. Pages 0 and 1 are meta pages; any other is a branch or leaf of a tree, the first or a
// later page of an overflow run, or free (its bytes then mean nothing).
//
// Page header, 16 bytes:
//      0  u64  the page's own number
//      8  u16  unused (LMDB leaves whatever memory held)
//     10  u16  flags: 1 branch, 2 leaf, 4 first page of an overflow run, 8 meta
//     12  u16  lower: end of the table of node offsets          } in an overflow run: u32, the number of its pages
//     14  u16  upper: where the nodes begin                     }
//
// Meta page, after the header:
//     16  u32  magic number 0xBEEFC0DE
//     20  u32  format version, 1
//     24  u64  address of the map (0 unless fixed; not looked at)
//     32  u64  size of the map in bytes
//     40  48   record of the table of free pages; its `pad` is the page size of the file (the rest is not looked at)
//     88  48   record of the main table
//    136  u64  number of the last page in use by this transaction
//    144  u64  transaction id; the commit of transaction t rewrites meta page t & 1, so the larger id is the newest
//
// Table record, 48 bytes:
//      0  u32  pad                          24  u64  overflow pages
//      4  u16  flags                        32  u64  entries
//      6  u16  depth of the tree            40  u64  root page; all ones when there are no entries
//      8  u64  branch pages
//     16  u64  leaf pages
//
// Branch or leaf page, after the header: (lower - 16) / 2 numbers u16, the offset in the page of each node, in key
// order; then unused room up to `upper`; then the nodes, in any order, each beginning at an even offset.
//
// Node: u32 a, u16 b, u16 key size, key, then in a leaf the value.
//     leaf     a is the size of the value, b the flags: 0 plain; 1 the value lies in an overflow run and here stand
//              8 bytes, the number of the run's first page; 2 the value is the record of a named table (only in the
//              main table)
//     branch   a and b together (48 bits) are the child page; the key is the least key the child may hold. The
//              key of the first node says nothing.
//
// Overflow run: consecutive pages, of which only the first has a header; the value begins at its byte 16.
//
// # Invariants
//
//  1. A meta page carries its own number, flags 8, the magic number, version 1, a possible page size and a last page
//     of at least 1.
//  2. Both meta pages, when valid, name the same page size.
//  3. Transaction t lies in meta page t & 1; the two ids differ by at most 1; the last page lies inside the map.
//  4. Every page number in a tree is at least 2, at most the snapshot's last page, and its page lies whole in the file.
//  5. Every branch page, leaf page and first overflow page carries its own number.
//  6. Flags are exactly 1 or 2 in a tree and 4 at the start of an overflow run.
//  7. 16 < lower <= upper <= page size, all even: no page of a tree is empty.
//  8. Every node begins at an even offset from `upper` on and ends in its page; in a leaf its key has at least one byte
//     and its flags are known.
//  9. The sizes of a page's nodes, each made even, add up to page size - upper.
// 10. Keys ascend strictly through a table (bytes compared as unsigned, a prefix before the longer key).
// 11. The keys of a child are not less than its node's key and less than the next node's key.
// 12. An overflow run has at least the pages its value needs and lies inside the snapshot and the file.
// 13. No page belongs to two places of a table.
// 14. All leaves lie at the depth the record says, at most 32.
// 15. The entries and the branch, leaf and overflow pages of a table are as many as the record says.
// 16. Table flags are 0: plain byte order, one value a key.

/// The data file of an LMDB 0.9 environment (format 1, 64-bit, little-endian), read without LMDB and without trust.
///
/// Whatever the bytes are, reading ends: it neither traps, nor reads outside the file, nor visits more pages than there
/// are. The file is mapped, not copied; it may grow while it is open, but must not be cut shorter (touching a lost part
/// would raise SIGBUS; LMDB never cuts its file).
///
/// This reader takes no place in LMDB's reader table. While another process writes, a snapshot is intact as long as
/// `Snapshot.isPresent` holds; hold a read transaction of LMDB, or check `isPresent` after reading.
public final class DataFile: Sendable {
    private let descriptor: Int32
    private let mapping: Mutex<Mapping>

    /// Opens the regular file at `path` for reading and checks that it has a valid meta page.
    public init(path: String) throws(DataFileError) {
        let descriptor = try Mapping.open(path)
        do throws(DataFileError) {
            let mapping = try Mapping(descriptor: descriptor, size: Mapping.size(of: descriptor))
            _ = try mapping.withBytes { (file) throws(DataFileError) in try MetaPair(in: file) }
            self.mapping = Mutex(mapping)
            self.descriptor = descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// The state that one committed transaction left.
    ///
    /// - Parameter transaction: the transaction's id; nil for the newest, the one LMDB would choose.
    /// - Throws: `.snapshotGone` when no meta page holds this id; `.notADataFile` or `.damaged` when the meta pages
    ///   have become unusable since the file was opened.
    public func snapshot(transaction: UInt64? = nil) throws(DataFileError) -> Snapshot {
        let metas = try DataFile.steadyMetas(try currentMapping())
        let newest = metas.pages.max { $0.transactionID < $1.transactionID }!
        guard let meta = transaction == nil ? newest : metas.pages.first(where: { $0.transactionID == transaction })
        else {
            let held = metas.pages.map { "\($0.transactionID)" }.joined(separator: " and ")
            throw DataFileError(
                .snapshotGone, "the file holds transactions \(held), not \(transaction ?? 0); read a newer one")
        }
        // The pages of a transaction are written before its meta page: a mapping made now has them all.
        return Snapshot(meta: meta, metaDamage: metas.damage, mapping: try currentMapping())
    }

    /// The mapping of the file at its present size.
    private func currentMapping() throws(DataFileError) -> Mapping {
        let size = try Mapping.size(of: descriptor)
        return try mapping.withLock { (held) throws(DataFileError) -> Mapping in
            if held.count != size { held = try Mapping(descriptor: descriptor, size: size) }
            return held
        }
    }

    /// Both meta pages, read until two readings agree: a writer may be rewriting one.
    private static func steadyMetas(_ mapping: Mapping) throws(DataFileError) -> MetaPair {
        try mapping.withBytes { (file) throws(DataFileError) -> MetaPair in
            var last = try MetaPair(in: file)
            for _ in 0..<16 {
                let again = try MetaPair(in: file)
                if again == last { break }
                last = again
            }
            return last
        }
    }
}
