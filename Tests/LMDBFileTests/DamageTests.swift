import LMDBFile
import Testing

/// Particular damages, each with the report it must cause.
@Suite struct DamageTests {
    let folder: Folder
    let bytes: FileBytes
    let rows: [Row]
    let pages: SoundPages
    /// The root, a branch, of the table "rows".
    let root: Int
    /// The leaf in the middle of the table.
    let leaf: Int
    /// Where the record of "rows" lies in the file.
    let record: Int

    init() throws {
        folder = try Folder()
        rows = try makeRows(folder, count: 3000)
        bytes = try FileBytes(folder.dataFile)
        pages = SoundPages(bytes)
        record = try #require(pages.records["rows"])
        root = Int(bytes.number(at: record + 40, size: 8))
        try #require(pages.branches == [root])
        leaf = pages.leaves[pages.leaves.count / 2]
    }

    private func table() throws -> Table {
        try #require(try DataFile(path: folder.dataFile).snapshot().table(named: "rows"))
    }

    /// Where node `index` of a page lies in the file.
    private func node(_ index: Int, of page: Int) -> Int {
        page * 4096 + Int(bytes.number(at: page * 4096 + 16 + 2 * index, size: 2))
    }

    private func key(_ index: Int, of page: Int) -> [UInt8] { bytes.read(at: node(index, of: page) + 8, count: 8) }

    private func count(_ page: Int) -> Int { (Int(bytes.number(at: page * 4096 + 12, size: 2)) - 16) / 2 }

    // Invariants 5 and 15
    @Test func `a lost leaf is reported with the keys around it, and all other rows are read`() throws {
        let lost = (0..<count(leaf)).map { key($0, of: leaf) }
        bytes.write([UInt8](repeating: 0, count: 4096), at: leaf * 4096)
        let all = try table().readAll()
        #expect(all.rows == rows.filter { !lost.contains($0.key) })
        let damage = try #require(all.damage.first)
        #expect(damage.kind == .wrongNumber)
        #expect(damage.page == UInt64(leaf))
        let index = try #require(rows.firstIndex { $0.key == lost[0] })
        #expect(damage.lastKey == rows[index - 1].key)
        #expect(damage.upperKey == rows[index + lost.count].key)
        #expect(all.damage.dropFirst().map(\.kind) == [.wrongCount, .wrongCount])
        let error = #expect(throws: DataFileError.self) { _ = try table().bytes(for: lost[3]) }
        #expect(error?.code == .damaged)
        #expect(error?.page == UInt64(leaf))
    }

    // Invariant 13
    @Test func `a branch that names itself is reported once and followed once`() throws {
        bytes.write(UInt64(root), size: 6, at: node(0, of: root))
        let all = try table().readAll()
        let circle = all.damage.filter { $0.kind == .visitedTwice }
        #expect(circle.map(\.page) == [UInt64(root)])
        #expect(all.rows.count == rows.count - count(pages.leaves[1]))
        let error = #expect(throws: DataFileError.self) { _ = try table().bytes(for: [0]) }
        #expect(error?.code == .damaged)
        #expect(throws: DataFileError.self) { _ = try table().first { _, _ in true } }
    }

    // Invariant 13
    @Test func `a leaf named twice is read once`() throws {
        let (first, second) = (node(3, of: root), node(4, of: root))
        bytes.write(bytes.read(at: first, count: 6), at: second)
        let all = try table().readAll()
        #expect(all.damage.filter { $0.kind == .visitedTwice }.count == 1)
        #expect(Set(all.rows.map(\.key)).count == all.rows.count)
    }

    // Invariant 4
    @Test(arguments: [0, 1, 100_000, 0xFFFF_FFFF_FFFF] as [UInt64])
    func `a child outside the snapshot is reported`(child: UInt64) throws {
        bytes.write(child, size: 6, at: node(2, of: root))
        let all = try table().readAll()
        #expect(all.damage.first?.kind == .pageOutside)
        #expect(all.damage.first?.page == UInt64(root))
        #expect(all.rows.count > rows.count - 100)
    }

    // Invariant 11
    @Test func `a key raised out of order loses itself alone`() throws {
        let lost = key(5, of: leaf)
        bytes.write(0xFF, size: 1, at: node(5, of: leaf) + 8)
        let all = try table().readAll()
        #expect(all.rows == rows.filter { $0.key != lost })
        #expect(all.damage.map(\.kind) == [.outsideParent, .wrongCount])
        #expect(all.damage.first?.key == [0xFF] + lost.dropFirst())
    }

    // Invariant 10
    @Test func `a key exchanged for an earlier one loses itself alone`() throws {
        let lost = key(5, of: leaf)
        bytes.write(key(2, of: leaf), at: node(5, of: leaf) + 8)
        let all = try table().readAll()
        #expect(all.rows == rows.filter { $0.key != lost })
        #expect(all.damage.map(\.kind) == [.keyOrder, .wrongCount])
    }

    // Invariant 10
    @Test(arguments: 0...12)
    func `a scan from a key misses nothing because of a key out of order, nor goes back before its beginning`(
        place: Int
    ) throws {
        let (start, lost) = (key(5, of: leaf), key(place, of: leaf))
        bytes.write(key(2, of: leaf), at: node(place, of: leaf) + 8)
        let all = try table().readAll(from: start)
        let damaged = place == 2 ? [] : [lost]
        #expect(
            all.rows.map(\.key)
                == rows.map(\.key).filter { !$0.lexicographicallyPrecedes(start) && !damaged.contains($0) })
        #expect(all.damage.map(\.kind) == (place == 2 ? [] : [.keyOrder]))
    }

    // Invariant 10
    @Test(arguments: 3...20)
    func `a scan from a key misses no page because of a branch key out of order`(place: Int) throws {
        let start = key(0, of: leaf)
        bytes.write(key(2, of: root), at: node(place, of: root) + 8)
        let all = try table().readAll(from: start)
        let wanted = rows.map(\.key).filter { !$0.lexicographicallyPrecedes(start) }
        #expect(all.rows.map(\.key) == wanted)
        #expect(all.damage.contains { $0.kind == .keyOrder && $0.page == UInt64(root) })
    }

    // Invariant 10
    @Test func `a key raised over its neighbours but not over the next page loses itself alone`() throws {
        let (lost, last) = (key(5, of: leaf), key(count(leaf) - 2, of: leaf))
        bytes.write(last, at: node(5, of: leaf) + 8)
        let all = try table().readAll()
        #expect(all.rows == rows.filter { $0.key != lost })
        #expect(all.damage.map(\.kind) == [.keyOrder, .wrongCount])
        #expect(all.damage.first?.key == last)
    }

    // Invariant 8
    @Test func `a value said to be larger than its page is reported with the entry's place`() throws {
        let (before, lost) = (key(4, of: leaf), key(5, of: leaf))
        bytes.write(5000, size: 2, at: node(5, of: leaf))
        let all = try table().readAll()
        #expect(all.rows == rows.filter { $0.key != lost })
        #expect(all.damage.map(\.kind) == [.badNode, .wrongCount])
        // The node before is held back until the one after is known.
        let around = try #require(all.damage.first?.lastKey)
        #expect(around == before || around == key(3, of: leaf))
    }

    // Invariants 14 and 15
    @Test func `wrong numbers in the record are reported at the end of a full scan, not of a part`() throws {
        for (offset, size, kind) in [
            (6, 2, Damage.Kind.wrongDepth), (8, 8, .wrongCount), (16, 8, .wrongCount), (24, 8, .wrongCount),
            (32, 8, .wrongCount),
        ] {
            let old = bytes.number(at: record + offset, size: size)
            bytes.write(old + 1, size: size, at: record + offset)
            let all = try table().readAll()
            #expect(all.rows == rows)
            #expect(all.damage.map(\.kind) == [kind])
            #expect(all.damage.first?.page == UInt64(record / 4096))
            #expect(try table().readAll(from: [0]).damage == [])
            bytes.write(old, size: size, at: record + offset)
        }
    }

    // Invariant 8
    @Test func `many damaged nodes of one page cause few reports`() throws {
        for index in 0..<count(leaf) { bytes.write(9, size: 2, at: node(index, of: leaf) + 4) }
        let all = try table().readAll()
        #expect(all.rows.count == rows.count - count(leaf))
        #expect(all.damage.count == 18)
        #expect(all.damage[16].reason.hasPrefix("\(count(leaf) - 16) more"))
    }

    // Invariant 14
    @Test func `a chain of branches is followed to depth 32 and no further`() throws {
        // Each leaf becomes a branch of one node that names the next page.
        let chain = pages.leaves.filter { $0 != record / 4096 }
        try #require(chain.count > 32)
        for (page, next) in zip(chain, chain.dropFirst() + [chain[0]]) {
            bytes.write(1, size: 2, at: page * 4096 + 10)
            bytes.write(18, size: 2, at: page * 4096 + 12)
            bytes.write(4088, size: 2, at: page * 4096 + 14)
            bytes.write(4088, size: 2, at: page * 4096 + 16)
            bytes.write(UInt64(next), size: 8, at: page * 4096 + 4088)
        }
        bytes.write(UInt64(chain[0]), size: 8, at: record + 40)
        let all = try table().readAll()
        #expect(all.rows == [])
        #expect(all.damage.first?.kind == .tooDeep)
        let error = #expect(throws: DataFileError.self) { _ = try table().entry(atOrAfter: [1]) }
        #expect(error?.code == .damaged)
        #expect(throws: DataFileError.self) { _ = try table().last { _, _ in true } }
    }
}

/// Damages of overflow runs.
@Suite struct OverflowDamageTests {
    let folder: Folder
    let bytes: FileBytes
    let rows: [Row]
    /// Where the node of the third large value lies in the file, and its run's first page.
    let node: Int
    let run: Int

    init() throws {
        folder = try Folder()
        rows = try makeSmallFile(folder).rows("large")
        bytes = try FileBytes(folder.dataFile)
        let pages = SoundPages(bytes)
        run = pages.overflows[2]
        let root = Int(bytes.number(at: try #require(pages.records["large"]) + 40, size: 8)) * 4096
        node = root + Int(bytes.number(at: root + 16 + 2 * 2, size: 2))
        try #require(Int(bytes.number(at: node + 16, size: 8)) == run)
    }

    private func expectLoss(_ kind: Damage.Kind) throws {
        let table = try #require(try DataFile(path: folder.dataFile).snapshot().table(named: "large"))
        let all = table.readAll()
        #expect(all.rows == rows.filter { $0.key != rows[2].key })
        #expect(all.damage.map(\.kind) == [kind, .wrongCount])
        #expect(all.damage.first?.key == rows[2].key)
        #expect(all.damage.first?.lastKey == rows[1].key)
        guard kind != .visitedTwice else { return }
        let error = #expect(throws: DataFileError.self) { _ = try table.bytes(for: rows[2].key) }
        #expect(error?.code == .damaged)
        #expect(try table.bytes(for: rows[1].key) == rows[1].value)
    }

    // Invariant 4
    @Test(arguments: [0, 1, 5000, 1 << 52, UInt64.max])
    func `a run that begins outside the snapshot is reported`(page: UInt64) throws {
        bytes.write(page, size: 8, at: node + 16)
        try expectLoss(.pageOutside)
    }

    // Invariants 5, 6 and 12
    @Test func `a run of wrong flags, number, length or value size is reported`() throws {
        for (offset, size, number, kind) in [
            (run * 4096 + 10, 2, UInt64(2), Damage.Kind.wrongFlags), (run * 4096, 8, 3, .wrongNumber),
            (run * 4096 + 12, 4, 1, .badOverflow), (run * 4096 + 12, 4, 0, .badOverflow),
            (run * 4096 + 12, 4, 0xFFFF_FFFF, .badOverflow), (node, 4, 0xFFFF_FFFF, .badOverflow),
        ] {
            let old = bytes.number(at: offset, size: size)
            bytes.write(number, size: size, at: offset)
            try expectLoss(kind)
            bytes.write(old, size: size, at: offset)
        }
    }

    // Invariant 13
    @Test func `a run that two entries share is given once`() throws {
        let root = node / 4096 * 4096
        let first = root + Int(bytes.number(at: root + 16, size: 2))
        bytes.write(bytes.read(at: first + 16, count: 8), at: node + 16)
        bytes.write(bytes.read(at: first, count: 4), at: node)
        try expectLoss(.visitedTwice)
    }
}
