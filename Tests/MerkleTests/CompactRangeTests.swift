import Digests
import Merkle
import Testing

@Suite struct CompactRangeTests {
    @Test func `the root is that of the definition at every size`() throws {
        // Invariant 3.
        let leaves = distinctLeaves(600)
        let definition = Definition(leaves)
        var range = CompactRange()
        #expect(range.root == MerkleHash.emptyRoot)
        for (index, leaf) in leaves.enumerated() {
            range.append(leaf)
            #expect(range.size == TreeSize(UInt64(index + 1)))
            #expect(range.root == definition.hash(0..<index + 1), "size \(index + 1)")
            #expect(range.peaks.count == (index + 1).nonzeroBitCount)
        }
    }

    @Test func `appending shows every completed inner node once, from the bottom up`() throws {
        // Invariant 2: what is shown is what the definition gives in every larger tree.
        let leaves = distinctLeaves(300)
        let definition = Definition(leaves)
        var range = CompactRange()
        var seen = 0
        for (index, leaf) in leaves.enumerated() {
            var levels: [Int] = []
            range.append(leaf) { level, place, hash in
                levels.append(level)
                let start = Int(place) << level
                #expect(start + 1 << level == index + 1, "the node ends with the leaf that completes it")
                #expect(hash == definition.hash(start..<start + 1 << level))
            }
            #expect(levels == (0..<(index + 1).trailingZeroBitCount).map { $0 + 1 })
            seen += levels.count
        }
        // 2n − popcount(n) complete nodes, less the n leaves.
        #expect(seen == 300 - 300.nonzeroBitCount)
    }

    @Test func `a range that is restored at any size continues like the original`() throws {
        let leaves = distinctLeaves(140)
        let tree = MemoryTree(leaves: leaves)
        for size in 0...leaves.count {
            var restored = try tree.compactRange(size: TreeSize(UInt64(size)))
            #expect(restored == (try CompactRange(size: restored.size, peaks: restored.peaks)))
            for leaf in leaves[size...] { restored.append(leaf) }
            #expect(restored.root == tree.root, "from \(size)")
        }
    }

    @Test func `a number of peaks that does not fit the size is refused`() throws {
        let hashes = distinctLeaves(66)
        for size in 0...UInt64(300) {
            for count in 0...10 where count != size.nonzeroBitCount {
                #expect(throws: MerkleError.self) {
                    try CompactRange(size: TreeSize(size), peaks: Array(hashes[..<count]))
                }
            }
        }
        let largest = try CompactRange(size: CompactRange.largestSize, peaks: [hashes[0]])
        #expect(largest.root == hashes[0])
        #expect(throws: MerkleError.self) { try CompactRange(size: TreeSize(.max), peaks: Array(hashes[..<64])) }
    }

    @Test func `an error of the visitor leaves the range as it was`() throws {
        struct Full: Error {}
        var range = CompactRange()
        for leaf in distinctLeaves(7) { range.append(leaf) }
        let before = range
        let leaf = Digest.ofLeaf([7])
        #expect(throws: Full.self) {
            try range.append(leaf) { level, _, _ throws(Full) in
                if level == 2 { throw Full() }
            }
        }
        #expect(range == before)
        range.append(leaf)
        #expect(range.size == 8)
    }

    @Test func `a copy does not see what is appended to the original`() throws {
        var range = CompactRange()
        for leaf in distinctLeaves(6) { range.append(leaf) }
        let copy = range
        let root = copy.root
        range.append(.ofLeaf([1]))
        #expect(copy.root == root)
        #expect(range.root != root)
    }
}
