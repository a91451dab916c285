import Digests
import EventFormat
import Foundation
import StoreFormat
import TestSupport
import Testing
import Verifying

/// Data files that are cut, extended, replaced or not there.
@Suite struct FileShapeTests {
    let sample: Sample
    let bytes: [UInt8]

    init() throws {
        sample = try Sample.shared.get()
        let folder = try sample.compactFile()
        bytes = try folder.bytes()
    }

    private func report(_ bytes: [UInt8]) throws -> VerificationReport {
        let folder = try Folder(dataFile: bytes)
        return try verify(folder.path)
    }

    @Test func `a file cut anywhere that it matters is altered`() throws {
        let places =
            Array(stride(from: 0, to: bytes.count, by: 4096)) + [1, 15, 17, 151, 153, 4097, 8191, 9001, 20_479]
        for count in places + [bytes.count - 1, bytes.count - 4095] {
            let part = Array(bytes[..<count])
            let folder = try Folder(dataFile: part)
            let report = try verify(folder.path)
            let isWhole = Store(reading: folder.dataFile) == sample.store
            #expect(report.verdict == .altered || isWhole, "cut to \(count) bytes")
            #expect(report.verdict == .altered || count > bytes.count - 4096)
        }
    }

    @Test(arguments: [1, 100, 4096, 40_000])
    func `what follows the last page is no part of the ledger`(count: Int) throws {
        var random = SeededGenerator(seed: 5)
        let tail = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let report = try report(bytes + tail)
        #expect(report.verdict == .intact && report.entries == 40 && report.root == sample.root.hex)
    }

    @Test func `a file of zeros, of nothing or of random bytes is altered and has no entries`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var files: [[UInt8]] = [[], [0], Array(repeating: 0, count: 4096), Array(repeating: 0, count: 65_536)]
        for count in [10, 152, 4096, 8192, 50_000] {
            files.append((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
        for file in files {
            let report = try report(file)
            #expect(report.verdict == .altered && report.entries == 0 && report.root == nil)
            #expect(!report.findings.isEmpty)
        }
    }

    @Test func `a page of zeros or of random bytes anywhere is altered, and the entries not hidden are still checked`()
        throws
    {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var hidden: Set<UInt64> = []
        for page in 0..<bytes.count / 4096 {
            for isZero in [true, false] {
                var file = bytes
                for offset in page * 4096..<(page + 1) * 4096 {
                    file[offset] = isZero ? 0 : UInt8(truncatingIfNeeded: random.next())
                }
                let report = try report(file)
                #expect(report.verdict == .altered, "page \(page)")
                let missing = Set(report.indexes(.missing))
                hidden.formUnion(missing)
                // Damage of the file is told of an entry that it hides or of the end of what can be read.
                #expect(missing.union([report.entries]).isSuperset(of: report.indexes(.storage)), "page \(page)")
            }
        }
        #expect(hidden.count > 10)
    }

    @Test func `no file, a directory in its place and no directory`() throws {
        let folder = try Folder()
        #expect(throws: VerificationError.self) { try verify(folder.path) }
        #expect(throws: VerificationError.self) { try verify(folder.place("nowhere")) }
        do {
            _ = try verify(folder.path)
        } catch let error as VerificationError {
            #expect(error.code == .notFound && error.reason.contains(folder.path))
        }
        try FileManager.default.createDirectory(atPath: folder.dataFile, withIntermediateDirectories: true)
        let report = try verify(folder.path)
        #expect(report.verdict == .altered && report.has(.storage, at: nil))
    }

    @Test func `an older copy is intact by itself and is caught by a known root`() throws {
        let cut = Segment(sample.store.segments[6].value).first
        var older = try sample.store.covering(cut)
        older.segments.removeSubrange(6...)
        #expect(try older.verified().verdict == .intact)
        let report = try older.verified(known: [.init(size: 40, root: sample.root)])
        #expect(report.verdict == .altered && report.has(.root, at: cut) && report.findings.count == 1)
    }
}
