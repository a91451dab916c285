import ArchiveFormat
import Archiving
import Merkle
import Synchronization
import TestSupport
import Testing

/// Runs that end before one of their changes to the file system, as a kill there would end them. What was written is
/// seen by the next run, flushed or not: what a loss of power adds to that, no test here shows.
@Suite struct KillTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Archives, and ends before the change `number`; whether that was reached.
    private func kill(_ record: Record, in name: String, before number: Int) async throws -> Bool {
        let count = Mutex(0)
        do throws(ArchivingError) {
            try await record.archive(in: folder.path(name)) { what throws(ArchivingError) in
                let reached = count.withLock { count in
                    count += 1
                    return count == number
                }
                if reached { throw ArchivingError(.file, "killed before \(what)") }
            }
            return false
        } catch {
            try #require(error.reason.hasPrefix("killed before "), "\(error)")
            return true
        }
    }

    /// The size of the archive when it validates as a whole; nil when it says itself that it does not.
    private func validSize(_ name: String) throws -> TreeSize? {
        guard ArchiveReader.isArchive(folder.path(name)) else { return nil }
        guard let faults = try? faults(of: folder.path(name)), faults.isEmpty else { return nil }
        return try ArchiveReader(folder.path(name)) { error throws(ArchiveError) in throw error }.size
    }

    @Test(arguments: [0, 300] as [UInt64])
    func `an update that is killed anywhere is finished by the next`(old: UInt64) async throws {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        if old > 0 {
            try await record.file([[1], [2, 2]], signing: false)
            try await record.grow(to: old)
            try await record.archive(in: folder.path("old"))
        }
        try await record.file([[3, 3, 3], []], signing: false)
        try await record.grow(to: 700)
        try record.cosign(700)
        try await record.archive(in: folder.path("fresh"))
        let fresh = try folder.content(below: "fresh")
        var number = 1
        while true {
            if old > 0 { try folder.copy("old", to: "a") } else { try? folder.remove("a") }
            guard try await kill(record, in: "a", before: number) else { break }
            let size = try validSize("a")
            #expect(size == nil || size == TreeSize(old), "killed before change \(number)")
            if size != nil {
                let error = await refusal(of: folder.path("a"), to: folder.path("r"))
                #expect(error == nil, "killed before change \(number)")
                try folder.remove("r")
            }
            try await record.archive(in: folder.path("a"))
            #expect(try folder.content(below: "a") == fresh, "killed before change \(number)")
            #expect(!folder.exists("a/incoming"))
            number += 1
        }
        #expect(number > 20)
        #expect(try folder.content(below: "a") == fresh)
    }

    @Test func `runs that are killed again and again, while the ledger grows, come to the same in the end`()
        async throws
    {
        var generator = SeededGenerator(seed: printedSeed("killed archives"))
        let record = try await Record.make(at: folder.path("l"))
        for size in stride(from: 100 as UInt64, through: 1200, by: 100) {
            try await record.grow(to: size)
            for _ in 0..<3 {
                let number = Int.random(in: 1...40, using: &generator)
                _ = try await kill(record, in: "a", before: number)
                let valid = try validSize("a")
                #expect(valid == nil || (valid ?? 0) <= TreeSize(size))
            }
        }
        try await record.archive(in: folder.path("a"))
        try await record.archive(in: folder.path("fresh"))
        #expect(try folder.content(below: "a") == folder.content(below: "fresh"))
    }

    @Test func `a decided update is finished without a ledger, and by hand`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 20)
        try await record.archive(in: folder.path("a"))
        try await record.grow(to: 300)
        try await record.archive(in: folder.path("fresh"))
        var number = 1
        while !folder.exists("a/incoming/tagmanifest-sha256.txt") {
            _ = try await kill(record, in: "a", before: number)
            number += 1
        }
        #expect(try faults(of: folder.path("a")).first == ArchiveError(.unfinished, "incoming", ""))
        #expect(await refusal(of: folder.path("a"), to: folder.path("r"))?.archiveError?.code == .unfinished)
        try folder.copy("a", to: "b")
        #expect(try ArchiveWriter(folder: folder.path("a")).finish())
        #expect(try folder.content(below: "a") == folder.content(below: "fresh"))
        for file in folder.files(below: "b/incoming") {
            try folder.write(folder.bytes("b/incoming/\(file)"), "b/\(file)")
        }
        try folder.remove("b/incoming")
        let listed = try folder.bytes("b/manifest-sha256.txt")
        let text = String(decoding: listed, as: UTF8.self)
        for file in folder.files(below: "b/data") where !text.contains("  data/\(file)\n") {
            try folder.remove("b/data/\(file)")
        }
        for name in ["payloads/000.p", "tile/entries/000.p", "tile/0/000.p"]
        where try folder.names(in: "b/data/\(name)") == [] {
            try folder.remove("b/data/\(name)")
        }
        #expect(try faults(of: folder.path("b")) == [])
        #expect(try folder.content(below: "b") == folder.content(below: "fresh"))
    }
}
