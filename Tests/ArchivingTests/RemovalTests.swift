import ArchiveFormat
import Archiving
import EventFormat
import EventLog
import Foundation
import Ledger
import Merkle
import Synchronization
import TestSupport
import Testing

/// Payloads that were removed, in archives and in ledgers that are restored from them.
@Suite struct RemovalTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// A ledger of 700 entries whose archive `old` was made before three payloads were removed, and its new checkpoint.
    private func scene() async throws -> Record {
        let record = try await Record.make(at: folder.path("l"), isRuled: true).grow(to: 700)
        try await record.archive(in: folder.path("a"))
        _ = try await record.ledger.remove(
            payloads: [5, 300, 650], authority: "order 4", signedBy: record.authority)
        return record
    }

    /// The records of the payloads of entries in an archive.
    private func payload(_ index: UInt64, in archive: String) throws -> PayloadRecord? {
        let reader = try ArchiveReader(folder.path(archive)) { error throws(ArchiveError) in throw error }
        let opened = try reader.payloads(bundle: index / 256) { error throws(ArchiveError) in throw error }
        guard var bundle = opened else { return nil }
        var envelope: [UInt8] = []
        for _ in 0..<index % 256 { _ = try bundle.next(&envelope) }
        return try bundle.next(&envelope)
    }

    @Test func `an archive loses what was removed with its next checkpoint, and equals one made at once`() async throws
    {
        let record = try await scene()
        try await record.sign()
        let written = Mutex<[String]>([])
        try await record.archive(in: folder.path("a")) { what throws(ArchivingError) in
            written.withLock { $0.append(what) }
        }
        let files = written.withLock { $0.filter { $0.hasPrefix("writing data/payloads") } }
        #expect(files.count == 3, "the bundles of 5 and 300, and the last one: \(files)")
        #expect(written.withLock { !$0.contains("writing data/tile/entries/000") })
        #expect(try faults(of: folder.path("a")) == [])
        for index in [5, 300, 650] as [UInt64] { #expect(try payload(index, in: "a") == .removed) }
        #expect(try payload(6, in: "a") != .removed)
        try await record.archive(in: folder.path("fresh"))
        #expect(try folder.content(below: "a") == folder.content(below: "fresh"))
        for rehash in [false, true] {
            #expect(try await record.archive(in: folder.path("a"), rehash: rehash).written == 0)
        }
    }

    @Test func `an archive cannot end before the event that says why a payload is gone`() async throws {
        let record = try await scene()
        do throws(ArchivingError) {
            try await record.archive(in: folder.path("early"))
            Issue.record("it was archived")
        } catch {
            #expect(error.reason.contains("sign a newer one"), "\(error)")
        }
    }

    @Test func `a ledger is restored without what was removed, and archives the same again`() async throws {
        let record = try await scene()
        try await record.sign()
        try await record.archive(in: folder.path("a"))
        #expect(await refusal(of: folder.path("a"), to: folder.path("r")) == nil)
        let ledger = try await Ledger.open(at: folder.path("r"))
        // A store that is made anew has nothing where the other has zeros.
        func present(_ items: [[UInt8]]) -> [[UInt8]] { items.map { $0.allSatisfy { $0 == 0 } ? [] : $0 } }
        #expect(try await present(stored(ledger)) == present(stored(record.ledger)))
        for index in [5, 300, 650] as [EntryIndex] { #expect(try await ledger.event(at: index).isPayloadRemoved) }
        try await Record(ledger, record).archive(in: folder.path("again"))
        #expect(try folder.content(below: "again") == folder.content(below: "a"))
        await ledger.close()
    }

    @Test func `an update that is killed anywhere while payloads leave is finished by the next`() async throws {
        let record = try await scene()
        try await record.sign()
        try folder.copy("a", to: "old")
        try await record.archive(in: folder.path("fresh"))
        let fresh = try folder.content(below: "fresh")
        var number = 1
        while true {
            try folder.copy("old", to: "a")
            let count = Mutex(0)
            let end = number
            do throws(ArchivingError) {
                try await record.archive(in: folder.path("a")) { what throws(ArchivingError) in
                    let reached = count.withLock { count in
                        count += 1
                        return count == end
                    }
                    if reached { throw ArchivingError(.file, "killed before \(what)") }
                }
                break
            } catch {
                try #require(error.reason.hasPrefix("killed before "), "\(error)")
            }
            try await record.archive(in: folder.path("a"))
            #expect(try folder.content(below: "a") == fresh, "killed before change \(number)")
            number += 1
        }
        #expect(number > 15)
    }
}
