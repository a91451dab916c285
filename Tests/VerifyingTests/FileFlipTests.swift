import Digests
import EventFormat
import EventLog
import Foundation
import TestSupport
import Testing
import Verifying

/// Single bytes of a whole data file altered, wherever they lie: headers, free room, old pages.
///
/// The oracle reads all rows of the altered file, without the verifier: when any of them differs or cannot be read, the
/// verdict must be "altered".
@Suite struct FileFlipTests {
    /// A ledger of seven entries in four commits, with all kinds of payloads.
    private static func write(to path: String) throws -> Digest {
        var root = Digest.zero
        try withNewLog(at: path) { log in
            try log.append([("case-a", event(1, payload: 9))])
            try log.append([
                ("case-a", event(2)), ("case-b", event(3, payload: 0)), ("case-a", event(4, payload: 3000)),
            ])
            try log.append([("case-b", event(5, payload: 20)), ("case-a", event(6))])
            root = try log.root().root
        }
        return root
    }

    /// What a run of flips met.
    private struct Tally {
        var altered = 0
        var harmless = 0
        var rollbacks = 0
    }

    private let sound: Store
    private let root: Digest
    private let folder: Folder
    private let bytes: [UInt8]
    private let file: OpenFile

    /// `compact`: without pages of earlier commits.
    private init(compact: Bool) throws {
        let folder = try Folder()
        root = try FileFlipTests.write(to: folder.place())
        let target = try Folder()
        if compact {
            try LMDBStore(folder.place()).compact(into: target.path)
        } else {
            try FileManager.default.copyItem(atPath: "\(folder.place())/data.mdb", toPath: target.dataFile)
        }
        self.folder = target
        bytes = try target.bytes()
        file = try OpenFile(target.dataFile)
        sound = try #require(Store(reading: target.dataFile))
        let report = try verify(target.path)
        try #require(report.verdict == .intact && report.root == root.hex && report.entries == 7)
    }

    init() throws { try self.init(compact: true) }

    private func flip(_ offset: Int, _ mask: UInt8, _ tally: inout Tally) throws {
        file.write(bytes[offset] ^ mask, at: offset)
        defer { file.write(bytes[offset], at: offset) }
        let report = try verify(folder.path)
        #expect((report.verdict == .altered) == !report.findings.isEmpty)
        guard report.verdict == .intact else {
            tally.altered += 1
            return
        }
        let now = Store(reading: folder.dataFile)
        if now == sound {
            tally.harmless += 1
            return
        }
        // A flip may make LMDB's previous commit the newest one: a whole ledger, which only a known root tells from a
        // newer one.
        let isKnownShorter = try verify(folder.path, known: [.init(size: 7, root: root)]).verdict == .altered
        let isPrefix = now.map { sound.segments.starts(with: $0.segments) && $0.size < sound.size } ?? false
        if isPrefix, isKnownShorter, report.entries < 7 {
            tally.rollbacks += 1
        } else {
            Issue.record("byte \(offset % 4096) of page \(offset / 4096) xor \(mask) was not reported")
        }
    }

    @Test(arguments: [0, 1])
    func `any byte of the file altered is reported when it alters anything recorded`(half: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        var (tally, clock) = (Tally(), ContinuousClock())
        let start = clock.now
        for offset in stride(from: half, to: bytes.count, by: 2) { try flip(offset, half == 0 ? 0x01 : 0xff, &tally) }
        let whole = clock.now - start
        print("every second of \(bytes.count) bytes: \(tally) in \(whole); seed \(seed)")
        #expect(tally.altered > 2000 && tally.harmless > 2000)
        #expect(tally.rollbacks == 0, "the file has no pages of an earlier commit")
        for _ in 0..<1500 {
            try flip(.random(in: bytes.indices, using: &random), .random(in: 1...255, using: &random), &tally)
        }
        #expect(tally.rollbacks == 0)
    }

    @Test func `a flip that makes an earlier commit the newest is caught by a known root`() throws {
        let loose = try FileFlipTests(compact: false)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        var tally = Tally()
        for page in 0...1 {
            // What LMDB keeps in a meta page: 152 bytes, of which the address of the map (24 to 31) means nothing.
            for offset in 0..<152 {
                for bit in 0..<8 { try loose.flip(page * 4096 + offset, 1 << UInt8(bit), &tally) }
            }
        }
        for _ in 0..<1500 {
            let offset = Int.random(in: loose.bytes.indices, using: &random)
            try loose.flip(offset, .random(in: 1...255, using: &random), &tally)
        }
        print("\(loose.bytes.count) bytes with old pages: \(tally); seed \(seed)")
        #expect(tally.altered > 500 && tally.harmless > 500 && tally.rollbacks > 0)
    }
}
