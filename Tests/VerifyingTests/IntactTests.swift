import Digests
import EventFormat
import EventLog
import Foundation
import Ledger
import Testing
import Threading
import Verifying

/// Ledgers that nobody altered.
@Suite struct IntactTests {
    /// Verifies the ledger at `path` and compares with the root that the ledger itself gives.
    private func expectIntact(_ path: String, _ size: UInt64, _ root: Digest) throws {
        for workers in [1, 3] {
            let report = try Verifier(directory: path, workerCount: workers).run()
            #expect(report.verdict == .intact)
            #expect(report.findings.isEmpty && report.omittedFindingCount == 0)
            #expect(report.entries == size)
            #expect(report.root == root.hex)
        }
    }

    @Test(arguments: [1, 2, 15, 16, 17, 33, 4095, 4096, 4097, 9000])
    func `a ledger of any size is intact and has the ledger's own root`(size: Int) async throws {
        let folder = try Folder()
        let ledger = try await Ledger.create(at: folder.place(), origin: Origin(origin))
        var number = 1
        while number < size {
            let count = min(size - number, number % 3 == 1 ? 2900 : 1)
            try await ledger.append(
                (number..<number + count).map { number in
                    StreamEvent(
                        event(number, payload: number % 4 == 0 ? nil : number % 50),
                        to: StreamName(unsafeText: "case-\(number % 97)"))
                })
            number += count
        }
        let own = try await ledger.root()
        await ledger.close()
        #expect(own.size.rawValue == UInt64(size))
        try expectIntact(folder.place(), UInt64(size), own.root)
    }

    @Test(arguments: [(1, 700), (700, 1), (13, 700)])
    func `one hot stream and as many streams as events are intact`(streams: Int, batch: Int) async throws {
        let folder = try Folder()
        let ledger = try await Ledger.create(at: folder.place(), origin: Origin(origin))
        for start in stride(from: 0, to: 700, by: batch) {
            try await ledger.append(
                (start..<min(700, start + batch)).map {
                    StreamEvent(event($0, payload: 3), to: StreamName(unsafeText: "stream-\($0 % streams)"))
                })
        }
        let own = try await ledger.root()
        #expect(try await ledger.summary().streamCount == streams + 1)
        await ledger.close()
        try expectIntact(folder.place(), 701, own.root)
    }

    @Test func `payloads of none, of no byte and of a mebibyte are intact, in segments of several sizes`() async throws
    {
        let folder = try Folder()
        let ledger = try await Ledger.create(at: folder.place(), origin: Origin(origin))
        for size in [nil, 0, 1, 1 << 20, 2000, 4000, nil] {
            try await ledger.append([event(size ?? 7, payload: size)], to: "case-1")
        }
        // Nine mebibytes of payloads make three segments in one commit.
        try await ledger.append((0..<9).map { StreamEvent(event($0, payload: 1 << 20), to: "case-2") })
        let own = try await ledger.root()
        await ledger.close()
        try expectIntact(folder.place(), 17, own.root)
    }

    @Test func `a ledger that several handles wrote in turn is intact`() async throws {
        let folder = try Folder()
        await (try Ledger.create(at: folder.place(), origin: Origin(origin))).close()
        var root = Digest.zero
        for turn in 0..<12 {
            let ledger = try await Ledger.open(at: folder.place())
            let other = try await Ledger.open(at: folder.place())
            try await ledger.append((0...turn).map { event($0, payload: $0) }, to: "case-1")
            try await other.append([event(turn)], to: "case-2")
            root = try await other.root().root
            await ledger.close()
            await other.close()
        }
        try expectIntact(folder.place(), 1 + 78 + 12, root)
    }

    @Test func `an entry's root is known at every size`() throws {
        let sample = try Sample.shared.get()
        let folder = try Folder()
        try sample.store.write(to: folder.path)
        var tree = CompactRange()
        var known = [Verifier.KnownRoot(size: 0, root: tree.root)]
        for index in 0..<sample.store.size {
            tree.append(sample.store[index].leaf)
            known.append(Verifier.KnownRoot(size: index + 1, root: tree.root))
        }
        let report = try verify(folder.path, known: known)
        #expect(report.verdict == .intact)
        #expect(known.last?.root == sample.root)
    }

    @Test func `verifying while events are appended finds every size that it began with intact`() throws {
        let folder = try Folder()
        let log = try EventLog.create(at: folder.place(), genesis: Genesis(origin: Origin(origin)).event)
        defer { log.close() }
        let isOver = Monitor(false)
        let hasEnded = Monitor(false)
        DedicatedThread.start {
            var number = 0
            while !isOver.withLock({ $0 }) {
                let events = (number..<number + 1 + number % 60).map {
                    (stream: Sample.streams[$0 % 3], event: event($0, payload: $0 % 30))
                }
                try? log.append(events)
                number += events.count
            }
            hasEnded.change { $0 = true }
        }
        defer {
            isOver.change { $0 = true }
            hasEnded.wait { $0 ? () : nil }
        }
        let pin = try ReaderPin(directory: folder.place())
        var sizes: Set<UInt64> = []
        for _ in 0..<30 {
            let before = try log.size()
            let report = try Verifier(directory: folder.place(), pin: { pin.withPinned($0) }, workerCount: 2).run()
            #expect(report.verdict == .intact && report.findings.isEmpty, "\(report)")
            #expect(report.entries >= before)
            let root = try log.root(size: TreeSize(report.entries)).root
            #expect(report.root == root.hex)
            sizes.insert(report.entries)
            usleep(10_000)
        }
        #expect(sizes.count > 15, "the ledger must have grown between the verifications")
    }
}

extension StreamName {
    /// A name that the test knows to be valid.
    init(unsafeText text: String) { self = (try? StreamName(text)) ?? .ledger }
}
