/// One named table of a snapshot.
///
/// A scan (`forEach`) goes over everything and goes on past damage. A lookup follows one path, as LMDB would, and
/// throws when a page on that path is damaged; it sees no damage elsewhere.
public struct Table: Sendable {
    /// The name under which the main table lists it.
    public let name: String
    /// The number of entries, as the table's record says.
    public var entryCount: UInt64 { record.entries }
    /// The number of pages from root to leaf, as the table's record says; 0 without entries.
    public var depth: Int { Int(record.depth) }

    let record: TableRecord
    /// The page of the main table in which the record lies.
    let recordPage: UInt64
    let snapshot: Snapshot

    init(name: String, record: TableRecord, recordPage: UInt64, snapshot: Snapshot) {
        self.name = name
        self.record = record
        self.recordPage = recordPage
        self.snapshot = snapshot
    }
}
