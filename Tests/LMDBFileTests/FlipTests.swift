import LMDBFile
import TestSupport
import Testing

/// Damage of single bytes, made in the file under an open reader.
@Suite(.serialized) struct FlipTests {
    static let masks: [UInt8] = [0x01, 0x80, 0xFF]

    let folder: Folder
    let bytes: FileBytes
    let file: DataFile
    let sound: Readout
    let pages: SoundPages

    init() throws {
        folder = try Folder()
        _ = try makeSmallFile(folder)
        bytes = try FileBytes(folder.dataFile)
        file = try DataFile(path: folder.dataFile)
        sound = Readout(file)
        pages = SoundPages(bytes)
        try #require(!sound.isReported)
        try #require(!pages.branches.isEmpty && pages.leaves.count > 10 && pages.overflows.count == 5)
    }

    /// What a reader gets while the byte at `offset` is another.
    private func readout(flipping offset: Int, _ mask: UInt8) -> Readout {
        let old = bytes.read(at: offset, count: 1)
        bytes.write([old[0] ^ mask], at: offset)
        defer { bytes.write(old, at: offset) }
        return Readout(file)
    }

    /// Goes every way a reader can go but the full scan, whatever comes of it.
    private func probe(_ random: inout SeededGenerator) {
        for (name, rows) in sound.tables {
            guard let table = try? file.snapshot().table(named: name) else { continue }
            let key = rows.randomElement(using: &random)?.key ?? [0]
            _ = try? table.bytes(for: key)
            _ = try? table.entry(atOrAfter: key + [0])
            _ = try? table.first { key, value in key.count + value.count }
            _ = try? table.last { key, value in key.count + value.count }
            let all = table.readAll(from: key).rows
            #expect(all.allSatisfy { !$0.key.lexicographicallyPrecedes(key) })
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.key.lexicographicallyPrecedes($1.key) })
        }
    }

    private func expectReports(_ offsets: [Int]) {
        for offset in offsets {
            for mask in FlipTests.masks where !readout(flipping: offset, mask).isReported {
                Issue.record("byte \(offset % 4096) of page \(offset / 4096) xor \(mask) was not reported")
            }
        }
    }

    // Invariants 5, 6, 7 and 12
    @Test func `any changed byte in a header of a page in use is reported`() {
        // Bytes 8 and 9 are unused.
        expectReports(
            pages.all.flatMap { page in [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15].map { page * 4096 + $0 } })
    }

    // Invariants 8, 9 and 10
    @Test func `any changed byte in a table of node offsets is reported`() {
        expectReports(
            (pages.branches + pages.leaves).flatMap { page in
                let lower = Int(bytes.number(at: page * 4096 + 12, size: 2))
                return (16..<lower).map { page * 4096 + $0 }.filter { $0 % 3 == 0 }
            })
    }

    // Invariants 1 and 3
    @Test func `any changed byte of the newest meta page's header, magic, version, page size or id is reported`() {
        let used = Array(0..<8) + [10, 11] + Array(16..<24) + Array(40..<44) + Array(144..<152)
        expectReports(used.map { pages.meta * 4096 + $0 })
        expectReports((Array(0..<8) + [10, 11] + Array(16..<24)).map { (1 - pages.meta) * 4096 + $0 })
    }

    // Invariants 14, 15 and 16
    @Test func `any changed byte in the record of a table, but its padding, is reported`() {
        #expect(pages.records.count == 4)
        for place in [pages.meta * 4096 + 88] + pages.records.values { expectReports(Array(place + 4..<place + 48)) }
    }

    @Test func `a changed byte anywhere is reported or changes one entry at most, and reading ends`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let (clock, size) = (ContinuousClock(), bytes.count)
        let end = clock.now + .seconds(10)
        var (tried, silent) = (0, 0)
        while clock.now < end {
            let (offset, mask) = (Int(random.next() % UInt64(size)), FlipTests.masks.randomElement(using: &random)!)
            let damaged = readout(flipping: offset, mask)
            tried += 1
            guard !damaged.isReported else { continue }
            silent += 1
            if damaged.differences(from: sound) > (damaged.names == sound.names ? 1 : 2) {
                Issue.record("byte \(offset % 4096) of page \(offset / 4096) xor \(mask) changed much in silence")
            }
        }
        print("seed \(seed): \(tried) of \(size * FlipTests.masks.count) changes tried, \(silent) silent")
        #expect(tried > 100)
        let again = Readout(file)
        #expect(again == sound)
    }

    @Test func `many changed bytes at once do no harm`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let whole = bytes.all
        let (clock, start) = (ContinuousClock(), ContinuousClock().now)
        var rounds = 0
        while clock.now < start + .seconds(4) {
            // Only in headers and the places just after them, where numbers lie that steer the reading.
            for _ in 0..<Int(random.next() % 30 + 2) {
                let page = pages.all.randomElement(using: &random)!
                bytes.write(random.bytes(1 + Int(random.next() % 3)), at: page * 4096 + Int(random.next() % 120))
            }
            _ = Readout(file)
            probe(&random)
            bytes.write(whole, at: 0)
            rounds += 1
        }
        #expect(rounds > 10)
        let again = Readout(file)
        #expect(again == sound)
    }
}
