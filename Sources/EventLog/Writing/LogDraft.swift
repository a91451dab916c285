public import Digests
internal import EventFormat
internal import Glibc
internal import Merkle
internal import StoreFormat

/// A log that is made of entries recorded elsewhere, such as those of an archive, and gets its name when it is whole.
///
/// It grows in the directory ``folder`` beside its place. A crash leaves that directory, which may be deleted, or the
/// finished log. Entries go through the same code as those of copies and appends: chain, stream links, leaf hashes and
/// payload digests are recomputed and compared. Every call may block, and belongs to one thread at a time.
public struct LogDraft: ~Copyable {
    /// The directory in which the log grows, named `PATH.restoring-…`. Other files may be put into it before
    /// ``publish()``.
    public let folder: String
    private let path: String
    private let store: Store
    private var pending: RawSlice

    /// The number of entries, those not yet committed included.
    public private(set) var size: UInt64 = 0
    /// The root of the tree of the entries committed by ``commit()``.
    public private(set) var root = Digest.zero

    private final class Store {
        let environment: Environment
        init(_ environment: consuming Environment) { self.environment = environment }
    }

    /// Begins a log that is to stand in the directory `path`, which must not exist or be empty.
    public init(at path: String) throws(LogError) {
        let path = EventLog.withoutSlashAtEnd(path)
        try EventLog.refuseExisting(path)
        let folder = "\(path).restoring-\(EventID())"
        try EventLog.check(unsafe mkdir(folder, 0o770), "making \(folder)")
        do throws(LogError) {
            store = Store(try Environment(directory: folder, create: true, readOnly: false))
        } catch {
            EventLog.remove(folder)
            throw error
        }
        self.path = path
        self.folder = folder
        pending = RawSlice(first: 0)
    }

    /// Adds the next entry with its envelope, empty when it has none; `leaf` is the leaf hash that it should have.
    ///
    /// What is wrong with it may be said by a later call: entries are committed many at a time, of which at most about
    /// 16 MiB are held. Throws `damaged` when an entry does not follow those before it, or a hash is not as stated.
    public mutating func add(_ entry: Span<UInt8>, envelope: Span<UInt8>, leaf: Digest) throws(LogError) {
        pending.bytes.append(collecting: entry)
        let middle = pending.bytes.count
        pending.bytes.append(collecting: envelope)
        pending.ends.append((middle, pending.bytes.count))
        pending.leaves.append(leaf)
        size += 1
        if pending.isFull { try commit() }
    }

    /// Makes durable what was added. Afterwards ``root`` is that of all entries.
    public mutating func commit() throws(LogError) {
        guard !pending.ends.isEmpty else { return }
        var transaction = try WriteTransaction(store.environment)
        var base = try GroupBase(transaction)
        var group = AppendGroup(on: &base, at: base.tail.recorded)
        for position in pending.ends.indices { try group.copy(pending, position, transaction) }
        _ = group.close(transaction.id, recentCount: 0)
        try group.write(to: &transaction)
        root = group.tail.tree.root
        try LMDBStatus.check(transaction.commit(), "mdb_txn_commit")
        pending = RawSlice(first: EntryIndex(size))
        let read = try ReadTransaction(store.environment)
        guard try read.rowCount(read.tables.ids) == Int(size) else {
            throw LogError.damaged("an id stands twice among the first \(size) entries")
        }
    }

    /// Gives the log its name, when everything was committed. Afterwards it can be opened.
    public consuming func publish() throws(LogError) {
        precondition(pending.ends.isEmpty && size > 0, "a log is published when all its entries are committed")
        let (folder, path) = (self.folder, self.path)
        _ = consume self
        try EventLog.synchronize(folder)
        try EventLog.check(unsafe rename(folder, path), "renaming \(folder) to \(path)")
        try EventLog.synchronize(EventLog.parent(of: path))
    }

    /// Removes the log's own files, and the directory if nothing else is in it.
    public consuming func discard() {
        let folder = self.folder
        _ = consume self
        LogDraft.discard(folder)
    }

    /// As ``discard()``, of a draft that could not be published, whose directory was `folder`.
    public static func discard(_ folder: String) { EventLog.remove(folder) }
}
