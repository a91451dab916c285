import CLMDB
import LMDBFile
import TestSupport
import Testing

@Suite struct SoundFileTests {
    @Test func `a scan gives exactly what was put, and no damage`() throws {
        let folder = try Folder()
        let content = try makeSmallFile(folder)
        let snapshot = try DataFile(path: folder.dataFile).snapshot()
        var damage = snapshot.metaDamage
        let names = snapshot.tableNames { damage.append($0) }
        #expect(names == ["empty", "events", "large", "names"])
        for name in names {
            let table = try #require(try snapshot.table(named: name))
            let all = table.readAll()
            #expect(all.rows == content.rows(name))
            #expect(table.entryCount == UInt64(all.rows.count))
            damage += all.damage
        }
        #expect(damage == [])
    }

    @Test func `a tree of three levels is read in order`() throws {
        let folder = try Folder()
        let rows = try makeRows(folder, count: 20000)
        let table = try #require(try DataFile(path: folder.dataFile).snapshot().table(named: "rows"))
        #expect(table.depth == 3)
        let all = table.readAll()
        #expect(all.rows == rows)
        #expect(all.damage == [])
    }

    @Test func `an empty table has no entries, and an unknown name no table`() throws {
        let folder = try Folder()
        try LMDBWriter(folder).write { try $0.open("empty") }
        let snapshot = try DataFile(path: folder.dataFile).snapshot()
        let table = try #require(try snapshot.table(named: "empty"))
        #expect(table.entryCount == 0)
        #expect(table.depth == 0)
        let all = table.readAll()
        #expect(all.rows == [])
        #expect(all.damage == [])
        #expect(try table.entry(atOrAfter: [0]) == nil)
        #expect(try table.bytes(for: [0]) == nil)
        #expect(try table.first { _, _ in true } == nil)
        #expect(try table.last { _, _ in true } == nil)
        #expect(try snapshot.table(named: "other") == nil)
    }

    @Test func `a file without any transaction has no tables`() throws {
        let folder = try Folder()
        _ = try LMDBWriter(folder)
        let snapshot = try DataFile(path: folder.dataFile).snapshot()
        #expect(snapshot.transactionID == 0)
        #expect(snapshot.metaDamage == [])
        #expect(snapshot.tableNames { Issue.record("\($0)") } == [])
    }

    // Invariant 16
    @Test func `a table with sorted duplicates is refused by name`() throws {
        let folder = try Folder()
        try LMDBWriter(folder).write { transaction in
            try transaction.open("pairs", flags: MDB_DUPSORT)
            try transaction.put("plain", [1], [2])
        }
        let snapshot = try DataFile(path: folder.dataFile).snapshot()
        let error = #expect(throws: DataFileError.self) { _ = try snapshot.table(named: "pairs") }
        #expect(error?.code == .unsupported)
        #expect(try snapshot.table(named: "plain")?.readAll().rows == [Row(key: [1], value: [2])])
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `whatever LMDB did in many transactions, a scan finds it and no damage`(seed: UInt64) throws {
        let folder = try Folder()
        var random = SeededGenerator(seed: seed)
        var content: Content = [:]
        let writer = try LMDBWriter(folder)
        for _ in 0..<15 { try writer.write { try churn($0, &content, &random) } }
        let readout = Readout(path: folder.dataFile)
        #expect(readout.damage == [])
        #expect(readout.errors == [])
        #expect(readout.names == content.keys.sorted())
        for name in content.keys { #expect(readout.tables[name] == content.rows(name)) }
    }

    /// One transaction of random puts, overwrites and deletions.
    private func churn(
        _ transaction: LMDBTransaction, _ content: inout Content, _ random: inout SeededGenerator
    ) throws {
        for _ in 0..<Int.random(in: 1...400, using: &random) {
            let name = ["a", "bb", "ccc"].randomElement(using: &random)!
            let rows = content[name, default: [:]]
            if Int.random(in: 0..<10, using: &random) < 4, let victim = rows.keys.randomElement(using: &random) {
                content[name]![victim] = nil
                try transaction.delete(name, victim)
                continue
            }
            let known = rows.isEmpty || Bool.random(using: &random) ? nil : rows.keys.randomElement(using: &random)
            let key = known ?? random.bytes(Int.random(in: 1...(name == "ccc" ? 511 : 24), using: &random))
            let isLarge = Int.random(in: 0..<20, using: &random) == 0
            let value = random.bytes(Int.random(in: 0...(isLarge ? 20000 : 120), using: &random))
            content[name, default: [:]][key] = value
            try transaction.put(name, key, value)
        }
    }
}
