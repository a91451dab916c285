import Digests
import TestSupport
import Testing

@testable import Merkle

private let examples = "c2sp-spec-examples/tile-paths.json"
private let goLog = "golang-mod-sumdb/tlog.json"

private struct Examples: Decodable {
    struct Example: Decodable {
        let level, width: Int?
        let index, treeSize: UInt64?
        let path: String?
        let fullLevel0, fullLevel1: UInt64?
        let partialLevel0Width, partialLevel1Width, partialLevel2Width: Int?
    }
    let examples: [Example]
}

private struct GoLog: Decodable {
    struct Growth: Decodable { let old, new, want: UInt64 }
    let newTilesCountAtHeight10: [Growth]
    let badTilePaths: [String]
}

@Suite(.enabled(if: Vectors.has(examples), "needs the vectors in \(examples)"))
struct TileExampleTests {
    @Test func `the paths and widths of the specification's examples`() throws {
        let all = try Vectors.decode(Examples.self, from: examples).examples
        #expect(all.count == 3)
        for example in all {
            if let path = example.path {
                let (level, index) = (try #require(example.level), try #require(example.index))
                let tile = try #require(Tile(.hashes(level: level), index: index, width: example.width ?? 256))
                #expect(tile.path == path)
                #expect(try Tile(path: path) == tile)
            }
            guard let size = example.treeSize else { continue }
            let runs = Tile.all(size: TreeSize(size))
            #expect(runs[0].full == 0..<(try #require(example.fullLevel0)))
            #expect(runs[0].partialWidth == example.partialLevel0Width ?? 0)
            #expect(runs[1].full == 0..<(example.fullLevel1 ?? 0))
            #expect(runs[1].partialWidth == example.partialLevel1Width ?? 0)
            #expect(runs.count == (example.partialLevel2Width == nil ? 2 : 3))
            if runs.count == 3 { #expect(runs[2].partialWidth == example.partialLevel2Width) }
        }
    }
}

@Suite(.enabled(if: Vectors.has(goLog), "needs the vectors in \(goLog)"))
struct TileGrowthVectorTests {
    @Test func `a growing log writes as many tiles as Go's checksum database`() throws {
        let vectors = try Vectors.decode(GoLog.self, from: goLog)
        #expect(vectors.newTilesCountAtHeight10.count == 7)
        for growth in vectors.newTilesCountAtHeight10 {
            let runs = Tile.added(from: TreeSize(growth.old), to: TreeSize(growth.new), height: 10)
            let count = runs.reduce(0) { $0 + $1.full.count + ($1.partialWidth > 0 ? 1 : 0) }
            #expect(UInt64(count) == growth.want, "\(growth.old) to \(growth.new)")
        }
        for path in vectors.badTilePaths { #expect(throws: MerkleError.self) { try Tile(path: path) } }
    }
}

@Suite struct TileTests {
    @Test(
        arguments: [
            ("tile/0/000", 0, 0, 256), ("tile/0/255", 0, 255, 256), ("tile/63/999.p/1", 63, 999, 1),
            ("tile/1/x001/000.p/255", 1, 1000, 255), ("tile/entries/x001/x234/067", nil, 1_234_067, 256),
            ("tile/entries/000.p/42", nil, 0, 42),
            ("tile/0/x018/x446/x744/x073/x709/x551/615", 0, UInt64.max, 256),
        ] as [(String, Int?, UInt64, Int)])
    func `a path is written and read`(path: String, level: Int?, index: UInt64, width: Int) throws {
        let content = level.map { Tile.Content.hashes(level: $0) } ?? .entries
        let tile = try #require(Tile(content, index: index, width: width))
        #expect(tile.path == path)
        #expect(try Tile(path: path) == tile)
    }

    @Test(arguments: [
        "", "/", "tile", "tile/", "tile/0", "tile/0/", "tile//000", "/tile/0/000", "tile/0/000/", "tile/0//000",
        "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1000", "tile/0/x000/000", "tile/0/x000", "tile/0/001/002",
        "tile/0/x001/x002", "tile/0/x1/002", "tile/0/X001/002", "tile/00/000", "tile/+0/000", "tile/-1/000",
        "tile/64/000", "tile/0/-01", "tile/0/+01", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/+1", "tile/0/000.p/-1", "tile/0/000.p/1/",
        "tile/0/000.p/1/2", "tile/0/.p/1", "tile/.p/1", "tile/0/000p/1", "tile/data/000", "tile/Entries/000",
        "tile/0/000 ", " tile/0/000", "tile/0/000\n", "tile/0/\u{661}\u{662}\u{663}", "tile/0/00\u{FF11}",
        "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/8/0/000", "tile/0/0x1", "tile/0/1e2", "tile/0/..", "tile/0/000\u{0}", "tile/0/x001/x002/003.p/5/x",
    ])
    func `no other spelling of a path is accepted`(path: String) {
        #expect(throws: MerkleError.self) { try Tile(path: path) }
    }

    @Test func `a long text is refused at once`() {
        let text = "tile/0/" + String(repeating: "x001/", count: 1_000_000) + "001"
        #expect(throws: MerkleError.self) { try Tile(path: text) }
    }

    @Test func `a tile outside the specification cannot be made`() {
        #expect(Tile(.hashes(level: 64), index: 0) == nil)
        #expect(Tile(.hashes(level: -1), index: 0) == nil)
        #expect(Tile(.hashes(level: 0), index: 0, width: 0) == nil)
        #expect(Tile(.entries, index: 0, width: 257) == nil)
    }

    @Test func `every node is found again from the hashes of its tile`() throws {
        // 70,000 leaves: three tile levels. The hashes at the location fold to the node, and none is missing.
        let tree = SparseTree(marking: [0, 255, 256, 65_535, 65_536, 69_999])
        var nodes = 0
        for level in 0..<17 {
            let last = (UInt64(70_000) >> UInt64(level)) - 1
            for index in [0, last / 2, last] {
                let place = try #require(Tile.location(level: level, index: index))
                var range = CompactRange()
                for offset in place.offsets {
                    let position = place.index * 256 + UInt64(offset)
                    range.append(tree.node(level: place.level * 8, index: position))
                }
                #expect(range.root == tree.node(level: level, index: index), "node (\(level), \(index))")
                let run = Tile.all(size: 70_000)[place.level]
                let held = run.full.contains(place.index) || place.offsets.upperBound <= run.partialWidth
                #expect(held, "node (\(level), \(index)) lies in a tile of the tree")
                nodes += 1
            }
        }
        #expect(nodes == 51)
        #expect(Tile.location(level: -1, index: 0) == nil)
        #expect(Tile.location(level: 64, index: 0) == nil)
        #expect(Tile.location(level: 0, index: .max)?.offsets == 255..<256)
    }

    @Test func `the tiles of a tree hold exactly its complete nodes`() {
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 16_777_216, UInt64.max] {
            let runs = Tile.all(size: TreeSize(size))
            for run in runs {
                let held = run.full.upperBound * 256 + UInt64(run.partialWidth)
                #expect(run.full.lowerBound == 0)
                #expect(held == size >> UInt64(8 * run.level), "level \(run.level) of \(size)")
                #expect(held > 0)
            }
            #expect(runs.count == (UInt64.bitWidth - size.leadingZeroBitCount + 7) / 8)
        }
        #expect(Tile.added(from: 300, to: 300).isEmpty)
        #expect(Tile.added(from: 300, to: 299).isEmpty)
    }

    @Test func `what is written while growing adds up to the tiles of the tree`() {
        let seed = UInt64.random(in: .min ... .max)
        print("tile growth: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var written: Set<String> = []
        var size: UInt64 = 0
        while size < 150_000 {
            let next = size + UInt64.random(in: 1...900, using: &random)
            for run in Tile.added(from: TreeSize(size), to: TreeSize(next)) {
                for index in run.full { written.insert("\(run.level)/\(index)") }
            }
            size = next
        }
        var expected: Set<String> = []
        for run in Tile.all(size: TreeSize(size)) {
            for index in run.full { expected.insert("\(run.level)/\(index)") }
        }
        #expect(written == expected, "seed \(seed)")
        #expect(expected.count > 500)
    }
}
