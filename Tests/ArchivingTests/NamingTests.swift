import ArchiveFormat
import Digests
import Files
import Foundation
import Merkle
import TestSupport
import Testing

@Suite struct NamingTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test func `a path names one file, in one spelling`() throws {
        let good: [(String, ArchiveFile)] = [
            ("data/checkpoints/00000000000000000005.checkpoint", .checkpoint(5)),
            ("data/checkpoints/18446744073709551615.tsq", .timestampRequest(TreeSize(.max))),
            ("data/checkpoints/00000000000000000005.tsr", .timestampResponse(5)),
            ("data/keys/00000000000000000300.json", .keyHistory(300)),
            ("data/payloads/x001/x234/067", .payloads(index: 1_234_067, width: 256)),
            ("data/payloads/000.p/1", .payloads(index: 0, width: 1)),
        ]
        for (path, file) in good {
            #expect(ArchiveFile(path: path) == file)
            #expect(file.path == path)
        }
        let bad = [
            "", "data", "data/", "/data/payloads/000", "data/payloads/../payloads/000", "data//payloads/000",
            "data/payloads/000/", "data/payloads/0", "data/payloads/x000/001", "data/payloads/1000",
            "data/payloads/000.p/0", "data/payloads/000.p/256", "data/payloads/000.p/01", "data/payloads/000%2Ep/1",
            "data/checkpoints/5.checkpoint", "data/checkpoints/+0000000000000000005.checkpoint",
            "data/checkpoints/99999999999999999999.checkpoint", "data/checkpoints/00000000000000000005.txt",
            "data/keys/00000000000000000300.JSON", "data/tile/0/000\n", "data/tile/00/000", "data/tile/64/000",
            "data/tile/entries/000.p/255x", "data/contents/00/00", "payloads/000", "data/payloads/٠٠٠",
            "../data/payloads/000", "data\\payloads\\000",
            "data/tile/0/" + String(repeating: "x001/", count: 20) + "001",
        ]
        for path in bad { #expect(ArchiveFile(path: path) == nil, "\(path)") }
    }

    /// Sizes at which levels, widths and digits begin, and random ones.
    private static let sizes: [UInt64] = [
        1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000, 256_000, 256_001, 300_000,
    ]

    @Test(arguments: sizes)
    func `the place of every line follows from the contents`(size: UInt64) throws {
        var checkpoints: [ArchiveContents.Checkpoint] = []
        for part in Set([1, size / 3, size / 2, size]).sorted() where part > 0 {
            checkpoints.append(.init(size: TreeSize(part), isTimestamped: part % 2 == 1))
        }
        let contents = try ArchiveContents(checkpoints: checkpoints)
        var text: [UInt8] = []
        let draft = try ManifestDraft(folder.path("manifest-sha256.txt"), contents)
        var number: UInt64 = 0
        for file in contents {
            let digest = SHA256.hash(file.path.utf8.span)
            try draft.set(digest, of: file)
            text += Array("\(digest.hex)  \(file.path)\n".utf8)
            #expect(contents.contains(file))
            number += 1
        }
        #expect(number == contents.fileCount)
        #expect(try folder.bytes("manifest-sha256.txt") == text)
        var digest = Digest.zero
        let manifest = try Manifest(in: folder.path, digest: &digest) { error throws(ArchiveError) in throw error }
        #expect(manifest.contents == contents && digest == SHA256.hash(text.span))
        for file in contents {
            guard try manifest.digest(of: file) == SHA256.hash(file.path.utf8.span) else {
                Issue.record("the line of \(file.path) was not found")
                return
            }
        }
    }

    @Test func `files that are not of the size are none of the contents`() throws {
        let contents = try ArchiveContents(checkpoints: [.init(size: 300, isTimestamped: false)])
        let others: [ArchiveFile] = [
            .checkpoint(299), .timestampRequest(300), .keyHistory(299), .payloads(index: 0, width: 255),
            .payloads(index: 1, width: 45), .payloads(index: 2, width: 1),
            try .tile(Tile(path: "tile/1/000")), try .tile(Tile(path: "tile/2/000.p/1")),
            try .tile(Tile(path: "tile/entries/001")),
        ]
        for file in others { #expect(!contents.contains(file), "\(file.path)") }
        #expect(contents.contains(.payloads(index: 1, width: 44)))
    }

    /// A manifest with its first line and the line of the first bundle of payloads replaced.
    @Test(arguments: [
        "data/../../etc/passwd", "/etc/passwd", "data/payloads/%2E%2E/x", "data/payloads/000 ", "tile/0/000.p/5",
        "data/payloads/000.p/6", "data/payloads/000.p/5%00",
    ])
    func `a manifest that names another path is refused, whatever it would name`(path: String) throws {
        let contents = try ArchiveContents(checkpoints: [.init(size: 5, isTimestamped: false)])
        for replaced in [0, 2] {
            var lines = contents.map { "\(hex($0.path))  \($0.path)\n" }
            lines[replaced] = "\(hex(path))  \(path)\n"
            try folder.write(Array(lines.joined().utf8), "manifest-sha256.txt")
            var digest = Digest.zero
            let error = #expect(throws: ArchiveError.self) {
                _ = try Manifest(in: folder.path, digest: &digest) { error throws(ArchiveError) in throw error }
            }
            #expect(error?.file == "manifest-sha256.txt")
        }
    }

    @Test(arguments: [
        "data/x", "incoming/x", "../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "tagmanifest-md5.txt", "a/", "x%2",
        "x%2e", "x%41", "README.txt",
    ])
    func `a tag manifest names files of the folder only, none twice`(path: String) throws {
        let items = TagManifest.requiredFiles.map { TagManifest.Item(file: $0, digest: .zero) }
        let bytes = TagManifest(items: items).bytes
        #expect(try TagManifest(parsing: bytes).items == items)
        #expect(throws: ArchiveError.self) {
            try TagManifest(parsing: bytes + Array("\(hex(""))  \(path)\n".utf8))
        }
    }

    @Test func `percent signs and line ends in names of tag files are written as RFC 8493 has it`() throws {
        let items = TagManifest.requiredFiles.map { TagManifest.Item(file: $0, digest: .zero) }
        let manifest = TagManifest(items: items + [.init(file: "100 %\r\n.txt", digest: .zero)])
        #expect(String(decoding: manifest.bytes, as: UTF8.self).hasSuffix("  100 %25%0D%0A.txt\n"))
        #expect(try TagManifest(parsing: manifest.bytes) == manifest)
    }
}
