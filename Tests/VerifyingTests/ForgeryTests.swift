import Digests
import EventFormat
import Merkle
import StoreFormat
import Testing
import Verifying

/// Alterations by someone who recomputes hashes, and entries that no sound ledger would have recorded.
@Suite struct ForgeryTests {
    // MARK: - Rewritten

    @Test(arguments: [0, 1, 3, 9, 18, 32] as [UInt64])
    func `a rewritten entry with its own leaf hash breaks the chain at the next one`(index: UInt64) throws {
        let sample = try Sample.shared.get()
        var store = sample.store
        try store.rewrite(index) { $0.source = index == 0 ? "records.example.gov/others" : "https://forged.example" }
        let report = try store.verified()
        #expect(report.verdict == .altered && report.has(.chain, at: index + 1))
        #expect(report.indexes(.leaf).isEmpty && report.indexes(.encoding).isEmpty)
        // The nodes of the tree are checked where they are complete: one for each block of 16, and at 31 one for both.
        if index < 32 { #expect(report.has(.tree, at: index | 15) && report.has(.tree, at: 31)) }
        #expect(report.root != sample.root.hex)
    }

    @Test(arguments: [4, 11, 15, 20, 37] as [UInt64])
    func `a rewritten entry and its leaf hash in the next one are found at the next one`(index: UInt64) throws {
        let sample = try Sample.shared.get()
        var store = sample.store
        try store.rewrite(index) { $0.source = "https://forged.example" }
        let leaf = store[index].leaf
        try store.rewrite(index + 1) { $0.previous = leaf }
        let report = try store.verified()
        #expect(report.verdict == .altered && report.indexes(.leaf) == [index + 1], "\(report.findings)")
        if index < 32 { #expect(report.has(.tree, at: index | 15) && report.has(.tree, at: 31)) }
        #expect(report.root != sample.root.hex)
    }

    @Test func `the last entry rewritten with its own leaf hash is found only by a known root`() throws {
        let sample = try Sample.shared.get()
        var store = sample.store
        try store.rewrite(39) { $0.type = "case.forged" }
        #expect(try store.verified().verdict == .intact)
        let report = try store.verified(known: [.init(size: 40, root: sample.root)])
        #expect(report.findings.map(\.kind) == [.root] && report.named == [39])
    }

    /// Whoever can write the file can also recompute everything after an altered entry. What is inside the file then
    /// agrees, and no verifier can tell it from a ledger that was so recorded: that needs a root that was published
    /// before, outside the file.
    @Test(arguments: [1, 12, 25] as [UInt64])
    func `a history rewritten as a whole is intact by itself and is found by a known root`(index: UInt64) throws {
        let sample = try Sample.shared.get()
        var tree = CompactRange()
        var known: [Verifier.KnownRoot] = []
        for entry in 0..<sample.store.size {
            tree.append(sample.store[entry].leaf)
            known.append(.init(size: entry + 1, root: tree.root))
        }
        var store = sample.store
        try store.rewrite(index) { $0.type = "case.forged" }
        try store.relink()
        let alone = try store.verified()
        #expect(alone.verdict == .intact && alone.root != sample.root.hex)
        let report = try store.verified(known: known)
        #expect(report.verdict == .altered && Set(report.findings.map(\.kind)) == [.root])
        #expect(report.indexes(.root) == Array(index..<40))
    }

    @Test func `computing everything anew for an unaltered ledger alters nothing`() throws {
        let sample = try Sample.shared.get()
        var store = sample.store
        try store.relink()
        #expect(store == sample.store)
    }

    @Test func `a known root of a size that the ledger never had, or that cannot be computed, is reported`() throws {
        let sample = try Sample.shared.get()
        let report = try sample.store.verified(known: [.init(size: 41, root: sample.root)])
        #expect(report.findings.map(\.kind) == [.root] && report.named == [40])
        var store = sample.store
        store.segments.remove(at: 3)
        let holed = try store.verified(known: [.init(size: 40, root: sample.root)])
        #expect(holed.has(.root, at: nil))
    }

    // MARK: - Rules broken under right hashes

    /// A store whose entry 21, the seventh of stream `case-a` (revision 6), is altered by `change`, with sound entries
    /// before and after.
    private func forged(
        isHead: Bool = true, _ change: (Forger, inout Entry, inout StreamLink) -> Void
    ) throws -> VerificationReport {
        var forger = try Forger()
        try forger.add(9, to: "case-b")
        try forger.add(6, to: "case-a")
        forger.finishSegment()
        try forger.add(5, to: "case-c")
        let before = forger
        #expect(forger.next == 21)
        try forger.add(to: "case-a", isHead: isHead) { change(before, &$0, &$1) }
        try forger.add(3, to: "case-a")
        forger.finishSegment()
        try forger.add(10, to: "case-c")
        return try forger.finished().verified()
    }

    @Test func `a store by the same writer without a broken rule is intact`() throws {
        let report = try forged { _, _, _ in }
        #expect(report.verdict == .intact && report.findings.isEmpty && report.entries == 35)
    }

    @Test func `an entry recorded before the entry before it is reported`() throws {
        let report = try forged { _, entry, _ in
            entry.recorded = (try? Timestamp(microseconds: entry.recorded.microseconds - 3_600_000_000)) ?? .earliest
        }
        #expect(report.findings.map(\.kind) == [.time] && report.named == [21])
    }

    @Test func `an entry recorded at the same time as the one before it is sound`() throws {
        let report = try forged { _, entry, _ in
            entry.recorded = (try? Timestamp(microseconds: entry.recorded.microseconds - 1_000_000)) ?? .earliest
        }
        #expect(report.verdict == .intact)
    }

    @Test(arguments: [1, 5, 7, 1 << 40] as [UInt64]) func `a wrong revision is reported`(revision: UInt64) throws {
        let report = try forged { _, entry, _ in entry.revision = Revision(revision) }
        #expect(report.verdict == .altered && report.has(.stream, at: 21), "\(report.findings)")
        #expect(report.indexes(.chain).isEmpty && report.indexes(.leaf).isEmpty && report.indexes(.tree).isEmpty)
    }

    @Test func `a wrong hash of the stream's entry before is reported`() throws {
        let report = try forged { forger, entry, _ in entry.streamPrevious = forger.leaf(14) }
        #expect(report.findings.map(\.kind).contains(.stream) && report.has(.stream, at: 21))
        let zero = try forged { _, entry, _ in entry.streamPrevious = .zero }
        #expect(zero.has(.stream, at: 21))
    }

    @Test(arguments: [14, 9, 20, 3, 0] as [UInt64])
    func `a link to another entry than the stream's entry before is reported`(target: UInt64) throws {
        let report = try forged { _, _, link in link.previous = EntryIndex(target) }
        #expect(report.verdict == .altered && report.has(.stream, at: 21), "\(report.findings)")
    }

    @Test(arguments: [nil, 21, 22, 34, 1000, 1 << 63, .max - 1] as [UInt64?])
    func `a link to no entry, to the entry itself or to a later one is reported`(target: UInt64?) throws {
        let previous = try forged { _, _, link in link.previous = target.map { EntryIndex($0) } }
        #expect(previous.verdict == .altered && previous.has(.stream, at: 21), "\(previous.findings)")
        let jump = try forged { _, _, link in link.jump = target.map { EntryIndex($0) } }
        #expect(jump.verdict == .altered && jump.has(.link, at: 21), "\(jump.findings)")
    }

    @Test(arguments: [0, 9, 10, 12, 13, 14, 15, 20] as [UInt64])
    func `a jump to another entry than the one of the right revision is reported`(target: UInt64) throws {
        var right: UInt64?
        let report = try forged { _, _, link in
            right = link.jump?.rawValue
            link.jump = EntryIndex(target)
        }
        #expect(right == 13, "revision 6 jumps to revision 3")
        #expect(report.has(.link, at: 21) == (target != right))
        #expect((report.verdict == .intact) == (target == right))
    }

    @Test func `two entries of one revision are reported`() throws {
        var forger = try Forger()
        try forger.add(6, to: "case-a")
        // A second revision 5, after revision 4, and the stream goes on behind the first one.
        let (leaf, link) = (forger.leaf(5), forger.link(6))
        try forger.add(to: "case-a", isHead: false) { entry, newLink in
            entry.revision = 5
            entry.streamPrevious = leaf
            newLink = link
        }
        try forger.add(4, to: "case-a")
        var store = forger.finished()
        let report = try store.verified()
        #expect(report.verdict == .altered && report.has(.stream, at: 7), "\(report.findings)")
        #expect(!report.findings.contains { $0.kind != .stream })
        // The other way round: the stream's row leads to the second one.
        var other = try Forger()
        try other.add(6, to: "case-a")
        try other.add(to: "case-a") { [other] entry, newLink in
            entry.revision = 5
            entry.streamPrevious = other.leaf(5)
            newLink = other.link(6)
        }
        store = other.finished()
        let second = try store.verified()
        #expect(second.has(.stream, at: 6) && second.has(.stream, at: 7))
    }

    @Test func `a stream that begins twice is reported`() throws {
        let report = try forged { _, entry, link in
            (entry.revision, entry.streamPrevious) = (0, nil)
            link = StreamLink(previous: nil, jump: nil)
        }
        #expect(report.verdict == .altered && report.has(.stream, at: 15), "\(report.findings)")
    }

    @Test func `a first entry of a stream with links is reported`() throws {
        let report = try forged { _, entry, link in
            (entry.stream, entry.revision, entry.streamPrevious) = ("case-z", 0, nil)
            link = StreamLink(previous: 3, jump: 3)
        }
        #expect(report.has(.link, at: 21))
    }

    @Test func `one id for two entries is reported at both or at the one that the index does not name`() throws {
        let report = try forged { forger, entry, _ in
            if let id = EventID(bytes: forger.store.ids[13].key) { entry.id = id }
        }
        #expect(report.has(.id, at: 13) || report.has(.id, at: 21))
        #expect(!report.findings.contains { $0.kind != .id })
    }

    @Test func `a first entry that is no genesis is reported`() throws {
        var store = try Sample.shared.get().store
        for change: (inout Entry) -> Void in [
            { $0.type = "case.step" }, { $0.source = "No Origin" }, { $0.stream = "case-a" },
        ] {
            store = try Sample.shared.get().store
            try store.rewrite(0, change)
            try store.relink()
            #expect(try store.verified().has(.genesis, at: 0))
        }
    }
}
