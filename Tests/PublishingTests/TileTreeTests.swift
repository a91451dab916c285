import Digests
import EventFormat
import Files
import Foundation
import Ledger
import Merkle
import Publishing
import TestSupport
import Testing

@Suite struct TileTreeTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Grows the tree in `name` and returns the ledger's root.
    @discardableResult
    private func grow(
        _ ledger: Ledger, from old: UInt64, to new: UInt64, alsoServing between: [UInt64] = [],
        in name: String = "tiles"
    ) async throws -> Digest {
        let tree = TileTree(path: folder.path(name))
        try await ledger.blocking { log throws(PublishingError) in
            try tree.grow(
                from: TreeSize(old), to: TreeSize(new), alsoServing: between.map { TreeSize($0) }, of: log)
        }
        return try await ledger.root(size: TreeSize(new)).root
    }

    private func walker(_ name: String = "tiles") -> TileWalker { TileWalker(folder: folder.path(name)) }

    @Test(.timeLimit(.minutes(15)))
    func `a ledger of 70,000 entries has the tiles that the specification says`() async throws {
        let ledger = try await makeLedger(at: folder.path("ledger"), size: 70_000)
        let root = try await grow(ledger, from: 0, to: 70_000)
        let files = folder.files(below: "tiles")
        func count(_ prefix: String, partial: Bool) -> Int {
            files.keys.count { $0.hasPrefix(prefix) && $0.contains(".p/") == partial }
        }
        #expect(count("tile/0/", partial: false) == 273 && count("tile/entries/", partial: false) == 273)
        #expect(count("tile/1/", partial: false) == 1 && count("tile/2/", partial: false) == 0)
        #expect(files.count == 551, "546 full ones, one of level 1 and four partial ones")
        #expect(files["tile/0/273.p/112"] == 3584)
        #expect(files["tile/entries/273.p/112"] != nil)
        #expect(files["tile/1/000"] == 8192)
        #expect(files["tile/1/001.p/17"] == 544)
        #expect(files["tile/2/000.p/1"] == 32)
        #expect(try walker().root(size: 70_000) == root)
        let entries = try walker().entries(size: 70_000)
        for place in [0, 1, 255, 256, 65_535, 69_999] {
            let expected = try await ledger.event(at: EntryIndex(UInt64(place))).entry
            let bytes = entries[place]
            let found = try Entry(decoding: bytes.span)
            #expect(found == expected)
        }
        for (file, _) in files where file.hasPrefix("tile/entries/") {
            let bytes = FileManager.default.contents(atPath: folder.path("tiles/\(file)")) ?? Data()
            #expect(bytes.range(of: Data("secret".utf8)) == nil, "a payload is in \(file)")
        }
        // 70,000 more: the full tiles that were there stay as they are.
        let before = try FileManager.default.attributesOfItem(atPath: folder.path("tiles/tile/0/000"))
        try await PublishingTests.grow(ledger, to: 70_500)
        let larger = try await grow(ledger, from: 70_000, to: 70_500)
        let after = try FileManager.default.attributesOfItem(atPath: folder.path("tiles/tile/0/000"))
        #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
        #expect(try walker().root(size: 70_500) == larger && walker().root(size: 70_000) == root)
        await ledger.close()
    }

    @Test(.timeLimit(.minutes(15)))
    func `every partial width is written and read, and stays until it is pruned`() async throws {
        let ledger = try await makeLedger(at: folder.path("ledger"), size: 258)
        var roots: [Digest] = []
        for size in 1...UInt64(258) { roots.append(try await grow(ledger, from: size - 1, to: size)) }
        for size in 1...UInt64(258) {
            #expect(try walker().root(size: size) == roots[Int(size - 1)])
            #expect(try walker().entries(size: size).count == Int(size))
        }
        let files = folder.files(below: "tiles")
        #expect(files.keys.count { $0.hasPrefix("tile/0/000.p/") } == 255)
        #expect(files.keys.count { $0.hasPrefix("tile/entries/000.p/") } == 255)
        #expect(try TileTree(path: folder.path("tiles")).prunePartials() == 510)
        let left = folder.files(below: "tiles").keys.sorted()
        #expect(
            left == [
                "tile/0/000", "tile/0/001.p/1", "tile/0/001.p/2", "tile/1/000.p/1", "tile/entries/000",
                "tile/entries/001.p/1", "tile/entries/001.p/2",
            ])
        #expect(try walker().root(size: 258) == roots[257])
        #expect(try TileTree(path: folder.path("tiles")).prunePartials() == 0)
        await ledger.close()
    }

    @Test func `partial tiles of sizes that were signed and not published are written, too`() async throws {
        let ledger = try await makeLedger(at: folder.path("ledger"), size: 600)
        try await grow(ledger, from: 0, to: 600, alsoServing: [100, 520, 530, 600, 700])
        let files = folder.files(below: "tiles").keys.filter { $0.contains("entries") }.sorted()
        #expect(
            files == [
                "tile/entries/000", "tile/entries/001", "tile/entries/002.p/18", "tile/entries/002.p/8",
                "tile/entries/002.p/88",
            ])
        for size in [UInt64(520), 530, 600] {
            #expect(try await walker().root(size: size) == ledger.root(size: TreeSize(size)).root)
        }
        await ledger.close()
    }

    @Test func `what an interrupted run left is kept where it is right and replaced where it is wrong`() async throws {
        let ledger = try await makeLedger(at: folder.path("ledger"), size: 1000)
        let root = try await grow(ledger, from: 0, to: 1000)
        let kept = folder.path("tiles/tile/0/001")
        let number = try FileManager.default.attributesOfItem(atPath: kept)[.systemFileNumber] as? Int
        try Data("wrong".utf8).write(to: URL(fileURLWithPath: folder.path("tiles/tile/entries/002")))
        try FileManager.default.removeItem(atPath: folder.path("tiles/tile/0/000"))
        try Folder.make(folder.path("tiles/.staging"))
        try Data("left".utf8).write(to: URL(fileURLWithPath: folder.path("tiles/.staging/tile_0_000")))
        try await grow(ledger, from: 0, to: 1000)
        #expect(try walker().root(size: 1000) == root)
        #expect(try walker().entries(size: 1000).count == 1000)
        #expect(try FileManager.default.attributesOfItem(atPath: kept)[.systemFileNumber] as? Int == number)
        #expect(!Folder.isFolder(folder.path("tiles/.staging")))
        await ledger.close()
    }

    @Test func `a tree of more entries than are recorded is refused`() async throws {
        let ledger = try await makeLedger(at: folder.path("ledger"), size: 10)
        await #expect(throws: PublishingError(.ledger, "")) { try await grow(ledger, from: 0, to: 11) }
        await ledger.close()
    }
}
