import ArchiveFormat
import Archiving
import Ledger
import Merkle
import Synchronization
import TestSupport
import Testing

@Suite struct UpdateTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test func `an archive that was brought up to date is the same as one made at once`() async throws {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        for size in [2, 5, 256, 257, 300, 512, 900] as [UInt64] {
            try await record.grow(to: size)
            if size == 300 { try record.cosign(5) }
            try await record.archive(in: folder.path("a"))
            #expect(try faults(of: folder.path("a")) == [], "\(size)")
        }
        try await record.archive(in: folder.path("fresh"))
        #expect(try folder.content(below: "a") == folder.content(below: "fresh"))
        #expect(await refusal(of: folder.path("a"), to: folder.path("r")) == nil)
    }

    @Test func `full files are never written again`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 600)
        try await record.archive(in: folder.path("a"))
        try await record.grow(to: 1100)
        let written = Mutex<[String]>([])
        try await record.archive(in: folder.path("a")) { what throws(ArchivingError) in
            written.withLock { $0.append(what) }
        }
        let names = written.withLock { $0 }
        #expect(names.contains("writing data/tile/entries/002"))
        #expect(!names.contains { $0.hasSuffix("/000") || $0.hasSuffix("/001") })
    }

    @Test func `nothing new leaves every file as it is`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 300)
        try await record.archive(in: folder.path("a"))
        let before = try folder.content(below: "a")
        for rehash in [false, true] {
            let summary = try await record.archive(in: folder.path("a"), rehash: rehash)
            #expect(summary.written == 0 && summary.added == 0 && summary.size == 300)
        }
        #expect(try folder.content(below: "a") == before)
        #expect(!folder.exists("a/incoming"))
    }

    @Test func `cosignatures that come later are added to what is there`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 20)
        try await record.archive(in: folder.path("a"))
        let name = "checkpoints/00000000000000000020.checkpoint"
        let before = try folder.bytes("a/data/\(name)")
        try record.cosign(20)
        let summary = try await record.archive(in: folder.path("a"))
        #expect(summary.written == 1 && summary.added == 0)
        let after = try folder.bytes("a/data/\(name)")
        #expect(after.starts(with: before) && after.count > before.count)
        #expect(try after == folder.bytes("l/\(name)"))
    }

    @Test func `timestamps are taken along, and come back`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 20)
        let name = "checkpoints/00000000000000000020"
        try folder.write([1, 2, 3], "l/\(name).tsq")
        try folder.write([4, 5], "l/\(name).tsr")
        try await record.archive(in: folder.path("a"))
        #expect(try faults(of: folder.path("a")) == [])
        #expect(await refusal(of: folder.path("a"), to: folder.path("r")) == nil)
        #expect(try folder.bytes("r/\(name).tsq") == [1, 2, 3] && folder.bytes("r/\(name).tsr") == [4, 5])
    }

    @Test func `what archivists add beside data stays and is checked`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 20)
        try await record.archive(in: folder.path("a"))
        try folder.write(Array("<premis/>".utf8), "a/metadata/100 %.xml")
        let line = "\(hex("<premis/>"))  metadata/100 %25.xml\n"
        try folder.write(folder.bytes("a/tagmanifest-sha256.txt") + Array(line.utf8), "a/tagmanifest-sha256.txt")
        try folder.write(folder.bytes("a/bag-info.txt") + Array("Contact-Name: Ms Ayla\n".utf8), "a/bag-info.txt")
        try reseal(folder, "a")
        #expect(try faults(of: folder.path("a")) == [])
        try await record.grow(to: 300)
        try await record.archive(in: folder.path("a"))
        #expect(try String(decoding: folder.bytes("a/tagmanifest-sha256.txt"), as: UTF8.self).hasSuffix(line))
        #expect(try String(decoding: folder.bytes("a/bag-info.txt"), as: UTF8.self).hasSuffix("Name: Ms Ayla\n"))
        #expect(try faults(of: folder.path("a")) == [])
        try folder.write(Array("<other/>".utf8), "a/metadata/100 %.xml")
        #expect(try faults(of: folder.path("a")) == [ArchiveError(.altered, "metadata/100 %.xml", "")])
    }

    @Test func `an archive of another ledger is left alone`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 20)
        try await record.archive(in: folder.path("a"))
        let before = try folder.content(below: "a")
        let other = try await Record.make(at: folder.path("other")).grow(to: 30)
        let error = await #expect(throws: ArchivingError.self) { try await other.archive(in: folder.path("a")) }
        #expect(error?.code == .otherLedger)
        #expect(try folder.content(below: "a") == before)
    }

    @Test func `a ledger that is behind its archive, or was rewritten since, does not touch it`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 20)
        await record.ledger.close()
        try folder.copy("l", to: "old")
        let again = try await Ledger.open(at: folder.path("l"))
        let grown = Record(again, record)
        try await grown.grow(to: 40)
        try await grown.archive(in: folder.path("a"))
        let before = try folder.content(below: "a")
        let behind = Record(try await Ledger.open(at: folder.path("old")), record)
        let first = await #expect(throws: ArchivingError.self) { try await behind.archive(in: folder.path("a")) }
        #expect(first?.code == .behindArchive)
        for number in 0..<30 {
            let event = Event(type: "note.made", source: "urn:forger", payload: .json("\(number)"))
            try await behind.ledger.append([event], to: StreamName("note-1"))
        }
        let second = await #expect(throws: ArchivingError.self) { try await behind.archive(in: folder.path("a")) }
        #expect(second?.code == .otherLedger)
        #expect(try folder.content(below: "a") == before)
    }

    @Test func `a damaged archive is not added to, and is mended from the ledger when that is asked for`() async throws
    {
        let record = try await Record.make(at: folder.path("l"), isRuled: true).grow(to: 700)
        try await record.archive(in: folder.path("a"))
        let sound = try folder.content(below: "a")
        for file in folder.files(below: "a") where file != "manifest-sha256.txt" && file != "bagit.txt" {
            try folder.write([], "a/\(file)")
        }
        let error = await #expect(throws: ArchivingError.self) { try await record.archive(in: folder.path("a")) }
        #expect(error?.code == .archive)
        let summary = try await record.archive(in: folder.path("a"), rehash: true)
        #expect(summary.replaced == summary.fileCount)
        #expect(try folder.content(below: "a") == sound)
        #expect(try faults(of: folder.path("a")) == [])
    }

    @Test func `a folder that holds something else is no place for an archive`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 5)
        try folder.write([1], "a/photo.jpg")
        let error = await #expect(throws: ArchivingError.self) { try await record.archive(in: folder.path("a")) }
        #expect(error?.code == .unsuitableFolder)
        #expect(folder.files(below: "a") == ["photo.jpg"])
    }
}
