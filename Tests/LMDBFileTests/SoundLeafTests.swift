import TestSupport
import Testing

@testable import LMDBFile

/// Reading a leaf in one pass changes nothing that a scan finds or says.
@Suite(.serialized) struct SoundLeafTests {
    /// What a scan met, in order.
    private enum Event: Equatable {
        case row([UInt8], [UInt8])
        case damage(Damage)
    }

    private func scan(_ table: Table, from key: [UInt8]?, inOnePass: Bool) -> [Event] {
        var events: [Event] = []
        table.snapshot.mapping.withBytes { file in
            var walk = Walk(
                record: table.record, recordPage: table.recordPage, layout: table.snapshot.layout, holdsTables: false)
            walk.readsSoundLeaves = inOnePass
            walk.from = key
            walk.begin(in: file) { events.append(.damage($0)) }
            while let entry = walk.next(in: file, report: { events.append(.damage($0)) }) {
                events.append(.row(file.extracting(entry.key).array, file.extracting(entry.value).array))
            }
            walk.checkCounts(in: file) { events.append(.damage($0)) }
        }
        return events
    }

    private func compare(_ file: DataFile, from key: [UInt8]?, _ note: @autoclosure () -> String) -> Bool {
        var isDamaged = false
        for name in ["events", "large", "names"] {
            guard let table = try? file.snapshot().table(named: name) else { continue }
            let quick = scan(table, from: key, inOnePass: true)
            let slow = scan(table, from: key, inOnePass: false)
            if quick != slow { Issue.record("the two scans of \(name) differ, \(note())") }
            isDamaged = isDamaged || slow.contains { if case .damage = $0 { true } else { false } }
        }
        return isDamaged
    }

    @Test func `with any byte of a tree page changed, both ways of reading leaves find and report the same`() throws {
        let seed = printedSeed("leaves read both ways")
        var random = SeededGenerator(seed: seed)
        let folder = try Folder()
        _ = try makeSmallFile(folder)
        let bytes = try FileBytes(folder.dataFile)
        let file = try DataFile(path: folder.dataFile)
        let pages = SoundPages(bytes)
        try #require(pages.leaves.count > 10)
        #expect(!compare(file, from: nil, "sound"))
        var damaged = 0
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let page = (pages.leaves + pages.overflows).randomElement(using: &random) ?? 0
            let place = page * 4096 + Int.random(in: 0..<4096, using: &random) / (Bool.random(using: &random) ? 1 : 16)
            let old = bytes.read(at: place, count: 1)
            bytes.write([UInt8.random(in: 0...255, using: &random)], at: place)
            let key = Bool.random(using: &random) ? nil : random.bytes(8)
            if compare(file, from: key, "byte \(place % 4096) of page \(page), seed \(seed)") { damaged += 1 }
            bytes.write(old, at: place)
        }
        #expect(damaged > 20, "seed \(seed)")
    }
}
