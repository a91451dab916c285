import Digests
import EventFormat
import StoreFormat
import Testing
import Verifying

/// Rows and parts of rows swapped, dropped, doubled: by someone who can write the file but does not recompute hashes.
@Suite struct EditTests {
    let sample: Sample
    var store: Store

    init() throws {
        sample = try Sample.shared.get()
        store = sample.store
        // The segments of the sample, by their first entries.
        let firsts = store.segments.map { Segment($0.value).first }
        try #require(firsts == [0, 1, 2, 4, 9, 10, 19, 33] && store.size == 40)
        try #require(store.segments.reduce(0) { $0 + Segment($1.value).nodes.count } == 3)
    }

    /// The verdict is "altered" and there is a finding of `kind` at each of `indexes`.
    private func expect(
        _ kind: Finding.Kind, at indexes: some Sequence<UInt64>, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let report = try store.verified()
        #expect(report.verdict == .altered, sourceLocation: sourceLocation)
        for index in indexes {
            #expect(report.has(kind, at: index), "entry \(index): \(report.findings)", sourceLocation: sourceLocation)
        }
    }

    @Test func `the sample itself is intact`() throws {
        let report = try store.verified()
        #expect(report.verdict == .intact && report.entries == 40 && report.root == sample.root.hex)
    }

    // MARK: - Altered

    @Test(arguments: [1, 5, 8, 9, 10, 12, 17, 18, 19, 31, 39] as [UInt64])
    mutating func `an altered entry is reported at its index alone, whatever of it was altered`(index: UInt64) throws {
        try store.alter(index) { $0.type += "x" }
        let report = try store.verified()
        #expect(report.findings.map(\.kind) == [.leaf] && report.named == [index], "\(report.findings)")
        #expect(report.root == sample.root.hex)
        // What names the entry before is altered: nobody else does, where both are in one segment.
        store = sample.store
        let other = store[3].leaf
        try store.alter(index) { $0.previous = other }
        let naming = try store.verified()
        #expect(naming.findings.map(\.kind) == [.chain, .leaf] && naming.named == [index], "\(naming.findings)")
        #expect(naming.root == sample.root.hex)
    }

    @Test(arguments: [[12, 13], [12, 13, 14], [17, 18], [18, 19], [9, 10, 11], Array(19...32)] as [[UInt64]])
    mutating func `neighbours that were all altered are reported at each`(indexes: [UInt64]) throws {
        for index in indexes { try store.alter(index) { $0.type += "x" } }
        let report = try store.verified()
        #expect(report.findings.map(\.kind) == indexes.map { _ in .leaf } && report.indexes(.leaf) == indexes)
        #expect(report.root == sample.root.hex)
    }

    @Test
    mutating func `an entry of which nothing is readable is reported, and nothing is said of the hashes of others`()
        throws
    {
        for index: UInt64 in [11, 18, 19, 30] {
            store = sample.store
            store[index].entry = Array(repeating: 0, count: store[index].entry.count)
            let report = try store.verified()
            let kinds = Set(report.findings.map(\.kind))
            #expect(report.has(.encoding, at: index), "\(report.findings)")
            #expect(kinds.isDisjoint(with: [.leaf, .chain, .tree]), "\(report.findings)")
            #expect(report.root == sample.root.hex)
        }
    }

    // MARK: - Swapped

    @Test(arguments: [(11, 12), (5, 8), (12, 25), (1, 39)] as [(UInt64, UInt64)])
    mutating func `two entries' bytes swapped are reported at both`(pair: (UInt64, UInt64)) throws {
        (store[pair.0].entry, store[pair.1].entry) = (store[pair.1].entry, store[pair.0].entry)
        try expect(.index, at: [pair.0, pair.1])
        try expect(.chain, at: [pair.0, pair.1])
        // Of two neighbours the first has nobody to name its leaf hash.
        try expect(.leaf, at: pair.0 + 1 == pair.1 ? [pair.1] : [pair.0, pair.1])
    }

    @Test mutating func `two entries' bytes swapped with the leaf hashes stored for them are reported at both`() throws
    {
        (store[8].entry, store[18].entry) = (store[18].entry, store[8].entry)
        (store[lastLeafOf: 3], store[lastLeafOf: 5]) = (store[lastLeafOf: 5], store[lastLeafOf: 3])
        try expect(.index, at: [8, 18])
        try expect(.chain, at: [8, 9, 18, 19])
        let report = try store.verified()
        #expect(report.indexes(.leaf).isEmpty)
    }

    @Test mutating func `two payloads swapped are reported at both`() throws {
        #expect(store[3].envelope.count > 16 && store[19].envelope.count > 16)
        (store[3].envelope, store[19].envelope) = (store[19].envelope, store[3].envelope)
        let report = try store.verified()
        #expect(report.findings.map(\.kind) == [.payload, .payload] && report.named == [3, 19])
    }

    @Test mutating func `two stored leaf hashes swapped are reported at the entries that they are stored for`() throws {
        (store[lastLeafOf: 5], store[lastLeafOf: 6]) = (store[lastLeafOf: 6], store[lastLeafOf: 5])
        try expect(.leaf, at: [18, 32])
        try expect(.chain, at: [19, 33])
    }

    @Test mutating func `two segments' values swapped are reported at all their entries`() throws {
        (store.segments[3].value, store.segments[6].value) = (store.segments[6].value, store.segments[3].value)
        try expect(.missing, at: Array(4..<9) + Array(19..<33))
        try expect(.storage, at: [4])
    }

    @Test mutating func `two rows of streams swapped are reported at both newest entries`() throws {
        let (first, second) = (store.row(of: "case-a"), store.row(of: "case-b"))
        let heads = try [first, second].map { try store.streams[$0].head().index.rawValue }
        (store.streams[first].value, store.streams[second].value) =
            (store.streams[second].value, store.streams[first].value)
        try expect(.stream, at: heads)
    }

    @Test mutating func `two rows of ids swapped are reported at both entries`() throws {
        let (first, second) = (store.row(ofID: 7), store.row(ofID: 30))
        (store.ids[first].value, store.ids[second].value) = (store.ids[second].value, store.ids[first].value)
        let report = try store.verified()
        #expect(Set(report.findings.map(\.kind)) == [.id] && report.named == [7, 30])
    }

    // MARK: - Dropped

    @Test(arguments: 0..<8) mutating func `a dropped segment is reported at each of its entries`(row: Int) throws {
        let segment = Segment(store.segments.remove(at: row).value)
        let report = try store.verified()
        #expect(report.verdict == .altered)
        if row < 7 {
            #expect(report.indexes(.missing) == Array(segment.first...segment.last))
            #expect(report.entries == 40 && report.root == nil)
        } else {
            // The last one's entries are not even counted, but the ids still name them.
            #expect(report.entries == 33)
            #expect(Set(report.indexes(.id)) == Set(33..<40))
        }
    }

    @Test mutating func `all segments dropped are reported at each entry that the ids name`() throws {
        store.segments = []
        let report = try store.verified()
        #expect(report.has(.missing, at: 0) && report.entries == 0 && report.root == nil)
        #expect(Set(report.indexes(.id)) == Set(0..<40))
    }

    @Test(arguments: 0..<4) mutating func `a dropped row of streams is reported at the newest entry`(row: Int) throws {
        let head = try store.streams.remove(at: row).head()
        let report = try store.verified()
        #expect(report.findings.map(\.kind) == [.stream] && report.named == [head.index.rawValue])
    }

    @Test(arguments: [0, 1, 17, 39] as [UInt64])
    mutating func `a dropped row of ids is reported at its entry`(index: UInt64) throws {
        store.ids.remove(at: store.row(ofID: index))
        let report = try store.verified()
        #expect(report.findings.map(\.kind) == [.id] && report.named == [index])
    }

    @Test mutating func `a dropped payload is reported at its entry, and one too many as well`() throws {
        store[14].envelope = []
        #expect(store[16].envelope.isEmpty)
        store[16].envelope = [1, 2, 3]
        let report = try store.verified()
        #expect(report.findings.map(\.kind) == [.payload, .payload] && report.named == [14, 16])
    }

    @Test(arguments: [10, 18, 19, 32] as [UInt64])
    mutating func `an entry taken out of its segment is reported as missing`(index: UInt64) throws {
        let place = store.place(index)
        var segment = Segment(store.segments[place.row].value)
        segment.items.remove(at: place.position)
        if place.position == 0 { segment.first += 1 }
        store.segments[place.row].value = segment.value
        store.segments[place.row].key = segment.key
        let report = try store.verified()
        #expect(report.verdict == .altered)
        // Where all later ones of the segment have moved up, each says that it belongs elsewhere.
        let kinds = Set(report.findings.filter { $0.index?.rawValue == index }.map(\.kind))
        #expect(kinds.contains(.missing) || kinds.contains(.index), "\(report.findings)")
    }

    // MARK: - Doubled

    @Test(arguments: [(20, 9), (39, 9), (1000, 9), (3, 2)] as [(UInt64, EntryIndex)])
    mutating func
        `a segment stored again under another key is reported where its entries, or those it displaced, begin`(
            key: UInt64, index: EntryIndex
        ) throws
    {
        let copy = store.segments[4].value
        store.segments.removeAll { $0.key == [UInt8](bigEndian: key) }
        store.segments.append(.init(key: [UInt8](bigEndian: key), value: copy))
        let report = try store.verified()
        let finding = report.findings.first { $0.detail == "the segment of entries 9 to 9 is stored under another key" }
        #expect(finding?.kind == .storage && finding?.index == index, "\(report.findings)")
    }

    @Test mutating func `a segment inside another one is reported as stored twice`() throws {
        let whole = Segment(store.segments[5].value)
        let part = Segment(first: 12, items: Array(whole.items[2...5]), nodes: [whole.nodes[0]])
        store.segments.append(.init(key: part.key, value: part.value))
        try expect(.duplicate, at: [10])
    }

    @Test mutating func `keys of other lengths and out of all bounds are reported, and the ledger is still verified`()
        throws
    {
        let numbers: [[UInt8]] = [.max, 1 << 60].map { [UInt8](bigEndian: $0) }
        for key in numbers + [[0], [0xff], [UInt8](bigEndian: 39) + [0]] {
            store = sample.store
            store.segments.append(.init(key: key, value: store.segments[2].value))
            store[30].envelope[0] ^= 1
            let report = try store.verified()
            #expect(report.findings.contains { $0.kind == .storage }, "\(key)")
            #expect(report.has(.payload, at: 30) && report.entries == 40, "\(key): \(report.findings)")
        }
    }

    @Test mutating func `the last segment under a key beyond all bounds is reported at its entries`() throws {
        for key: UInt64 in [.max, .max - 1, 1 << 63, 1 << 40] {
            store = sample.store
            store.segments[7].key = [UInt8](bigEndian: key)
            let report = try store.verified()
            #expect(report.entries == 33 && report.has(.storage, at: 33))
            #expect(Set(report.indexes(.id)) == Set(33..<40))
        }
    }

    @Test mutating func `an entry appended again with the same id is reported at both`() throws {
        var last = Segment(store.segments[7].value)
        var entry = try store.entry(39)
        #expect(entry.stream == "case-a" || entry.stream == "case-b" || entry.stream == "permit-c")
        entry.index = 40
        entry.previous = store[39].leaf
        var item = last.items[6]
        try item.encode(entry)
        last.items.append(item)
        store.segments[7] = .init(key: last.key, value: last.value)
        store.ids[store.row(ofID: 39)].value = [UInt8](bigEndian: 40)
        try expect(.id, at: [39])
        try expect(.stream, at: [40])
    }

    @Test(arguments: [40, 41, 1 << 50, .max - 1, .max] as [UInt64])
    mutating func `a row of ids or streams for an entry that is not recorded is reported`(index: UInt64) throws {
        store.ids.append(.init(key: EventID().bytes, value: [UInt8](bigEndian: index)))
        try expect(.id, at: [index])
        store = sample.store
        let head = [UInt8](bigEndian: 0) + [UInt8](bigEndian: index) + [UInt8](bigEndian: .max)
        store.streams.append(.init(key: Array("case-z".utf8), value: head))
        try expect(.stream, at: index == .max ? [] : [index])
    }

    @Test mutating func `a second id for an entry and a stream that has none are reported at the entry`() throws {
        store.ids.append(.init(key: EventID().bytes, value: [UInt8](bigEndian: 22)))
        try expect(.id, at: [22])
        store = sample.store
        let head = [UInt8](bigEndian: 0) + [UInt8](bigEndian: 22) + [UInt8](bigEndian: .max)
        store.streams.append(.init(key: Array("case-z".utf8), value: head))
        try expect(.stream, at: [22])
    }

    @Test mutating func `rows of other sizes are reported`() throws {
        store.ids.append(.init(key: [1, 2, 3], value: [UInt8](bigEndian: 2)))
        store.ids.append(.init(key: EventID().bytes, value: [2]))
        store.streams.append(.init(key: Array("case-z".utf8), value: [1]))
        store.segments.append(.init(key: [UInt8](bigEndian: 11), value: []))
        let report = try store.verified()
        #expect(report.verdict == .altered && report.entries == 40)
        #expect(report.findings.filter { $0.index == nil }.map(\.kind) == [.id, .id, .stream])
        #expect(report.has(.storage, at: 10), "\(report.findings)")
    }

    @Test mutating func `a table that is not there is reported`() throws {
        let rows = [\Store.about, \Store.segments, \Store.streams, \Store.ids]
        for table in rows {
            store = sample.store
            store[keyPath: table] = []
            #expect(try store.verified().verdict == .altered)
        }
    }
}
