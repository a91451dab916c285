package import Digests
package import EventFormat
internal import Glibc
internal import Merkle
internal import StoreFormat

/// How far a copy has come.
public struct CopyProgress: Hashable, Sendable {
    /// Entries that the copy holds.
    public let done: UInt64
    /// Entries to copy: the size of the log when the copying began.
    public let total: UInt64

    package init(done: UInt64, total: UInt64) {
        self.done = done
        self.total = total
    }
}

extension EventLog {
    /// Makes a copy of the log in the directory `path` as of now, while appends go on, or brings an earlier copy up to
    /// date.
    ///
    /// Entries and envelopes are copied as they are and everything else is made anew from them: leaf hashes, chain and
    /// stream links are recomputed and compared, so a damaged entry stops the copy. The log is read in short slices
    /// (L4). A new copy is made under another name and renamed when it is whole; a copy that was interrupted while
    /// being brought up to date is whole up to its last commit and can be continued. Returns the number of entries
    /// that were added. Throws ``LogError``, ``LogError/Code/alreadyExists`` when `path` holds something else.
    @discardableResult
    public func copy(to path: String, _ progress: (CopyProgress) -> Void = { _ in }) throws(LogError) -> UInt64 {
        let path = EventLog.withoutSlashAtEnd(path)
        let total = try size()
        if let identity = FileIdentity(path: "\(path)/\(StoreLayout.dataFileName)") {
            guard LogRegistry.shared.takeTarget(identity) else {
                throw LogError(.alreadyExists, "\(path) is open in this process; a ledger cannot be copied into itself")
            }
            defer { LogRegistry.shared.releaseTarget(identity) }
            return try continueCopy(at: path, upTo: total, progress)
        }
        try EventLog.refuseExisting(path)
        let draft = "\(path).creating-\(EventID())"
        try EventLog.check(unsafe mkdir(draft, 0o770), "making \(draft)")
        do throws(LogError) {
            let target = try CopyTarget(creating: draft)
            _ = try target.fill(from: self, upTo: total, progress)
            _ = consume target
            try EventLog.synchronize(draft)
            try EventLog.check(unsafe rename(draft, path), "renaming \(draft) to \(path)")
        } catch {
            EventLog.remove(draft)
            throw error
        }
        try EventLog.synchronize(EventLog.parent(of: path))
        return total
    }

    /// The number of entries of the copy in the directory `path`.
    package static func size(ofCopy path: String) throws(LogError) -> UInt64 {
        var options = LogOptions()
        options.readOnly = true
        let copy = try EventLog(opening: EventLog.withoutSlashAtEnd(path), options: options)
        defer { copy.close() }
        return try copy.size()
    }

    /// Opens an earlier copy, adds to it and closes it.
    private func continueCopy(
        at path: String, upTo total: UInt64, _ progress: (CopyProgress) -> Void
    ) throws(LogError) -> UInt64 {
        let target = try CopyTarget(continuing: path, of: self)
        return try target.fill(from: self, upTo: total, progress)
    }
}

/// The log that a copy goes into.
private struct CopyTarget: ~Copyable {
    private let environment: Environment

    init(creating path: String) throws(LogError) {
        environment = try Environment(directory: path, create: true, readOnly: false)
    }

    /// Opens an earlier copy. Throws when it is not a prefix of `log`.
    init(continuing path: String, of log: EventLog) throws(LogError) {
        let opened = try Environment(directory: path, create: false, readOnly: false)
        let tail = try CopyTarget.checkedTail(opened)
        let size = tail.tree.size
        guard size <= TreeSize(try log.size()), try log.root(size: size).root == tail.tree.root else {
            throw LogError(
                .alreadyExists,
                "\(path) holds another ledger, or entries that this one does not have; choose another path")
        }
        environment = opened
    }

    private static func checkedTail(_ environment: borrowing Environment) throws(LogError) -> LogTail {
        let transaction = try ReadTransaction(environment)
        try transaction.checkRightEdge()
        return try transaction.tail()
    }

    /// Copies what is missing, one commit a slice.
    func fill(
        from log: EventLog, upTo total: UInt64, _ progress: (CopyProgress) -> Void
    ) throws(LogError) -> UInt64 {
        var added: UInt64 = 0
        while true {
            var transaction = try WriteTransaction(environment)
            var base = try GroupBase(transaction)
            let tail = base.tail
            guard tail.next.rawValue < total else { return added }
            let slice = try log.slice(from: tail.next, below: EntryIndex(total))
            var group = AppendGroup(on: &base, at: tail.recorded)
            for position in slice.ends.indices { try group.copy(slice, position, transaction) }
            _ = group.close(transaction.id, recentCount: 0)
            try group.write(to: &transaction)
            let done = group.tail.next.rawValue
            try LMDBStatus.check(transaction.commit(), "mdb_txn_commit")
            added += done - tail.next.rawValue
            progress(CopyProgress(done: done, total: total))
        }
    }
}

/// Consecutive entries with their envelopes, as stored.
package struct RawSlice: Sendable {
    package var first: EntryIndex
    package var bytes: [UInt8] = []
    /// Where each entry, and after it its envelope, ends in `bytes`.
    package var ends: [(entry: Int, envelope: Int)] = []
    /// The leaf hashes as they are stored, or stated by whoever made the slice.
    package var leaves: [Digest] = []

    init(first: EntryIndex) { self.first = first }

    package func start(of position: Int) -> Int { position == 0 ? 0 : ends[position - 1].envelope }

    /// Whether it has as much as one transaction may copy.
    var isFull: Bool { bytes.count >= ReadLimit.byteCount * 4 || ends.count >= ReadLimit.entryCount * 4 }
}

extension EventLog {
    /// The entries from `start` on, below `end`, as many as one transaction may read: neither decoded nor compared with
    /// their hashes. At most about 16 MiB and one segment.
    package func slice(from start: EntryIndex, below end: EntryIndex) throws(LogError) -> RawSlice {
        try read { transaction throws(LogError) in
            var slice = RawSlice(first: start)
            let key = [UInt8](bigEndian: start.rawValue)
            try transaction.forEachRow(transaction.tables.segments, from: key.span) { _, value throws(LogError) in
                try slice.take(value, below: end)
            }
            return slice
        }
    }
}

extension RawSlice {
    /// Takes a segment's entries; false when the slice is full or reaches `end`.
    fileprivate mutating func take(_ value: Span<UInt8>, below end: EntryIndex) throws(LogError) -> Bool {
        let layout = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(value) }
        for position in 0..<layout.count {
            let index = EntryIndex(layout.first.rawValue + UInt64(position))
            if index < first { continue }
            if index >= end { return false }
            let (entry, envelope, leaf) = try LogError.wrapping { () throws(StoreError) in
                (
                    try layout.entry(position, in: value), try layout.envelope(position, in: value),
                    try layout.leaf(position, in: value)
                )
            }
            bytes.append(collecting: value.extracting(entry))
            let middle = bytes.count
            bytes.append(collecting: value.extracting(envelope))
            ends.append((middle, bytes.count))
            leaves.append(leaf)
        }
        return !isFull
    }
}
