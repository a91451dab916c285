import LMDBFile
import TestSupport
import Testing

/// Files of which a part is missing or misplaced.
@Suite struct CutTests {
    let folder: Folder
    let bytes: FileBytes
    let content: Content
    let whole: [UInt8]
    let pages: SoundPages

    init() throws {
        folder = try Folder()
        content = try makeSmallFile(folder)
        bytes = try FileBytes(folder.dataFile)
        whole = bytes.all
        pages = SoundPages(bytes)
    }

    // Invariant 4
    @Test
    func `a file cut at any page border, or just before or after one, is reported unless only free pages are lost`() {
        // The last page of each overflow run lies after its first.
        let needed = (pages.all.max()! + 1) * 4096
        for border in stride(from: 0, through: whole.count, by: 4096).reversed() {
            for size in [border + 1, border, border - 1] where size >= 0 && size < needed {
                bytes.cut(to: size)
                let readout = Readout(path: folder.dataFile)
                if !readout.isReported { Issue.record("a file cut to \(size) of \(whole.count) bytes seems sound") }
            }
            bytes.write(Array(whole.prefix(border)), at: 0)
        }
    }

    @Test(arguments: [0.3, 0.5, 0.9])
    func `what a cut file still has is read, in order and unchanged`(share: Double) throws {
        let folder = try Folder()
        let rows = try makeRows(folder, count: 3000)
        let bytes = try FileBytes(folder.dataFile)
        let file = SoundPages(bytes)
        let kept = Int(Double(bytes.count / 4096) * share)
        try #require(file.branches.allSatisfy { $0 < kept })
        bytes.cut(to: kept * 4096 + 1000)
        let all = try #require(try DataFile(path: folder.dataFile).snapshot().table(named: "rows")).readAll()
        let lost = file.leaves.filter { $0 >= kept }.map(UInt64.init)
        #expect(!lost.isEmpty)
        #expect(all.damage.filter { $0.kind == .pageOutside }.count == min(lost.count, 16))
        #expect(all.rows.count >= file.leaves.count(where: { $0 < kept }) * 20)
        let sound = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) })
        #expect(all.rows.allSatisfy { sound[$0.key] == $0.value })
        #expect(zip(all.rows, all.rows.dropFirst()).allSatisfy { $0.key.lexicographicallyPrecedes($1.key) })
    }

    // Invariant 1
    @Test func `exchanged meta pages are refused`() {
        bytes.write(Array(whole[4096..<8192]) + Array(whole[..<4096]), at: 0)
        let readout = Readout(path: folder.dataFile)
        #expect(readout.errors.map(\.code) == [.notADataFile])
    }

    // Invariant 1
    @Test(arguments: [0, 1])
    func `with one meta page lost the other is used, and the loss is told`(lost: Int) throws {
        bytes.write([UInt8](repeating: 0, count: 4096), at: lost * 4096)
        let snapshot = try DataFile(path: folder.dataFile).snapshot()
        #expect(snapshot.metaDamage.map(\.kind) == [.meta])
        #expect(snapshot.metaDamage.map(\.page) == [UInt64(lost)])
        #expect(snapshot.transactionID == (lost == pages.meta ? 2 : 3))
        #expect(snapshot.pageSize == 4096)
    }

    // Invariant 2
    @Test func `meta pages of different page sizes are refused`() {
        bytes.write(8192, size: 4, at: 4096 + 40)
        #expect(Readout(path: folder.dataFile).errors.map(\.code) == [.damaged])
    }

    // Invariant 1
    @Test(arguments: [0, 1, 256, 511, 4095, 4097, 65536, 0xFFFF_FFFF] as [UInt64])
    func `impossible page sizes are refused`(size: UInt64) {
        bytes.write(size, size: 4, at: 40)
        bytes.write(size, size: 4, at: 4096 + 40)
        #expect(Readout(path: folder.dataFile).errors.map(\.code) == [.notADataFile])
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `random pages behind a sound main table are reported, and reading ends`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let mainRoot = Int(bytes.number(at: pages.meta * 4096 + 128, size: 8))
        for page in pages.all where page != mainRoot {
            bytes.write(random.bytes(4096), at: page * 4096)
            // Headers that look right, and nodes that lead to real pages, so that the reader goes deep.
            bytes.write(UInt64(page), size: 8, at: page * 4096)
            bytes.write(random.next() % 2 + 1, size: 2, at: page * 4096 + 10)
            let lower = 18 + 2 * (random.next() % 100)
            bytes.write(lower, size: 2, at: page * 4096 + 12)
            bytes.write(lower, size: 2, at: page * 4096 + 14)
            for pointer in stride(from: 16, to: lower, by: 2) {
                let place = lower + random.next() % (4000 - lower) & ~1
                bytes.write(place, size: 2, at: page * 4096 + Int(pointer))
                bytes.write(random.next() % UInt64(whole.count / 4096), size: 6, at: page * 4096 + Int(place))
                bytes.write(random.next() % 40, size: 2, at: page * 4096 + Int(place) + 6)
            }
        }
        let readout = Readout(path: folder.dataFile)
        #expect(readout.isReported)
        #expect(readout.names == ["empty", "events", "large", "names"])
        for rows in readout.tables.values {
            #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.key.lexicographicallyPrecedes($1.key) })
        }
    }
}
