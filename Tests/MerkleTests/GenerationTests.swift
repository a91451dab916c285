import Digests
import Merkle
import TestSupport
import Testing

private func bitWidth(_ value: UInt64) -> Int { UInt64.bitWidth - value.leadingZeroBitCount }

/// The code with which `body` refuses what it is asked, or nil when it does not.
private func refusal<F: Error>(_ body: () throws(GenerationError<F>) -> Void) -> MerkleError.Code? {
    do throws(GenerationError<F>) {
        try body()
        return nil
    } catch {
        guard case .refused(let error) = error else { return nil }
        return error.code
    }
}

@Suite struct GenerationTests {
    @Test func `random trees of thousands of leaves have the proofs of the RFC`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("random trees: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let leaves = distinctLeaves(3000)
        let tree = MemoryTree(leaves: leaves)
        let definition = Definition(leaves)
        for _ in 0..<60 {
            let second = Int.random(in: 131...leaves.count, using: &random)
            let first = Int.random(in: 1...second, using: &random)
            let index = Int.random(in: 0..<second, using: &random)
            let size = TreeSize(UInt64(second))
            let roots = (definition.hash(0..<first), definition.hash(0..<second))
            #expect(try tree.root(size: size) == roots.1)
            let inclusion = try tree.inclusionProof(index: LeafIndex(UInt64(index)), size: size)
            #expect(inclusion.hashes == definition.path(index, 0..<second), "seed \(seed): \(index) of \(second)")
            try inclusion.verify(leaf: leaves[index], root: roots.1)
            let consistency = try tree.consistencyProof(from: TreeSize(UInt64(first)), to: size)
            #expect(consistency.hashes == definition.proof(first, second), "seed \(seed): \(first) to \(second)")
            try consistency.verify(first: roots.0, second: roots.1)
        }
    }

    @Test func `proofs hold up to the largest tree there can be`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("enormous trees: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var sizes: [UInt64] = [.max, .max - 1, 1 << 63, 1 << 63 + 1, 1 << 63 - 1, 1 << 32, 1 << 32 - 1]
        for _ in 0..<40 {
            let shift = UInt64.random(in: 0...40, using: &random)
            sizes.append(UInt64.random(in: 2 ... .max >> shift, using: &random))
        }
        for size in sizes {
            let places = [0, 1, size / 2, size - 2, size - 1, UInt64.random(in: 0..<size, using: &random)]
            let tree = SparseTree(marking: places)
            let root = tree.root(size: TreeSize(size))
            for index in places {
                let proof = try tree.inclusionProof(index: LeafIndex(index), size: TreeSize(size))
                #expect(proof.hashes.count <= bitWidth(size - 1))
                try proof.verify(leaf: tree.leaf(index), root: root)
                let moved = InclusionProof(index: LeafIndex(index ^ 1), size: proof.size, hashes: proof.hashes)
                #expect(throws: MerkleError.self) { try moved.verify(leaf: tree.leaf(index), root: root) }
                let first = TreeSize(index + 1)
                let consistency = try tree.consistencyProof(from: first, to: TreeSize(size))
                try consistency.verify(first: tree.root(size: first), second: root)
                #expect(throws: MerkleError.self) { try consistency.verify(first: SparseTree.ordinary, second: root) }
            }
        }
    }

    @Test func `generation reads a logarithmic number of nodes`() throws {
        var most = 0
        for size in UInt64(1)...200 {
            let tree = SparseTree(marking: [])
            let limit = 2 * bitWidth(size - 1)
            for index in 0..<size {
                let source = CountingSource(tree)
                _ = try source.inclusionProof(index: LeafIndex(index), size: TreeSize(size))
                #expect(source.reads <= limit, "\(index) of \(size)")
                most = max(most, source.reads)
                let pair = CountingSource(tree)
                _ = try pair.consistencyProof(from: TreeSize(index + 1), to: TreeSize(size))
                #expect(pair.reads <= limit + 1, "\(index + 1) to \(size)")
            }
            let range = CountingSource(tree)
            _ = try range.compactRange(size: TreeSize(size))
            #expect(range.reads == size.nonzeroBitCount)
        }
        #expect(most > 8)
    }

    @Test func `an unreadable node is reported as the source's own error`() throws {
        let source = CountingSource(MemoryTree(leaves: distinctLeaves(100)), limit: 3)
        var failed = false
        do throws(GenerationError<CountingSource<MemoryTree>.Exhausted>) {
            _ = try source.inclusionProof(index: 50, size: 100)
        } catch {
            if case .source = error { failed = true }
        }
        #expect(failed)
    }

    @Test func `a tree that has not grown so far has no proof yet`() throws {
        let tree = MemoryTree(leaves: distinctLeaves(10))
        #expect(throws: MerkleError.self) { try tree.root(size: 11) }
        #expect(throws: GenerationError<MerkleError>.self) { try tree.inclusionProof(index: 3, size: 11) }
        #expect(throws: MerkleError.self) { try tree.node(level: 1, index: 5) }
        #expect(throws: MerkleError.self) { try tree.node(level: -1, index: 0) }
        #expect(throws: MerkleError.self) { try tree.node(level: 64, index: 0) }
        #expect(throws: MerkleError.self) { try tree.node(level: 0, index: .max) }
    }

    @Test func `senseless requests are refused by name`() throws {
        // Invariant 8.
        let tree = MemoryTree(leaves: distinctLeaves(10))
        let part = try Subtree(start: 8, end: 10)
        typealias Failed = GenerationError<MerkleError>
        #expect(refusal { () throws(Failed) in _ = try tree.inclusionProof(index: 10, size: 10) } == .indexOutOfRange)
        #expect(refusal { () throws(Failed) in _ = try tree.inclusionProof(index: 0, size: 0) } == .indexOutOfRange)
        #expect(refusal { () throws(Failed) in _ = try tree.inclusionProof(index: 7, in: part) } == .indexOutOfRange)
        #expect(refusal { () throws(Failed) in _ = try tree.consistencyProof(from: 0, to: 5) } == .emptyFirstTree)
        #expect(refusal { () throws(Failed) in _ = try tree.consistencyProof(from: 6, to: 5) } == .reversedRange)
        #expect(refusal { () throws(Failed) in _ = try tree.consistencyProof(of: part, in: 9) } == .subtreeOutsideTree)
        #expect(refusal { () throws(Failed) in _ = try tree.compactRange(size: TreeSize(.max)) } == .sizeTooLarge)
    }
}
