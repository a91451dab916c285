import ArchiveFormat
import Archiving
import Contents
import Digests
import EventFormat
import Foundation
import Keyring
import Ledger
import Synchronization
import TestSupport
import Testing

/// The documents that payloads name, in archives and in ledgers that are restored from them.
@Suite struct ContentTests {
    private let folder: TestFolder
    private let documents: [[UInt8]] = [
        Array("plan".utf8), [], [UInt8](repeating: 1, count: 300_000), Array("letter".utf8),
    ]

    init() throws { folder = try TestFolder() }

    private func names(in archive: String) throws -> [ContentName] {
        let reader = try ArchiveReader(folder.path(archive)) { error throws(ArchiveError) in throw error }
        return try (0..<reader.manifest.documentCount).map { try reader.manifest.document($0) }
    }

    private func path(_ name: ContentName) -> String { ArchiveFile.content(name).path }

    @Test func `an archive has the documents, each once, and a ledger is restored with them`() async throws {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        let filed = try await record.file(documents + documents)
        let summary = try await record.archive(in: folder.path("a"))
        #expect(try names(in: "a") == Set(filed).sorted())
        #expect(try faults(of: folder.path("a")) == [])
        for document in documents {
            let name = ContentName(of: document.span)
            #expect(try folder.content(below: "a")[path(name)] == document)
        }
        let files = try folder.content(below: "a").filter { $0.key.hasPrefix("data/") }
        #expect(summary.fileCount == UInt64(files.count))
        #expect(summary.byteCount == files.reduce(0) { $0 + UInt64($1.value.count) })
        let restored = try await ArchiveRestorer(archive: folder.path("a"), ledger: folder.path("r")).restore()
        #expect(restored.documentCount == 4)
        #expect(try folder.content(below: "r/contents") == folder.content(below: "l/contents"))
        let ledger = try await Ledger.open(at: folder.path("r"))
        #expect(try await stored(ledger) == stored(record.ledger))
        await ledger.close()
    }

    @Test func `an update adds what is new, copies nothing again, and equals an archive made at once`() async throws {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        try await record.file(Array(documents[..<2]))
        try await record.archive(in: folder.path("a"))
        try await record.grow(to: 300)
        try await record.file(documents)
        let written = Mutex<[String]>([])
        try await record.archive(in: folder.path("a")) { what throws(ArchivingError) in
            written.withLock { $0.append(what) }
        }
        let copied = written.withLock { $0.filter { $0.hasPrefix("writing data/contents") } }
        #expect(copied.count == 2, "\(copied)")
        try await record.archive(in: folder.path("fresh"))
        #expect(try folder.content(below: "a") == folder.content(below: "fresh"))
        for rehash in [false, true] {
            #expect(try await record.archive(in: folder.path("a"), rehash: rehash).written == 0)
        }
        #expect(try folder.content(below: "a") == folder.content(below: "fresh"))
    }

    @Test func `a document that the ledger has lost ends the archiving, and storing it again mends that`()
        async throws
    {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        let names = try await record.file(documents)
        let store = ContentStore(ledger: folder.path("l"))
        try FileManager.default.removeItem(atPath: store.path(of: names[3]))
        do throws(ArchivingError) {
            try await record.archive(in: folder.path("a"))
            Issue.record("it was archived")
        } catch {
            #expect(error.code == .damaged && error.reason.contains("\(names[3])"), "\(error)")
            #expect(error.reason.contains("mohur content add"))
        }
        _ = try await record.ledger.store(content: documents[3])
        try await record.archive(in: folder.path("a"))
        #expect(try faults(of: folder.path("a")) == [])
    }

    @Test func `what was removed leaves the archive with its next update, and an archive without it is restored`()
        async throws
    {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        let names = try await record.file(documents)
        try await record.archive(in: folder.path("a"))
        _ = try await record.ledger.remove(contents: [names[0]], authority: "order 4", signedBy: record.authority)
        // The removal stands behind the checkpoint: an archive that ends there could not say why it is gone.
        await #expect(throws: ArchivingError.self) { try await record.archive(in: folder.path("early")) }
        try await record.sign()
        try await record.archive(in: folder.path("a"))
        #expect(try Set(self.names(in: "a")) == Set(names.dropFirst()))
        #expect(try !folder.content(below: "a").keys.contains(path(names[0])))
        try await record.archive(in: folder.path("fresh"))
        let fresh = try folder.content(below: "fresh").filter { $0.key.hasPrefix("data/contents") }
        #expect(try folder.content(below: "a").filter { $0.key.hasPrefix("data/contents") } == fresh)
        #expect(await refusal(of: folder.path("a"), to: folder.path("r")) == nil)
        #expect(try folder.content(below: "r/contents").keys.filter { $0.contains("/") }.count == 3)
    }

    @Test func `an archive whose documents are gone, altered or others is not restored`() async throws {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        let names = try await record.file(documents)
        try await record.archive(in: folder.path("a"))
        try folder.copy("a", to: "gone")
        try FileManager.default.removeItem(atPath: folder.path("gone/\(path(names[0]))"))
        try folder.copy("a", to: "altered")
        try Data("plot".utf8).write(to: URL(fileURLWithPath: folder.path("altered/\(path(names[0]))")))
        try folder.copy("a", to: "unnamed")
        try unname(names[0], in: "unnamed")
        for name in ["gone", "altered", "unnamed"] {
            let error = await refusal(of: folder.path(name), to: folder.path("r"))
            let reason = error?.reason ?? "restored"
            #expect(reason.contains(path(names[0])), "\(name): \(reason)")
            #expect(!folder.exists("r"), "\(name)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path(""))
        #expect(!left.contains { $0.contains("restoring") }, "\(left)")
    }

    /// Takes a document out of folder, manifest and tag files, as somebody does who may write them.
    private func unname(_ name: ContentName, in archive: String) throws {
        let place = folder.path("\(archive)/\(path(name))")
        let size = try Data(contentsOf: URL(fileURLWithPath: place)).count
        try FileManager.default.removeItem(atPath: place)
        let part = String(place.dropLast(65))
        if try FileManager.default.contentsOfDirectory(atPath: part).isEmpty {
            try FileManager.default.removeItem(atPath: part)
        }
        func edit(_ file: String, _ change: (String) -> String) throws {
            let url = URL(fileURLWithPath: folder.path("\(archive)/\(file)"))
            try Data(change(String(decoding: Data(contentsOf: url), as: UTF8.self)).utf8).write(to: url)
        }
        try edit("manifest-sha256.txt") { text in
            text.split(separator: "\n").filter { !$0.contains(name.digest.hex) }.map { "\($0)\n" }.joined()
        }
        try edit("bag-info.txt") { text in
            text.split(separator: "\n").map { line in
                guard line.hasPrefix("Payload-Oxum: ") else { return "\(line)\n" }
                let parts = line.dropFirst(14).split(separator: ".").compactMap { Int($0) }
                return "Payload-Oxum: \(parts[0] - size).\(parts[1] - 1)\n"
            }.joined()
        }
        try edit("tagmanifest-sha256.txt") { text in
            text.split(separator: "\n").map { line in
                let file = line.dropFirst(66)
                let bytes = (try? Data(contentsOf: URL(fileURLWithPath: folder.path("\(archive)/\(file)")))) ?? Data()
                return "\(ContentName(of: Array(bytes).span).digest.hex)  \(file)\n"
            }.joined()
        }
    }

    @Test func `names in the manifest are found by halves, and nothing else is`() async throws {
        let record = try await Record.make(at: folder.path("l"), isRuled: true)
        let names = try await record.file((0..<300).map { Array("document \($0)".utf8) })
        try await record.archive(in: folder.path("a"))
        let reader = try ArchiveReader(folder.path("a")) { error throws(ArchiveError) in throw error }
        for name in names { #expect(try reader.manifest.contains(.content(name))) }
        for number in 0..<300 {
            #expect(try !reader.manifest.contains(.content(ContentName(of: Array("other \(number)".utf8).span))))
        }
    }
}
