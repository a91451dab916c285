import Digests
import EventFormat
import EventLog
import Foundation
import Merkle
import Testing
import Threading
import Verifying

/// Large ledgers: what a report says, and what lies over the borders of chunks of 4,096 entries.
@Suite struct ReportTests {
    /// A ledger of 10,600 entries in segments of 1, 3,000 and 1,600 entries.
    private static let large = Result {
        let folder = try Folder()
        var root = Digest.zero
        try withNewLog(at: folder.place()) { log in
            var number = 1
            for count in [3000, 3000, 3000, 1599] {
                try log.append(
                    (number..<number + count).map {
                        (stream: StreamName(unsafeText: "case-\($0 % 300)"), event: event($0, payload: 4))
                    })
                number += count
            }
            root = try log.root().root
        }
        guard let store = Store(reading: "\(folder.place())/data.mdb") else { throw CocoaError(.fileReadCorruptFile) }
        return (store: store, root: root)
    }

    let store: Store
    let root: Digest

    init() throws { (store, root) = try ReportTests.large.get() }

    /// Verifies on several threads and keeps what progress says.
    private func verify(_ store: Store, workers: Int) throws -> (report: VerificationReport, steps: [Verifier.Progress])
    {
        let folder = try Folder()
        try store.write(to: folder.path)
        let steps = Monitor<[Verifier.Progress]>([])
        let report = try Verifier(directory: folder.path, workerCount: workers).run { step in
            steps.withLock { $0.append(step) }
        }
        return (report, steps.withLock { $0 })
    }

    @Test(arguments: [1, 2, 8]) func `progress reaches the total, and on one thread never goes back`(workers: Int)
        throws
    {
        let (report, steps) = try verify(store, workers: workers)
        #expect(report.verdict == .intact && report.root == root.hex && report.entries == 10_600)
        #expect(steps.map(\.done).max() == 10_600 && steps.allSatisfy { $0.total == 10_600 })
        #expect(steps.count == 3 && Set(steps.map(\.done)).count == 3)
        if workers == 1 { #expect(steps.map(\.done) == [4096, 8192, 10_600]) }
    }

    @Test func `ten thousand findings are listed in order, and the others are counted`() throws {
        var broken = store
        for row in broken.segments.indices {
            var segment = Segment(broken.segments[row].value)
            for position in segment.items.indices where !segment.items[position].envelope.isEmpty {
                segment.items[position].envelope[0] ^= 1
            }
            broken.segments[row].value = segment.value
        }
        for workers in [1, 4] {
            let report = try verify(broken, workers: workers).report
            #expect(report.verdict == .altered && report.findings.count == 10_000)
            #expect(report.omittedFindingCount == 600, "entry 0 has a payload too")
            #expect(report.findings.allSatisfy { $0.kind == .payload })
            let indexes = report.indexes(.payload)
            #expect(indexes == indexes.sorted() && Set(indexes).count == 10_000)
        }
    }

    @Test func `findings of no entry come first, then those of each entry by kind`() throws {
        var broken = store
        broken.ids.append(.init(key: [1], value: [1]))
        for index: UInt64 in [9000, 5, 4095] {
            broken[index].envelope[3] ^= 1
            let own = broken[index].leaf
            try broken.alter(index) { $0.previous = own }
        }
        let report = try verify(broken, workers: 3).report
        let order = report.findings.map { ($0.index.map { Int128($0.rawValue) } ?? -1, $0.kind.description, $0.detail) }
        #expect(zip(order, order.dropFirst()).allSatisfy { $0 < $1 })
        #expect(report.findings.first?.index == nil && report.has(.id, at: nil))
        for index: UInt64 in [5, 4095, 9000] {
            #expect(
                report.has(.leaf, at: index) && report.has(.payload, at: index) && report.has(.chain, at: index))
        }
    }

    @Test(arguments: [[1], [2], [3], [1, 2], [2, 3], [1, 2, 3], [0, 1, 2], [3, 4]])
    func `segments dropped over the borders of chunks are reported whole, and nothing else is missing`(
        rows: [Int]
    ) throws {
        var broken = store
        var gone: Set<UInt64> = []
        for row in rows.reversed() {
            let segment = Segment(broken.segments.remove(at: row).value)
            gone.formUnion(segment.first...segment.last)
        }
        let size = broken.segments.last.map { Segment($0.value).last + 1 } ?? 0
        let report = try verify(broken, workers: 2).report
        #expect(report.verdict == .altered && report.entries == size)
        #expect(report.root == nil || rows.contains(4))
        let kept = report.indexes(.missing)
        #expect(Set(kept).isSubset(of: gone))
        #expect(report.findings.count + report.omittedFindingCount >= gone.count)
        if report.omittedFindingCount == 0 { #expect(Set(kept) == gone.filter { $0 < size }) }
        #expect(gone.filter { $0 >= size }.allSatisfy { report.has(.id, at: $0) } || report.omittedFindingCount > 0)
    }

    @Test(arguments: [4000, 4090, 4095, 4096] as [UInt64])
    func `segments that overlap at the border of a chunk are reported`(first: UInt64) throws {
        var parted = store
        let row = parted.place(4096).row
        let whole = Segment(parted.segments[row].value)
        let (left, right) = (whole.part(whole.first...4095), whole.part(first...whole.last))
        parted.segments[row] = .init(key: left.key, value: left.value)
        parted.segments.append(.init(key: right.key, value: right.value))
        let report = try verify(parted, workers: 2).report
        #expect(report.entries == 10_600 && report.root == root.hex)
        if first == 4096 {
            #expect(report.verdict == .intact)
        } else {
            #expect(report.findings.map(\.kind) == [.duplicate] && report.named == [first])
        }
    }

    @Test func `a stored node too many or too few is reported`() throws {
        for row in [1, 3] {
            var broken = store
            var segment = Segment(broken.segments[row].value)
            if row == 1 { segment.nodes.append(.zero) } else { segment.nodes.removeLast() }
            broken.segments[row].value = segment.value
            let report = try verify(broken, workers: 1).report
            #expect(report.verdict == .altered && report.has(.tree, at: segment.last), "\(report.findings)")
        }
    }

    @Test func `a stored node above a chunk is checked`() throws {
        var broken = store
        // Entry 8191 completes nodes of levels 4 to 13; the last of them covers the first 8,192 entries.
        let place = broken.place(8191)
        var segment = Segment(broken.segments[place.row].value)
        let before = NodeOrder.count(blocks: segment.first / 16)
        let node = NodeOrder.position(level: 9, index: 0) - before
        var bytes = segment.nodes[Int(node)].bytes
        bytes[31] ^= 1
        segment.nodes[Int(node)] = Digest(copying: bytes.span)
        broken.segments[place.row].value = segment.value
        let report = try verify(broken, workers: 2).report
        #expect(report.findings.map(\.kind) == [.tree] && report.named == [8191] && report.root == root.hex)
    }
}
