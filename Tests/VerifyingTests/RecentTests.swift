import Digests
import EventFormat
import EventLog
import StoreFormat
import Testing
import Verifying

/// Stores whose index tables do not cover the last entries (S8).
@Suite struct RecentTests {
    let sample: Sample
    var store: Store

    init() throws {
        sample = try Sample.shared.get()
        store = sample.store
    }

    @Test(arguments: 0...40 as ClosedRange<UInt64>)
    func `tables that cover any number of entries are intact, and the log is read and continued`(count: UInt64) throws {
        let store = try sample.store.covering(count)
        let report = try store.verified()
        #expect(report.verdict == .intact && report.root == sample.root.hex, "\(report.findings)")

        let folder = try Folder()
        try store.write(to: folder.path)
        let log = try EventLog(opening: folder.path)
        #expect(try log.streams(limit: 10).map(\.revision) == (try headRevisions()))
        #expect(try log.summary().streamCount == 4)
        for index: UInt64 in [0, 1, 17, 39] {
            let id = try sample.store.entry(index).id
            #expect(try log.index(of: id)?.rawValue == index)
        }
        try log.append((0..<30).map { (stream: Sample.streams[$0 % 3], event: event($0, payload: 5)) })
        #expect(try log.streams(limit: 10).reduce(0) { $0 + $1.revision.rawValue + 1 } == 70)
        log.close()
        #expect(try verify(folder.path).verdict == .intact)
        #expect(Store(reading: folder.dataFile)?.indexed == count)
    }

    private func headRevisions() throws -> [Revision] { try store.streams.map { try $0.head().revision } }

    @Test(arguments: [0, 8, 20, 40] as [UInt64])
    mutating func `a row that is missing or too much is reported`(count: UInt64) throws {
        store = try store.covering(count)
        var less = store
        if let row = less.ids.indices.last {
            let value = less.ids.remove(at: row).value
            let index: UInt64 = value.span.bigEndian(at: 0)
            #expect(try less.verified().named == [index])
        }
        guard count < 40 else { return }
        var more = store
        more.ids.append(sample.store.ids[sample.store.row(ofID: count)])
        #expect(try more.verified().indexes(.id) == [count])
        more = store
        more.streams = sample.store.streams
        #expect(try more.verified().verdict == .altered)
    }

    @Test(arguments: [1, 39, 40, 41, .max] as [UInt64])
    mutating func `a number of entries covered that is not the true one is reported`(count: UInt64) throws {
        store = try store.covering(20)
        store.indexed = count
        #expect(try store.verified().verdict == .altered)
        store.about.removeAll { $0.key == StoreLayout.indexedKey }
        #expect(try store.verified().has(.storage, at: nil))
        let folder = try Folder()
        try store.write(to: folder.path)
        let error = #expect(throws: LogError.self) { try EventLog(opening: folder.path) }
        #expect(error?.code == .damaged && error?.reason.contains("index tables") == true)
    }

    @Test func `more entries than may be left out are refused`() {
        let size = UInt64(StoreLayout.recentCount) + 10
        for (indexed, expected) in [(9, nil), (10, 10), (size, size), (size + 1, nil)] as [(UInt64, UInt64?)] {
            let row = [UInt8](bigEndian: indexed)
            #expect(StoreLayout.indexed(row: row.span, size: size) == expected)
        }
        let short: [UInt8] = [0, 1]
        #expect(StoreLayout.indexed(row: short.span, size: 1) == nil)
    }

    @Test(arguments: [5, 20, 39] as [UInt64])
    mutating func `an altered entry among the last ones is reported alone`(index: UInt64) throws {
        store = try store.covering(3)
        try store.alter(index) { $0.source = "https://forged.example" }
        let report = try store.verified()
        #expect(report.findings.map(\.kind) == [.leaf] && report.named == [index], "\(report.findings)")
    }

    @Test mutating func `an altered link among the last ones is reported at its entry`() throws {
        for index: UInt64 in 4..<40 {
            store = try sample.store.covering(3)
            guard store[index].previous != .max else { continue }
            store[index].previous -= 1
            #expect(try store.verified().named.contains(index))
        }
    }

    @Test func `an id that is recorded twice is reported, wherever the two stand`() throws {
        for (first, second) in [(3, 12), (3, 5), (12, 14)] as [(UInt64, UInt64)] {
            var forger = try Forger()
            var ids: [EventID] = []
            for number in 1..<16 as Range<UInt64> {
                try forger.add(to: Sample.streams[Int(number) % 3]) { entry, _ in
                    if number == second { entry.id = ids[Int(first) - 1] }
                    ids.append(entry.id)
                }
                if number % 4 == 0 { forger.finishSegment() }
            }
            var forged = forger.finished()
            let row = try #require(forged.ids.firstIndex { $0.value == [UInt8](bigEndian: second) })
            forged.ids.remove(at: row)
            let report = try forged.covering(10).verified()
            #expect(report.has(.id, at: second), "\(first), \(second): \(report.findings)")
        }
    }

    @Test(arguments: [false, true])
    func `two entries that follow the same one of their stream are reported`(isFirstCovered: Bool) throws {
        var forger = try Forger()
        try forger.add(3, to: Sample.streams[0])
        try forger.add(to: Sample.streams[0], isHead: false)
        forger.finishSegment()
        try forger.add(to: Sample.streams[0])
        try forger.add(2, to: Sample.streams[1])
        let forged = try forger.finished().covering(isFirstCovered ? 5 : 2)
        let report = try forged.verified()
        #expect(report.verdict == .altered && report.findings.contains { $0.kind == .stream }, "\(report.findings)")
    }

    @Test func `a stream that begins anew is reported`() throws {
        var forger = try Forger()
        try forger.add(3, to: Sample.streams[0])
        try forger.add(to: Sample.streams[0]) { entry, link in
            (entry.revision, entry.streamPrevious) = (0, nil)
            link = StreamLink(previous: nil, jump: nil)
        }
        let forged = forger.finished()
        for count: UInt64 in [1, 2, 4] {
            let report = try forged.covering(count).verified()
            // Where the index names the new first entry, the one that nothing leads to any more is at fault.
            #expect(report.has(.stream, at: count < 4 ? 4 : 3), "\(count): \(report.findings)")
        }
    }
}
