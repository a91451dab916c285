import Digests
import EventFormat
import Foundation
import StoreFormat
import TestSupport
import Testing
import Verifying

/// Single bytes of stored values altered, in a file that has each value in one place.
@Suite struct ValueFlipTests {
    let sample: Sample
    let folder: Folder
    let bytes: [UInt8]
    let file: OpenFile

    init() throws {
        sample = try Sample.shared.get()
        folder = try sample.compactFile()
        bytes = try folder.bytes()
        file = try OpenFile(folder.dataFile)
        let again = Store(reading: folder.dataFile)
        try #require(again == sample.store)
    }

    /// Verifies while the byte at `offset` is another.
    private func report(flipping offset: Int, _ mask: UInt8) throws -> VerificationReport {
        file.write(bytes[offset] ^ mask, at: offset)
        defer { file.write(bytes[offset], at: offset) }
        return try verify(folder.path)
    }

    /// Where `part` lies in the file; it must lie there once.
    private func offset(of part: [UInt8]) throws -> Int {
        let data = Data(bytes)
        let found = try #require(data.range(of: Data(part)))
        try #require(data.range(of: Data(part), in: found.lowerBound + 1..<data.count) == nil)
        return found.lowerBound
    }

    /// Each value is verified sound again at the end, so that the flips are known to be what was reported.
    private func expectSoundAgain() throws {
        let report = try verify(folder.path)
        #expect(report.verdict == .intact && report.root == sample.root.hex)
    }

    @Test(arguments: 0...7)
    func `any altered byte of a segment is reported at the entry whose byte it is`(row: Int) throws {
        let segment = Segment(sample.store.segments[row].value)
        #expect(segment.value == sample.store.segments[row].value)
        let start = try offset(of: segment.value)
        let seed = UInt64.random(in: 0 ... .max)
        print("segment \(row): seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for offset in segment.value.indices {
            let (indexes, kinds) = segment.owners(of: offset)
            let mask: UInt8 = offset % 2 == 0 ? 0x01 : 0xff
            for mask in [mask, UInt8.random(in: 1...255, using: &random)].prefix(offset % 4 == 0 ? 2 : 1) {
                let report = try report(flipping: start + offset, mask)
                let isNamed = report.findings.contains { finding in
                    finding.index.map { indexes.contains($0.rawValue) } ?? false && kinds.contains(finding.kind)
                }
                if report.verdict != .altered || !isNamed {
                    Issue.record("byte \(offset) xor \(mask), of entries \(indexes): \(report.findings)")
                }
            }
        }
        try expectSoundAgain()
    }

    @Test func `any altered byte of a row of ids is reported at its entry`() throws {
        for row in sample.store.ids {
            let start = try offset(of: row.key + row.value)
            let index: UInt64 = row.value.span.bigEndian(at: 0)
            for offset in 0..<24 {
                let report = try report(flipping: start + offset, offset % 2 == 0 ? 0x01 : 0xff)
                #expect(report.verdict == .altered && report.has(.id, at: index), "byte \(offset) of \(index)")
            }
        }
        try expectSoundAgain()
    }

    @Test func `any altered byte of a row of streams is reported at the stream's newest entry`() throws {
        for row in sample.store.streams {
            let start = try offset(of: row.key + row.value)
            let index: UInt64 = row.value.span.bigEndian(at: 8)
            for offset in 0..<row.key.count + 24 {
                for mask: UInt8 in [0x01, 0x80, 0xff] {
                    let report = try report(flipping: start + offset, mask)
                    let isNamed = report.has(.stream, at: index) || report.has(.link, at: index)
                    #expect(report.verdict == .altered && isNamed, "byte \(offset) xor \(mask): \(report.findings)")
                }
            }
        }
        try expectSoundAgain()
    }

    @Test func `another version of the store is reported`() throws {
        let start = try offset(of: StoreLayout.versionKey + [StoreLayout.version])
        for mask: UInt8 in [0x01, 0x02, 0x03, 0x04, 0xff] {
            let report = try report(flipping: start + StoreLayout.versionKey.count, mask)
            #expect(report.has(.storage, at: nil) && report.named.isEmpty, "\(report.findings)")
        }
        try expectSoundAgain()
    }
}
