import Glibc
import LMDBFile
import Synchronization
import Testing

@Suite struct SnapshotTests {
    @Test func `both meta pages can be read, and no other transaction`() throws {
        let folder = try Folder()
        let writer = try LMDBWriter(folder)
        for number in 1...5 as ClosedRange<UInt8> { try writer.write { try $0.put("t", [number], [number]) } }
        let file = try DataFile(path: folder.dataFile)
        #expect(try file.snapshot().transactionID == 5)
        for (transaction, keys) in [(UInt64(5), 1...5 as ClosedRange<UInt8>), (4, 1...4)] {
            let snapshot = try file.snapshot(transaction: transaction)
            #expect(snapshot.transactionID == transaction)
            let all = try #require(try snapshot.table(named: "t")).readAll()
            #expect(all.rows.map(\.key) == keys.map { [$0] })
            #expect(all.damage == [])
        }
        for transaction in [0, 3, 6, UInt64.max] {
            let error = #expect(throws: DataFileError.self) { _ = try file.snapshot(transaction: transaction) }
            #expect(error?.code == .snapshotGone)
        }
    }

    @Test func `a file that a live writer makes grow is followed`() throws {
        let folder = try Folder()
        let writer = try LMDBWriter(folder)
        try writer.write { try $0.open("t") }
        let file = try DataFile(path: folder.dataFile)
        let early = try file.snapshot()
        let before = early.pageCount
        for round in 0..<UInt64(30) {
            try writer.write { transaction in
                for number in 0..<UInt64(50) {
                    try transaction.put("t", bigEndian(round * 50 + number), [UInt8](repeating: 1, count: 3000))
                }
            }
            let snapshot = try file.snapshot()
            let all = try #require(try snapshot.table(named: "t")).readAll()
            #expect(all.rows.count == (Int(round) + 1) * 50)
            #expect(all.damage == [])
            #expect(snapshot.metaDamage == [])
            #expect(snapshot.isPresent)
        }
        #expect(try file.snapshot().pageCount > before + 1000)
        #expect(!early.isPresent)
    }

    @Test func `a snapshot outlives its data file and the file's name`() throws {
        let folder = try Folder()
        let rows = try makeRows(folder, count: 3000)
        let snapshot = try DataFile(path: folder.dataFile).snapshot()
        unlink(folder.dataFile)
        #expect(try snapshot.table(named: "rows")?.readAll().rows == rows)
    }

    @Test func `a snapshot stays present over one commit and is gone after two`() throws {
        let folder = try Folder()
        let writer = try LMDBWriter(folder)
        try writer.write { try $0.put("t", [1], [1]) }
        let snapshot = try DataFile(path: folder.dataFile).snapshot()
        #expect(snapshot.isPresent)
        try writer.write { try $0.put("t", [2], [2]) }
        #expect(snapshot.isPresent)
        try writer.write { try $0.put("t", [3], [3]) }
        #expect(!snapshot.isPresent)
    }

    @Test func `under a busy writer, a scan after which the snapshot is still present was right`() async throws {
        let folder = try Folder()
        let path = folder.path
        let keys = (0..<UInt64(400)).map(bigEndian)
        try writeRound(0, keys, path)
        let file = try DataFile(path: folder.dataFile)
        let isDone = Atomic(false)
        async let writing: Void = {
            defer { isDone.store(true, ordering: .releasing) }
            for round in 1..<UInt64(150) { try writeRound(round, keys, path) }
        }()
        var (present, gone) = (0, 0)
        repeat {
            let snapshot = try file.snapshot()
            let table = try? snapshot.table(named: "t")
            // Every other scan is slow enough to be overtaken.
            if (present + gone).isMultiple(of: 2) { usleep(20_000) }
            let all = table?.readAll()
            guard snapshot.isPresent else {
                gone += 1
                continue
            }
            present += 1
            #expect(all?.damage == [])
            #expect(all?.rows.map(\.key) == keys)
            #expect(Set(all?.rows.map(\.value) ?? []).count == 1)
        } while !isDone.load(ordering: .acquiring)
        try await writing
        print("\(present) scans of present snapshots, \(gone) of gone ones")
        #expect(present > 0)
    }

    /// Gives all keys the same new value, in one transaction.
    private func writeRound(_ round: UInt64, _ keys: [[UInt8]], _ path: String) throws {
        try LMDBWriter(path: path).write { transaction in
            for key in keys { try transaction.put("t", key, [UInt8](repeating: 9, count: 100) + bigEndian(round)) }
        }
    }
}
