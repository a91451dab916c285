import Digests
import Merkle
import TestSupport
import Testing

private let accumulated = "transparency-dev-merkle/mtc-subtree-accumulated.json"

private struct Accumulated: Decodable {
    struct Vector: Decodable { let sha256: String }
    let vectors: [String: Vector]
}

/// The subtree of those leaves, or nil when they are none.
private func subtree(_ start: Int, _ end: Int) -> Subtree? {
    try? Subtree(start: LeafIndex(UInt64(start)), end: LeafIndex(UInt64(end)))
}

/// A hash as the fold of the draft writes it: behind a space.
private func spaced(_ hashes: [Digest]) -> String {
    hashes.map { " " + $0.hex }.joined()
}

private let entries = (0..<130).map { Digest.ofLeaf([UInt8($0)]) }
private let tree = MemoryTree(leaves: entries)

/// SHA-256 over one line for each subtree within 130 leaves, ends ascending, then starts.
private func fold(_ line: (Subtree) throws -> String) rethrows -> String {
    var text: [UInt8] = []
    for end in 0...130 {
        for start in 0...end {
            guard let part = subtree(start, end) else { continue }
            text += Array(try line(part).utf8)
        }
    }
    return SHA256.hash(text).hex
}

@Suite(.enabled(if: Vectors.has(accumulated), "needs the vectors in \(accumulated)"))
struct SubtreeVectorTests {
    private let vectors: [String: Accumulated.Vector]

    init() throws {
        vectors = try Vectors.decode(Accumulated.self, from: accumulated).vectors
        #expect(vectors.count == 4)
    }

    @Test func `the hashes of all subtrees are the published ones`() throws {
        let result = try fold { part in "\(part) \(try tree.hash(of: part).hex)\n" }
        #expect(result == vectors["subtreeHash"]?.sha256)
    }

    @Test func `the inclusion proofs of all subtrees are the published ones`() throws {
        let result = try fold { part in
            var lines = ""
            for index in part.start.rawValue..<part.end.rawValue {
                let proof = try tree.inclusionProof(index: LeafIndex(index), in: part)
                lines += "\(index) \(part)\(spaced(proof.hashes))\n"
            }
            return lines
        }
        #expect(result == vectors["subtreeInclusionProof"]?.sha256)
    }

    @Test func `the consistency proofs of all subtrees are the published ones`() throws {
        var text: [UInt8] = []
        for size in 0...130 {
            for end in 0...size {
                for start in 0...end {
                    guard let part = subtree(start, end) else { continue }
                    let proof = try tree.consistencyProof(of: part, in: TreeSize(UInt64(size)))
                    text += Array("\(part) \(size)\(spaced(proof.hashes))\n".utf8)
                }
            }
        }
        let result = SHA256.hash(text).hex
        #expect(result == vectors["subtreeConsistencyProof"]?.sha256)
    }

    @Test func `the coverings of all ranges are the published ones`() throws {
        var text: [UInt8] = []
        for end in UInt64(0)...130 {
            for start in 0...end {
                let covering = try Subtree.covering(start: LeafIndex(start), end: LeafIndex(end))
                text += Array("\(covering.first) \(covering.second)\n".utf8)
            }
        }
        let result = SHA256.hash(text).hex
        #expect(result == vectors["subtreeCovering"]?.sha256)
    }
}

@Suite struct SubtreeTests {
    private let definition = Definition(entries)

    @Test func `a subtree hashes like a tree of its own and proves its leaves`() throws {
        for end in 1...100 {
            for start in 0..<end {
                guard let part = subtree(start, end) else { continue }
                let hash = try tree.hash(of: part)
                #expect(hash == definition.hash(start..<end), "\(part)")
                for index in start..<end {
                    let proof = try tree.inclusionProof(index: LeafIndex(UInt64(index)), in: part)
                    #expect(try proof.impliedRoot(leaf: entries[index]) == hash, "\(index) in \(part)")
                }
            }
        }
    }

    @Test func `a subtree proof holds in its tree and in no other`() throws {
        for size in 1...48 {
            let root = definition.hash(0..<size)
            for end in 1...size {
                for start in 0..<end {
                    guard let part = subtree(start, end) else { continue }
                    let hash = definition.hash(start..<end)
                    let proof = try tree.consistencyProof(of: part, in: TreeSize(UInt64(size)))
                    try proof.verify(subtree: hash, root: root)
                    #expect(throws: MerkleError.self) { try proof.verify(subtree: hash, root: root.flipping(bit: 3)) }
                    #expect(throws: MerkleError.self) { try proof.verify(subtree: hash.flipping(bit: 9), root: root) }
                    for place in proof.hashes.indices {
                        var hashes = proof.hashes
                        hashes[place] = hashes[place].flipping(bit: (place * 37 + size) % 256)
                        let broken = SubtreeConsistencyProof(subtree: part, size: proof.size, hashes: hashes)
                        #expect(throws: MerkleError.self) { try broken.verify(subtree: hash, root: root) }
                    }
                    let longer = SubtreeConsistencyProof(subtree: part, size: proof.size, hashes: proof.hashes + [hash])
                    #expect(throws: MerkleError.self) { try longer.verify(subtree: hash, root: root) }
                }
            }
        }
    }

    @Test func `a range is a subtree exactly when some tree has it below one node, alone on its left`() {
        // Invariant 4, counted the slow way: the smallest aligned node over the first and the last leaf starts at
        // start.
        for end in 0...130 {
            for start in 0...end {
                var width = 1
                while width < end - start { width *= 2 }
                let expected = start == end || start % width == 0
                #expect((subtree(start, end) != nil) == expected, "[\(start), \(end))")
            }
        }
    }

    @Test(
        arguments: [
            (1, UInt64(1) << 63 + 2, false), (0, UInt64.max, true), (1 << 63, .max, true), (1 << 62, .max, false),
            (.max, .max, true), (.max - 1, .max, true), (2, 1, false), (1 << 63, 1 << 63 + 1 << 62 + 1, true),
        ] as [(UInt64, UInt64, Bool)])
    func `enormous ranges are judged without overflow`(start: UInt64, end: UInt64, valid: Bool) throws {
        let part = try? Subtree(start: LeafIndex(start), end: LeafIndex(end))
        #expect((part != nil) == valid)
    }

    @Test func `a covering holds the range, ends with it and wastes less than half of its first part`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("coverings: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let shift = UInt64.random(in: 0...62, using: &random)
            let end = UInt64.random(in: 2 ... .max >> shift, using: &random)
            let start = UInt64.random(in: 0...end - 2, using: &random)
            let (first, second) = try Subtree.covering(start: LeafIndex(start), end: LeafIndex(end))
            #expect(first.end == second.start && second.end.rawValue == end && !second.isEmpty)
            #expect(first.start.rawValue <= start && first.contains(LeafIndex(start)))
            #expect(start - first.start.rawValue < (first.count + 1) / 2, "seed \(seed): [\(start), \(end))")
            for part in [first, second] { #expect(try Subtree(start: part.start, end: part.end) == part) }
        }
        #expect(throws: MerkleError.self) { try Subtree.covering(start: 3, end: 2) }
    }
}
