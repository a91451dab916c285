import Digests
import EventFormat
import EventLog
import Merkle
import Testing
import Threading
import Verifying

/// A ledger that grows between any two looks that the verifier takes at it.
@Suite struct GrowthTests {
    let sample: Sample

    init() throws { sample = try Sample.shared.get() }

    /// Verifies a ledger of these rows with a pin that appends three events before each view but the first.
    private func verifyGrowing(_ store: Store) throws -> (report: VerificationReport, size: UInt64) {
        let folder = try Folder()
        try store.write(to: folder.path)
        let log = try EventLog(opening: folder.path)
        defer { log.close() }
        let pin = try ReaderPin(directory: folder.path)
        let views = Monitor(0)
        let report = try Verifier(
            directory: folder.path,
            pin: { body in
                let number = views.withLock { views in
                    views += 1
                    return views
                }
                if number > 1 {
                    let streams = Sample.streams + [StreamName(unsafeText: "later-\(number)")]
                    try? log.append(streams.map { (stream: $0, event: event(number, payload: 10)) })
                }
                return pin.withPinned(body)
            }, workerCount: 1
        ).run()
        return (report, try log.size())
    }

    @Test func `what is recorded later is not part of the verification`() throws {
        let (report, size) = try verifyGrowing(sample.store)
        #expect(report.verdict == .intact && report.findings.isEmpty)
        #expect(report.entries == 40 && report.root == sample.root.hex)
        #expect(size >= 48, "at least two views came after the first")
    }

    @Test func `damage is reported as in a ledger that does not grow, and no sound entry is named for it`() throws {
        let indexes = try (5..<40).filter { try sample.store.entry($0).revision > 0 }
        #expect(indexes.count > 25)
        for index in indexes where index % 4 == 0 {
            var store = sample.store
            store[index].previous = index - 1 == store[index].previous ? index - 2 : index - 1
            let still = try store.verified()
            let (growing, size) = try verifyGrowing(store)
            #expect(still.verdict == .altered && still.has(.stream, at: index))
            #expect(growing.findings == still.findings && size >= 48)
        }
    }
}
