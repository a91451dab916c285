import ArchiveFormat
import Archiving
import Foundation
import Ledger
import Merkle
import Publishing
import Signing
import Testing
import Transparency

@Suite struct RoundTripTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test(arguments: [2, 3, 255, 256, 257, 700] as [UInt64])
    func `a municipality's archive becomes the same ledger again`(size: UInt64) async throws {
        let record = try await Record.make(at: folder.path("l"), isRuled: true).grow(to: size)
        let written = try await record.archive(in: folder.path("a"))
        #expect(written.size == TreeSize(size) && written.added == size)
        #expect(try faults(of: folder.path("a")) == [])
        let summary = try await ArchiveRestorer(archive: folder.path("a"), ledger: folder.path("r")).restore()
        #expect(summary.size == TreeSize(size) && summary.root == written.root)
        #expect(try summary.logKey == record.noteKey.vkey)
        let restored = try await Ledger.open(at: folder.path("r"))
        #expect(try await restored.root().root == record.ledger.root().root)
        #expect(try await stored(restored) == stored(record.ledger))
        #expect(restored.genesis == record.ledger.genesis)
        await restored.close()
        for name in ["published", "checkpoints/\(String(format: "%020d", size)).checkpoint"] {
            #expect(try folder.bytes("r/\(name)") == folder.bytes("l/\(name)"))
        }
    }

    @Test func `a ledger of nothing but its genesis has an archive, too`() async throws {
        let record = try await Record.make(at: folder.path("l"))
        try await record.sign()
        try await record.archive(in: folder.path("a"))
        let summary = try await ArchiveRestorer(archive: folder.path("a"), ledger: folder.path("r")).restore()
        #expect(summary.size == 1 && summary.logKey == nil)
        let files = folder.files(below: "a/data")
        let name = "00000000000000000001"
        #expect(
            files == [
                "checkpoints/\(name).checkpoint", "keys/\(name).json", "payloads/000.p/1", "tile/0/000.p/1",
                "tile/entries/000.p/1",
            ])
    }

    @Test func `the archive ends on the newest checkpoint, whatever was appended since`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 270)
        try await record.grow(to: 600, signing: false)
        let written = try await record.archive(in: folder.path("a"))
        #expect(written.size == 270)
        #expect(await refusal(of: folder.path("a"), to: folder.path("r")) == nil)
    }

    @Test func `a ledger without a checkpoint is not archived`() async throws {
        let record = try await Record.make(at: folder.path("l"))
        let error = await #expect(throws: ArchivingError.self) { try await record.archive(in: folder.path("a")) }
        #expect(error?.code == .noCheckpoint)
    }

    @Test func `sha256sum finds every file right, and no other`() async throws {
        try await Record.make(at: folder.path("l"), isRuled: true).grow(to: 600).archive(in: folder.path("a"))
        for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
            #expect(try run("sha256sum", "-c", "--quiet", "--strict", manifest) == 0)
        }
        let listed = String(decoding: try folder.bytes("a/manifest-sha256.txt"), as: UTF8.self)
            .split(separator: "\n").map { String($0.dropFirst(66)) }
        #expect(listed.sorted() == folder.files(below: "a/data").map { "data/\($0)" })
        #expect(listed == listed.sorted())
        var bytes = try folder.bytes("a/data/tile/entries/001")
        bytes[7] ^= 4
        try folder.write(bytes, "a/data/tile/entries/001")
        #expect(try run("sha256sum", "-c", "--quiet", "manifest-sha256.txt") == 1)
    }

    private func run(_ words: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(filePath: folder.path("a"))
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test func `large payloads go through, in files of many megabytes`() async throws {
        let record = try await Record.make(at: folder.path("l"))
        for number in 0..<12 {
            let bytes = [UInt8](repeating: UInt8(number), count: 1 << 20)
            let event = Event(
                type: "scan.added", source: "urn:test", payload: Payload(bytes: bytes, mediaType: "image/tiff"))
            try await record.ledger.append([event], to: StreamName("scan-\(number)"))
        }
        try await record.sign()
        try await record.archive(in: folder.path("a"))
        #expect(try await record.archive(in: folder.path("a"), rehash: true).written == 0)
        #expect(await refusal(of: folder.path("a"), to: folder.path("r")) == nil)
        let restored = try await Ledger.open(at: folder.path("r"))
        #expect(try await stored(restored) == stored(record.ledger))
        #expect(!folder.exists("a/incoming"))
    }

    @Test func `the policy of whoever restores decides on the signatures`() async throws {
        let record = try await Record.make(at: folder.path("l")).grow(to: 20)
        try await record.archive(in: folder.path("a"))
        let good = try TrustPolicy("log \(record.noteKey.vkey)\nquorum none\n")
        let stranger = try NoteKey(
            name: KeyName(Record.origin), publicKey: PrivateKey.generate(.ed25519).publicKey)
        let other = try TrustPolicy("log \(stranger.vkey)\nquorum none\n")
        let witness = try NoteKey.cosigner(
            name: KeyName("w.example.org"), publicKey: PrivateKey.generate(.ed25519).publicKey)
        let witnessed = try TrustPolicy(
            "log \(record.noteKey.vkey)\nwitness w \(witness.vkey)\nquorum w\n")
        for policy in [other, witnessed] {
            #expect(await refusal(of: folder.path("a"), to: folder.path("r"), policy: policy)?.code == .notTrusted)
            #expect(try folder.names() == ["a", "l"])
        }
        #expect(await refusal(of: folder.path("a"), to: folder.path("r"), policy: good) == nil)
    }
}
