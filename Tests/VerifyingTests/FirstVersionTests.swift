import Digests
import EventFormat
import EventLog
import Merkle
import StoreFormat
import Testing
import Verifying

/// Stores whose segments are of version 1, which have the leaf hashes of all entries.
@Suite struct FirstVersionTests {
    let sample: Sample
    var store: Store

    init() throws {
        sample = try Sample.shared.get()
        store = sample.store.asVersion1
        try #require(store.segments.allSatisfy { $0.value[0] == 1 } && store.version == 1)
    }

    @Test func `a store of version 1 is intact and has the same root`() throws {
        let report = try store.verified()
        #expect(report.verdict == .intact && report.entries == 40 && report.root == sample.root.hex)
    }

    @Test(arguments: [0, 1, 12, 18, 39] as [UInt64])
    mutating func `an altered entry and an altered leaf hash are reported as what they are`(index: UInt64) throws {
        try store.alter(index) { $0.source = index == 0 ? "records.example.gov/others" : "https://forged.example" }
        let altered = try store.verified()
        // The payload of entry 0 states the origin too.
        let kinds: [Finding.Kind] = index == 0 ? [.key, .leaf] : [.leaf]
        #expect(altered.findings.map(\.kind) == kinds && altered.named == [index], "\(altered.findings)")
        store = sample.store.asVersion1
        let place = store.place(index)
        var segment = Segment(store.segments[place.row].value)
        segment.leaves[place.position] = .zero
        store.segments[place.row].value = segment.value
        let report = try store.verified()
        #expect(report.has(.leaf, at: index) && (index == 39 || report.has(.chain, at: index + 1)))
    }

    @Test func `it is read as before, and the first append makes it one of version 3`() throws {
        let folder = try Folder()
        try store.write(to: folder.path)
        let log = try EventLog(opening: folder.path)
        let events = try log.page(from: 0, limit: 100).events
        #expect(events.map(\.leaf) == (0..<40).map { sample.store[$0].leaf })
        #expect(try log.root().root == sample.root)
        for index: UInt64 in [0, 11, 39] {
            let proof = try log.inclusionProof(of: EntryIndex(index))
            try proof.verify(leaf: sample.store[index].leaf, root: sample.root)
        }
        #expect(Store(reading: folder.dataFile) == store, "reading changes nothing")

        try log.append((0..<30).map { (stream: Sample.streams[$0 % 3], event: event($0, payload: 5)) })
        let root = try log.root().root
        log.close()
        let grown = try #require(Store(reading: folder.dataFile))
        #expect(grown.version == 3 && StoreLayout.version == 3 && grown.indexed == 40)
        #expect(grown.segments.map { $0.value[0] } == store.segments.map { _ in 1 } + [2])
        let report = try verify(folder.path)
        #expect(report.verdict == .intact && report.entries == 70 && report.root == root.hex)

        // A store whose version is not that of its newest segment is one that another program would misread.
        var marked = grown
        marked.version = 1
        let findings = try marked.verified().findings
        #expect(!findings.isEmpty && findings.allSatisfy { $0.kind == .storage && $0.index == nil })
    }

    @Test func `a copy of it is a store of version 3, and an earlier copy of version 1 is continued`() throws {
        let folder = try Folder()
        try store.write(to: folder.path)
        let log = try EventLog(opening: folder.path)
        try log.copy(to: folder.place("new"))
        let new = try #require(Store(reading: folder.place("new") + "/data.mdb"))
        #expect(new.version == 3 && new.segments.allSatisfy { $0.value[0] == 2 })

        let earlier = try Folder()
        try store.write(to: earlier.path)
        try log.append((0..<3).map { (stream: Sample.streams[$0], event: event($0)) })
        #expect(try log.copy(to: earlier.path) == 3)
        let root = try log.root().root
        log.close()
        for path in [folder.path, earlier.path] {
            let report = try verify(path)
            #expect(report.verdict == .intact && report.entries == 43 && report.root == root.hex)
        }
    }

    @Test(arguments: [0, 4, 255] as [UInt8]) mutating func `a store of another version is not opened`(version: UInt8)
        throws
    {
        store.version = version
        let folder = try Folder()
        try store.write(to: folder.path)
        let error = #expect(throws: LogError.self) { try EventLog(opening: folder.path) }
        #expect(error?.reason.contains("the store is of version \(version); this program knows 1 to 3") == true)
    }
}
