internal import Digests
internal import EventFormat
internal import Glibc
internal import LMDBFile
internal import StoreFormat
internal import Threading

/// A ledger's data file, read through views that are as short as the writers need them to be.
struct LedgerFile: Sendable {
    private let path: String
    private let file: DataFile
    private let pin: Verifier.Pin?
    private let unpinned = Monitor(false)

    init(directory: String, pin: Verifier.Pin?) throws(DataFileError) {
        path = "\(directory)/\(StoreLayout.dataFileName)"
        file = try DataFile(path: path)
        self.pin = pin
    }

    /// More entries than the file has room for at its present size: a number that is not less is damaged.
    private var capacity: UInt64 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return 0 }
        return UInt64(status.st_size) / UInt64(SegmentLayout.perEntryByteCount) + 1
    }

    /// Calls `body` with a view that does not change while `body` runs.
    ///
    /// With a pin, the newest commit's pages are kept by a reader's place in the lock file. A commit's meta page is
    /// overwritten two commits later: when that happens between pinning and reading it, both are done again. Without a
    /// pin nobody must write meanwhile.
    func view<R>(_ body: (LedgerView) -> R) throws(DataFileError) -> R {
        guard let pin else { return try unpinnedView(body) }
        var failure: DataFileError?
        for _ in 0..<1000 {
            var result: R?
            let wasPinned = pin { transaction in
                do throws(DataFileError) {
                    let view = LedgerView(try file.snapshot(transaction: transaction), capacity: capacity)
                    result = body(view)
                } catch {
                    failure = error
                }
            }
            if let result { return result }
            guard wasPinned else { return try unpinnedView(body) }
            if let failure, failure.code != .snapshotGone { throw failure }
        }
        throw failure ?? DataFileError.unreachable
    }

    private func unpinnedView<R>(_ body: (LedgerView) -> R) throws(DataFileError) -> R {
        unpinned.withLock { $0 = true }
        return body(LedgerView(try file.snapshot(), capacity: capacity))
    }

    /// Whether any view was without a pin.
    var wasReadUnpinned: Bool { unpinned.withLock { $0 } }

    /// The id of the newest commit; nil when it cannot be read.
    var newestTransaction: UInt64? { try? file.snapshot().transactionID }
}

extension DataFileError {
    fileprivate static var unreachable: DataFileError {
        preconditionFailure("a pinned view gave neither a result nor an error")
    }
}

/// One view of the file: its tables, opened as they are needed.
struct LedgerView {
    let snapshot: Snapshot
    let segments: Table?
    let streams: Table?
    let ids: Table?
    /// Why a table could not be opened.
    let failures: [String]
    private let capacity: UInt64

    init(_ snapshot: Snapshot, capacity: UInt64) {
        self.snapshot = snapshot
        self.capacity = capacity
        var failures: [String] = []
        func open(_ name: String) -> Table? {
            do throws(DataFileError) {
                if let table = try snapshot.table(named: name) { return table }
                failures.append("the table \"\(name)\" is missing")
            } catch {
                failures.append("the table \"\(name)\" cannot be read: \(error)")
            }
            return nil
        }
        segments = open(StoreLayout.segmentsTable)
        streams = open(StoreLayout.streamsTable)
        ids = open(StoreLayout.idsTable)
        self.failures = failures
    }

    /// What the table `about` has under `key`; nil when it has nothing there.
    func about<R>(_ key: [UInt8], _ body: (Span<UInt8>) -> R) throws(DataFileError) -> R? {
        guard let table = try snapshot.table(named: StoreLayout.aboutTable) else { return nil }
        return try table.value(for: key.span, body)
    }

    /// How many entries the index tables cover, in a view of `size` entries; nil when that is not to be known (S8).
    func indexed(size: UInt64) -> UInt64? {
        do throws(DataFileError) {
            let stated = try about(StoreLayout.indexedKey) { StoreLayout.indexed(row: $0, size: size) }
            if let stated { return stated }
            let version = try about(StoreLayout.versionKey) { $0.count == 1 ? $0[0] : 0 } ?? 0
            return version < StoreLayout.firstVersionWithRecent && version >= StoreLayout.leastVersion ? size : nil
        } catch {
            return nil
        }
    }

    /// Whether an index table of this view may name the entry `index`, when `size` entries are known to be recorded:
    /// there may be more by now.
    func mayBeIndexed(_ index: UInt64, knownSize: UInt64) -> Bool {
        let size = max(knownSize, size ?? 0)
        return index < indexed(size: size) ?? size
    }

    /// The number of entries, from the last segment's key; nil when it cannot be read or is more than the file has
    /// room for.
    var size: UInt64? {
        guard let segments else { return nil }
        do throws(DataFileError) {
            guard let last = try segments.last({ key, _ in size(key) }) else { return 0 }
            return last
        } catch {
            return nil
        }
    }

    /// The number of entries, from all the segments' keys that can be read. Calls `onMisplaced` with each segment under
    /// a key that cannot be one. O(segments).
    func scannedSize(onMisplaced: (SegmentLayout) -> Void) -> UInt64 {
        var greatest: UInt64 = 0
        segments?.forEach(onDamage: { _ in }) { key, value in
            if let size = size(key) {
                greatest = max(greatest, size)
            } else if let segment = try? SegmentLayout(value) {
                onMisplaced(segment)
            }
            return true
        }
        return greatest
    }

    /// The number of entries when `key` is that of the last segment.
    private func size(_ key: Span<UInt8>) -> UInt64? {
        guard key.count == 8 else { return nil }
        let last: UInt64 = key.bigEndian(at: 0)
        return last < capacity ? last + 1 : nil
    }

    /// Calls `body` with the segment that holds `index`, the entry's place in it, and the segment's bytes; nil when it
    /// cannot be read.
    func segment<R>(holding index: UInt64, _ body: (SegmentLayout, Int, Span<UInt8>) -> R?) -> R? {
        guard let segments else { return nil }
        let key = [UInt8](bigEndian: index)
        let found = try? segments.lookup(atOrAfter: key.span) { _, value -> R? in
            guard let layout = try? SegmentLayout(value), layout.contains(EntryIndex(index)) else { return nil }
            return body(layout, Int(index - layout.first.rawValue), value)
        }
        return found ?? nil
    }

    /// Calls `body` with the decoded entry `index` and its bytes; nil when it cannot be read.
    func entry<R>(_ index: UInt64, _ body: (EntryLayout, Span<UInt8>) -> R?) -> R? {
        segment(holding: index) { segment, position, bytes -> R? in
            guard let range = try? segment.entry(position, in: bytes) else { return nil }
            let part = bytes.extracting(range)
            guard let layout = try? EntryLayout(part) else { return nil }
            return body(layout, part)
        }
    }

    /// The leaf hash of `index`, nil when it cannot be read.
    func leaf(_ index: UInt64) -> Digest? {
        segment(holding: index) { segment, position, bytes in segment.anyLeaf(position, in: bytes) }
    }

    /// The stored links of `index`, nil when they cannot be read.
    func link(_ index: UInt64) -> StreamLink? {
        segment(holding: index) { segment, position, bytes in segment.link(position, in: bytes) }
    }

    /// The leaf hash and the stored links of `index`, nil when they cannot be read.
    func leafAndLink(_ index: UInt64) -> (leaf: Digest, link: StreamLink)? {
        segment(holding: index) { segment, position, bytes in
            segment.anyLeaf(position, in: bytes).map { ($0, segment.link(position, in: bytes)) }
        }
    }

    /// The newest entry with an index below `size` of the stream whose newest one is `head`: a stream may have grown
    /// since. nil when it has none, or the way to it cannot be read.
    func newest(of head: StreamHead, below size: UInt64) -> (revision: UInt64, index: UInt64)? {
        var (revision, index) = (head.revision.rawValue, head.index.rawValue)
        while index >= size {
            guard revision > 0, let previous = link(index)?.previous?.rawValue, previous < index else { return nil }
            revision -= 1
            index = previous
        }
        return (revision, index)
    }
}
