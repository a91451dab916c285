import Digests
import EventFormat
import LMDBFile
import Merkle
import StoreFormat
import Verifying

/// The rows of a ledger's tables in memory, to be altered and written to another file.
struct Store: Equatable {
    struct Row: Equatable {
        var key: [UInt8]
        var value: [UInt8]

        /// What a row of streams says.
        func head() throws -> StreamHead {
            let bytes = value
            return try StreamHead(bytes.span)
        }
    }

    var about: [Row] = []
    var segments: [Row] = []
    var streams: [Row] = []
    var ids: [Row] = []

    init() {}

    /// Reads all rows of a sound file; nil when anything of them cannot be read.
    init?(reading path: String) {
        guard let snapshot = try? DataFile(path: path).snapshot() else { return nil }
        func rows(_ name: String) -> [Row]? {
            guard let table = try? snapshot.table(named: name) else { return nil }
            var rows: [Row] = []
            table.forEach(onDamage: { _ in }) { key, value in
                rows.append(Row(key: Array(collecting: key), value: Array(collecting: value)))
                return true
            }
            return rows
        }
        guard let about = rows(StoreLayout.aboutTable), let segments = rows(StoreLayout.segmentsTable),
            let streams = rows(StoreLayout.streamsTable), let ids = rows(StoreLayout.idsTable)
        else { return nil }
        (self.about, self.segments, self.streams, self.ids) = (about, segments, streams, ids)
    }

    /// Writes the rows to a new data file in `directory`.
    func write(to directory: String) throws {
        func pairs(_ rows: [Row]) -> [(key: [UInt8], value: [UInt8])] { rows.map { ($0.key, $0.value) } }
        try LMDBStore(directory).write([
            (StoreLayout.aboutTable, pairs(about)), (StoreLayout.segmentsTable, pairs(segments)),
            (StoreLayout.streamsTable, pairs(streams)), (StoreLayout.idsTable, pairs(ids)),
        ])
    }

    /// What a verifier says of a file with these rows.
    func verified(known: [Verifier.KnownRoot] = []) throws -> VerificationReport {
        let folder = try Folder()
        try write(to: folder.path)
        return try verify(folder.path, known: known)
    }

    // MARK: - Entries

    /// The number of entries.
    var size: UInt64 { segments.last.map { Segment($0.value).last + 1 } ?? 0 }

    /// The row of the segment that holds `index`, and the entry's place in it.
    func place(_ index: UInt64) -> (row: Int, position: Int) {
        let row = segments.firstIndex { Segment($0.value).last >= index }!
        return (row, Int(index - Segment(segments[row].value).first))
    }

    subscript(index: UInt64) -> Segment.Item {
        get {
            let place = place(index)
            return Segment(segments[place.row].value).items[place.position]
        }
        set {
            let place = place(index)
            var segment = Segment(segments[place.row].value)
            segment.items[place.position] = newValue
            segments[place.row].value = segment.value
        }
    }

    func entry(_ index: UInt64) throws -> Entry { try self[index].decoded() }

    /// Alters an entry, and where its leaf hash is stored makes that the one which it then has.
    mutating func rewrite(_ index: UInt64, _ body: (inout Entry) -> Void) throws {
        try alter(index, body)
        let row = place(index).row
        var segment = Segment(segments[row].value)
        guard index == segment.last else { return }
        segment.storeLeaves()
        segments[row].value = segment.value
    }

    /// Alters an entry.
    mutating func alter(_ index: UInt64, _ body: (inout Entry) -> Void) throws {
        var entry = try entry(index)
        body(&entry)
        try self[index].encode(entry)
    }

    /// The stored leaf hash of the last entry of the segment `row`.
    subscript(lastLeafOf row: Int) -> Digest {
        get { Segment(segments[row].value).leaves.last! }
        set {
            var segment = Segment(segments[row].value)
            segment.leaves[segment.leaves.count - 1] = newValue
            segments[row].value = segment.value
        }
    }

    /// The same entries as a store of version 1.
    var asVersion1: Store {
        var store = self
        store.version = 1
        store.indexed = nil
        store.segments = segments.map { Row(key: $0.key, value: Segment($0.value).asVersion1.value) }
        return store
    }

    /// The version that the store says it has.
    var version: UInt8 {
        get { about.first { $0.key == StoreLayout.versionKey }?.value.first ?? 0 }
        set { setAbout(StoreLayout.versionKey, [newValue]) }
    }

    /// How many entries the index tables are said to cover; nil: nothing is said.
    var indexed: UInt64? {
        get {
            guard let value = about.first(where: { $0.key == StoreLayout.indexedKey })?.value else { return nil }
            return value.span.bigEndian(at: 0)
        }
        set { setAbout(StoreLayout.indexedKey, newValue.map { [UInt8](bigEndian: $0) }) }
    }

    private mutating func setAbout(_ key: [UInt8], _ value: [UInt8]?) {
        about.removeAll { $0.key == key }
        if let value { about.append(Row(key: key, value: value)) }
        about.sort { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// The same entries with index tables that cover those below `count` only.
    func covering(_ count: UInt64) throws -> Store {
        var store = self
        store.indexed = count
        store.ids.removeAll { $0.value.span.bigEndian(at: 0, as: UInt64.self) >= count }
        store.streams = try streams.compactMap { row in
            let head = try row.head()
            var (revision, index, jump) = (head.revision.rawValue, head.index.rawValue, head.jump?.rawValue ?? .max)
            while index >= count {
                guard revision > 0 else { return nil }
                index = self[index].previous
                revision -= 1
                jump = self[index].jump
            }
            let value = [UInt8](bigEndian: revision) + [UInt8](bigEndian: index) + [UInt8](bigEndian: jump)
            return Row(key: row.key, value: value)
        }
        return store
    }

    /// Makes chain, streams' chains and tree agree with the entries as they now are.
    mutating func relink() throws {
        var leaves: [Digest] = []
        var tree = CompactRange()
        for row in segments.indices {
            var segment = Segment(segments[row].value)
            segment.nodes = []
            for position in segment.items.indices {
                var entry = try segment.items[position].decoded()
                entry.previous = leaves.last ?? .zero
                let before = segment.items[position].previous
                if before != .max { entry.streamPrevious = leaves[Int(before)] }
                try segment.items[position].encode(entry)
                leaves.append(segment.items[position].leaf)
                tree.append(leaves[leaves.count - 1]) { level, _, node in
                    if level >= 4 { segment.nodes.append(node) }
                }
            }
            segment.storeLeaves()
            segments[row].value = segment.value
        }
    }

    /// The place of the row of `stream` among the streams.
    func row(of stream: StreamName) -> Int { streams.firstIndex { $0.key == Array(stream.text.utf8) }! }

    /// The place of the row of the entry `index` among the ids.
    func row(ofID index: UInt64) -> Int { ids.firstIndex { $0.value == [UInt8](bigEndian: index) }! }
}

extension VerificationReport {
    func has(_ kind: Finding.Kind, at index: UInt64?) -> Bool {
        findings.contains { $0.kind == kind && $0.index?.rawValue == index }
    }

    /// The entries that findings of `kind` name.
    func indexes(_ kind: Finding.Kind) -> [UInt64] {
        findings.filter { $0.kind == kind }.compactMap { $0.index?.rawValue }
    }

    /// All entries that are named.
    var named: Set<UInt64> { Set(findings.compactMap { $0.index?.rawValue }) }
}
