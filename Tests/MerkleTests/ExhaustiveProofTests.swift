import Digests
import Testing

@testable import Merkle

/// Sizes for which every proof is made and broken.
private let largest = 130

/// Up to this size every bit of every hash is flipped. Beyond it one bit of every byte is, not the same one in all
/// proofs, which keeps the suite within seconds and still visits all 256 places. Most flips ask for the implied roots,
/// which `verify` compares, since a thrown error costs more than the proof; some go through `verify` itself.
private let everyBitTo = 32

private let leaves = distinctLeaves(largest + 2)
private let tree = MemoryTree(leaves: leaves)

/// Which bits of a hash to flip in a proof of the tree of `size` leaves.
private func bits(size: Int, salt: Int) -> [Int] {
    size <= everyBitTo ? Array(0..<256) : (0..<32).map { $0 * 8 + ($0 + salt) % 8 }
}

/// The values that are tried in place of `value`: every other one for small trees, beyond them those that differ in one
/// bit or by one, and the ends.
private func others(than value: Int, size: Int, to end: Int) -> [Int] {
    var values = Set(size <= everyBitTo ? Array(0...end) : [0, 1, value - 1, value + 1, end - 1, end])
    for bit in 0..<8 { values.insert(value ^ (1 << bit)) }
    return values.subtracting([value]).filter { (0...end).contains($0) }.sorted()
}

/// What refuses the proof, or nil when it is accepted.
private func refusal(_ proof: InclusionProof, leaf: Digest, root: Digest) -> MerkleError.Code? {
    do throws(ProofError) {
        try proof.verify(leaf: leaf, root: root)
        return nil
    } catch {
        return error.code
    }
}

private func refusal(_ proof: ConsistencyProof, _ first: Digest, _ second: Digest) -> MerkleError.Code? {
    do throws(ProofError) {
        try proof.verify(first: first, second: second)
        return nil
    } catch {
        return error.code
    }
}

extension InclusionProof {
    fileprivate func with(
        index: Int? = nil, size: Int? = nil, hashes: [Digest]? = nil
    ) -> InclusionProof {
        InclusionProof(
            index: index.map { LeafIndex(UInt64($0)) } ?? self.index,
            size: size.map { TreeSize(UInt64($0)) } ?? self.size, hashes: hashes ?? self.hashes)
    }
}

extension ConsistencyProof {
    fileprivate func with(
        first: Int? = nil, second: Int? = nil, hashes: [Digest]? = nil
    ) -> ConsistencyProof {
        ConsistencyProof(
            first: first.map { TreeSize(UInt64($0)) } ?? self.first,
            second: second.map { TreeSize(UInt64($0)) } ?? self.second, hashes: hashes ?? self.hashes)
    }
}

@Suite struct ExhaustiveInclusionTests {
    private let definition = Definition(leaves)

    private func eachProof(_ body: (Int, Int, InclusionProof, Digest) throws -> Void) throws {
        for size in 1...largest {
            let root = definition.hash(0..<size)
            for index in 0..<size {
                let proof = try tree.inclusionProof(index: LeafIndex(UInt64(index)), size: TreeSize(UInt64(size)))
                try body(index, size, proof, root)
            }
        }
    }

    @Test func `every leaf of every tree has the proof of the RFC, and it holds`() throws {
        try eachProof { index, size, proof, root in
            #expect(proof.hashes == definition.path(index, 0..<size), "leaf \(index) of \(size)")
            #expect(refusal(proof, leaf: leaves[index], root: root) == nil, "leaf \(index) of \(size)")
        }
    }

    @Test func `a proof with any bit flipped fails`() throws {
        var flips = 0
        try eachProof { index, size, proof, root in
            for place in proof.hashes.indices {
                for bit in bits(size: size, salt: index + size + place) {
                    var hashes = proof.hashes
                    hashes[place] = hashes[place].flipping(bit: bit)
                    flips += 1
                    let broken = proof.with(hashes: hashes)
                    if try broken.impliedRoot(leaf: leaves[index]) == root {
                        Issue.record("leaf \(index) of \(size), hash \(place), bit \(bit)")
                    }
                    guard bit == place else { continue }
                    let code = refusal(broken, leaf: leaves[index], root: root)
                    if code != .rootMismatch { Issue.record("leaf \(index) of \(size), hash \(place), bit \(bit)") }
                }
            }
        }
        #expect(flips > 1_000_000)
    }

    @Test func `a proof with a hash too few or too many fails`() throws {
        // Invariant 5.
        try eachProof { index, size, proof, root in
            for place in 0...proof.hashes.count {
                var hashes = proof.hashes
                hashes.insert(place < hashes.count ? hashes[place] : root, at: place)
                let longer = refusal(proof.with(hashes: hashes), leaf: leaves[index], root: root)
                if longer != .surplusHashes { Issue.record("leaf \(index) of \(size) with a hash more at \(place)") }
            }
            for place in proof.hashes.indices {
                var hashes = proof.hashes
                hashes.remove(at: place)
                let shorter = refusal(proof.with(hashes: hashes), leaf: leaves[index], root: root)
                if shorter != .missingHashes { Issue.record("leaf \(index) of \(size) with a hash less at \(place)") }
            }
        }
    }

    @Test func `a proof of another leaf, place or root fails`() throws {
        try eachProof { index, size, proof, root in
            for other in others(than: index, size: size, to: size) {
                let moved = refusal(proof.with(index: other), leaf: leaves[index], root: root)
                if moved == nil { Issue.record("leaf \(index) of \(size) passed for leaf \(other)") }
                if other == size, moved != .indexOutOfRange { Issue.record("leaf \(other) of \(size) was looked for") }
            }
            let neighbour = leaves[index == 0 ? largest : index - 1]
            #expect(refusal(proof, leaf: neighbour, root: root) == .rootMismatch)
            #expect(refusal(proof, leaf: leaves[index], root: root.flipping(bit: index % 256)) == .rootMismatch)
        }
    }

    @Test func `a proof under another size fails unless its sides are the same`() throws {
        var same = 0
        try eachProof { index, size, proof, root in
            let sides = Definition.sides(index, size)
            for other in others(than: size, size: size, to: largest) {
                let relabelled = proof.with(size: other)
                let fits = other > index && Definition.sides(index, other) == sides
                if fits { same += 1 }
                let accepted = refusal(relabelled, leaf: leaves[index], root: root) == nil
                if accepted != fits { Issue.record("leaf \(index) of \(size) as one of \(other): \(accepted)") }
                // Invariant 6: with the root that belongs to the size it always fails.
                let underItsRoot = refusal(relabelled, leaf: leaves[index], root: definition.hash(0..<other))
                if underItsRoot == nil { Issue.record("leaf \(index) of \(size) passed in a tree of \(other)") }
            }
        }
        #expect(same > 0)
    }
}

@Suite struct ExhaustiveConsistencyTests {
    private let definition = Definition(leaves)

    private func eachPair(_ body: (ConsistencyProof, _ first: Digest, _ second: Digest) throws -> Void) throws {
        for second in 1...largest {
            for first in 1...second {
                let proof = try tree.consistencyProof(from: TreeSize(UInt64(first)), to: TreeSize(UInt64(second)))
                try body(proof, definition.hash(0..<first), definition.hash(0..<second))
            }
        }
    }

    @Test func `every pair of trees has the proof of the RFC, and it holds`() throws {
        try eachPair { proof, first, second in
            let (earlier, later) = (Int(proof.first.rawValue), Int(proof.second.rawValue))
            #expect(proof.hashes == definition.proof(earlier, later), "\(earlier) to \(later)")
            #expect(refusal(proof, first, second) == nil, "\(earlier) to \(later)")
        }
    }

    @Test func `a proof with any bit flipped fails`() throws {
        var flips = 0
        try eachPair { proof, first, second in
            let (earlier, later) = (Int(proof.first.rawValue), Int(proof.second.rawValue))
            for place in proof.hashes.indices {
                for bit in bits(size: later, salt: earlier + later + place) {
                    var hashes = proof.hashes
                    hashes[place] = hashes[place].flipping(bit: bit)
                    flips += 1
                    let broken = proof.with(hashes: hashes)
                    let roots = try broken.impliedRoots(claiming: first)
                    if roots.target == first, roots.tree == second {
                        Issue.record("\(earlier) to \(later), hash \(place), bit \(bit)")
                    }
                    guard bit == place else { continue }
                    let code = refusal(broken, first, second)
                    let expected: MerkleError.Code = roots.target == first ? .rootMismatch : .firstRootMismatch
                    if code != expected { Issue.record("\(earlier) to \(later), hash \(place), bit \(bit)") }
                }
            }
        }
        #expect(flips > 1_000_000)
    }

    @Test func `a proof with a hash too few or too many fails`() throws {
        try eachPair { proof, first, second in
            for place in 0...proof.hashes.count {
                var hashes = proof.hashes
                hashes.insert(place < hashes.count ? hashes[place] : first, at: place)
                let longer = refusal(proof.with(hashes: hashes), first, second)
                if longer != .surplusHashes { Issue.record("\(proof) with a hash more at \(place)") }
            }
            for place in proof.hashes.indices {
                var hashes = proof.hashes
                hashes.remove(at: place)
                let shorter = refusal(proof.with(hashes: hashes), first, second)
                if shorter != .missingHashes { Issue.record("\(proof) with a hash less at \(place)") }
            }
        }
    }

    @Test func `a proof for other roots fails`() throws {
        try eachPair { proof, first, second in
            let bit = Int(proof.first.rawValue + proof.second.rawValue) % 256
            let later = refusal(proof, first, second.flipping(bit: bit))
            if later != .rootMismatch { Issue.record("\(proof) to another later root: \(String(describing: later))") }
            let earlier = refusal(proof, first.flipping(bit: bit), second)
            let expected: MerkleError.Code =
                proof.first.rawValue.nonzeroBitCount == 1 || proof.first == proof.second
                ? .rootMismatch : .firstRootMismatch
            if earlier != expected { Issue.record("\(proof) from another root: \(String(describing: earlier))") }
            if proof.first < proof.second, refusal(proof, second, first) == nil {
                Issue.record("\(proof) with its roots swapped")
            }
        }
    }

    @Test func `a proof of other sizes fails under the roots of those sizes`() throws {
        try eachPair { proof, first, second in
            let (earlier, later) = (Int(proof.first.rawValue), Int(proof.second.rawValue))
            for other in others(than: earlier, size: later, to: largest) {
                let code = refusal(proof.with(first: other), definition.hash(0..<other), second)
                if code == nil { Issue.record("\(earlier) to \(later) passed from \(other)") }
                if other == 0, code != .emptyFirstTree { Issue.record("the empty tree was proven") }
                if other > later, code != .reversedRange { Issue.record("\(other) to \(later) was looked at") }
            }
            for other in others(than: later, size: later, to: largest) {
                let code = refusal(proof.with(second: other), first, definition.hash(0..<other))
                if code == nil { Issue.record("\(earlier) to \(later) passed to \(other)") }
            }
        }
    }
}
