import LMDBFile
import Testing

@Suite struct LookupTests {
    let folder: Folder
    let rows: [Row]
    let table: Table

    init() throws {
        folder = try Folder()
        rows = try makeRows(folder, count: 20000)
        table = try #require(try DataFile(path: folder.dataFile).snapshot().table(named: "rows"))
    }

    @Test func `every present key is found with its value and every absent one is not`() throws {
        for row in rows where row.key[7] & 6 == 0 {
            #expect(try table.bytes(for: row.key) == row.value)
            #expect(try table.bytes(for: row.key + [0]) == nil)
            #expect(try table.bytes(for: Array(row.key.dropLast())) == nil)
        }
    }

    @Test func `a lookup at or after gives the entry itself or the next one, over page borders too`() throws {
        for index in rows.indices where index % 3 == 0 {
            let odd = bigEndian(UInt64(index) * 2 + 1)
            #expect(try table.entry(atOrAfter: rows[index].key) == rows[index])
            #expect(try table.entry(atOrAfter: odd) == (index + 1 < rows.count ? rows[index + 1] : nil))
        }
        #expect(try table.entry(atOrAfter: []) == rows.first)
        #expect(try table.entry(atOrAfter: [255]) == nil)
    }

    @Test func `after every key comes the next, on every leaf`() throws {
        for index in rows.indices.dropLast() {
            guard try table.entry(atOrAfter: rows[index].key + [0]) == rows[index + 1] else {
                Issue.record("after key \(rows[index].key) another entry than \(rows[index + 1].key) was found")
                return
            }
        }
    }

    @Test func `first and last are the ends`() throws {
        #expect(try table.first { key, value in Row(key: key.array, value: value.array) } == rows.first)
        #expect(try table.last { key, value in Row(key: key.array, value: value.array) } == rows.last)
    }

    @Test func `a scan from a key begins there, present or not, and visits nothing before`() {
        for index in stride(from: 0, to: rows.count, by: 997) {
            let all = table.readAll(from: rows[index].key)
            #expect(all.rows == Array(rows[index...]))
            #expect(all.damage == [])
            let odd = table.readAll(from: bigEndian(UInt64(index) * 2 + 1))
            #expect(odd.rows == Array(rows[(index + 1)...]))
            #expect(odd.damage == [])
        }
        #expect(table.readAll(from: [255]).rows == [])
    }

    @Test func `a scan stops when it is told to, without complaint`() {
        var seen = 0
        table.forEach(onDamage: { Issue.record("\($0)") }) { _, _ in
            seen += 1
            return seen < 5
        }
        #expect(seen == 5)
    }

    @Test func `an error of the body ends the scan and comes out`() {
        struct Stop: Error, Equatable {}
        var seen = 0
        #expect(throws: Stop()) {
            try table.forEach(onDamage: { _ in }) { (_, _) throws(Stop) -> Bool in
                seen += 1
                throw Stop()
            }
        }
        #expect(seen == 1)
    }

    @Test func `large values are found whole`() throws {
        let folder = try Folder()
        let content = try makeSmallFile(folder)
        let table = try #require(try DataFile(path: folder.dataFile).snapshot().table(named: "large"))
        for row in content.rows("large") {
            #expect(try table.bytes(for: row.key) == row.value)
            #expect(try table.entry(atOrAfter: row.key) == row)
        }
    }
}
