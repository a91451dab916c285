internal import Digests
public import EventFormat

/// The tables of a ledger's LMDB file (docs/format.md, "The store").
///
/// | table | key | value |
/// |---|---|---|
/// | `about` | `store` | the store's version, one byte |
/// | `about` | `indexed` | how many entries `streams` and `ids` cover, 8 bytes |
/// | `segments` | index of the segment's last entry, 8 bytes | a segment: ``SegmentLayout`` |
/// | `streams` | stream name | the stream's newest entry of those covered: ``StreamHead`` |
/// | `ids` | event id, 16 bytes | the entry's index, 8 bytes |
///
/// Numbers are big-endian, so that keys sort as numbers do. Invariants of a whole store:
///
/// - **S1** The segments' entries are 0, 1, 2 … without gap or overlap, in key order; each segment's key is its last
///   index.
/// - **S2** `ids` holds exactly one row for each entry below `indexed`, naming its index; no id stands in two
///   entries.
/// - **S3** `streams` holds exactly one row for each stream with an entry below `indexed`, naming the one of them of
///   the highest revision.
/// - **S4** The leaf hash in a segment is that of its last entry, and its nodes are the inner nodes of level 4 and
///   above that its entries complete, in the order in which they complete them.
/// - **S5** The links of an entry name its stream's entry before and the one that ``StreamJump`` says.
/// - **S6** An entry with a payload has its envelope in the same segment; an entry without has none.
/// - **S7** The newest segment is of version 1 in a store of version 1, and of version 2 in a later one.
/// - **S8** `indexed` is at most the number of entries, and at least that less ``recentCount``. A store of version 1 or
///   2 does not have it: there the tables cover all entries.
public enum StoreLayout {
    /// The version of the stores that this code writes; those from ``leastVersion`` on it reads, and makes them one of
    /// this version when it adds to them.
    public static let version: UInt8 = 3
    public static let leastVersion: UInt8 = 1
    /// The first version whose index tables may cover less than all entries.
    public static let firstVersionWithRecent: UInt8 = 3
    /// At most how many entries the index tables do not cover yet.
    public static let recentCount = 4096
    /// The file inside a ledger's directory that holds everything.
    public static let dataFileName = "data.mdb"

    public static let aboutTable = "about"
    public static let segmentsTable = "segments"
    public static let streamsTable = "streams"
    public static let idsTable = "ids"
    /// The key of the version in `about`.
    public static let versionKey = Array("store".utf8)
    /// The key in `about` of how many entries the index tables cover.
    public static let indexedKey = Array("indexed".utf8)

    /// The lowest level whose inner nodes are stored; those below are recomputed from at most 15 stored leaves.
    public static let nodeBaseLevel = 4
    /// How many leaves a stored node of the base level covers.
    public static let leavesPerBlock: UInt64 = 1 << UInt64(nodeBaseLevel)

    /// The index in the value of an `ids` row, or nil when it has not 8 bytes.
    public static func index(ofIDRow value: Span<UInt8>) -> EntryIndex? {
        value.count == 8 ? EntryIndex(value.bigEndian(at: 0)) : nil
    }

    /// How many entries the index tables of a store of `size` entries cover, by the row `indexed`; nil when it cannot
    /// be so (S8).
    public static func indexed(row value: Span<UInt8>, size: UInt64) -> UInt64? {
        guard value.count == 8 else { return nil }
        let indexed = value.bigEndian(at: 0, as: UInt64.self)
        return indexed <= size && size - indexed <= UInt64(recentCount) ? indexed : nil
    }
}
