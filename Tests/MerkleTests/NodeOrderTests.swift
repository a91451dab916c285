import Merkle
import TestSupport
import Testing

@Suite struct NodeOrderTests {
    @Test func `position and node agree with a log that is written block by block`() {
        // Invariant 7.
        var stored: [(level: Int, index: UInt64)] = []
        for block in UInt64(0)..<5000 {
            #expect(NodeOrder.count(blocks: block) == UInt64(stored.count))
            var index = block
            stored.append((0, index))
            while index % 2 == 1 {
                index /= 2
                stored.append((stored[stored.count - 1].level + 1, index))
            }
            #expect(NodeOrder.count(blocks: block) + UInt64(NodeOrder.added(byBlock: block)) == UInt64(stored.count))
        }
        #expect(stored.count == 2 * 5000 - 5000.nonzeroBitCount)
        for (position, node) in stored.enumerated() {
            #expect(NodeOrder.position(level: node.level, index: node.index) == UInt64(position))
            let found = NodeOrder.node(at: UInt64(position))
            #expect(found.level == node.level && found.index == node.index, "position \(position)")
        }
    }

    @Test func `position and node are inverse at large values`() {
        let seed = UInt64.random(in: .min ... .max)
        print("node order: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var positions: [UInt64] = []
        for bit in 1...63 {
            let power: UInt64 = 1 << UInt64(bit)
            positions += [power - 2, power - 1, power, power + 1]
        }
        positions += [.max - 2, .max - 1]
        for _ in 0..<20_000 { positions.append(UInt64.random(in: 0 ..< .max, using: &random)) }
        for position in positions {
            let node = NodeOrder.node(at: position)
            #expect(NodeOrder.position(level: node.level, index: node.index) == position, "seed \(seed): \(position)")
        }
        for _ in 0..<20_000 {
            let level = Int.random(in: 0...62, using: &random)
            let index = UInt64.random(in: 0..<NodeOrder.largestBlockCount >> UInt64(level), using: &random)
            let found = NodeOrder.node(at: NodeOrder.position(level: level, index: index))
            #expect(found.level == level && found.index == index, "seed \(seed): (\(level), \(index))")
        }
    }

    @Test func `the ends of the order are exact`() {
        #expect(NodeOrder.count(blocks: 0) == 0)
        #expect(NodeOrder.count(blocks: NodeOrder.largestBlockCount) == UInt64.max)
        #expect(NodeOrder.position(level: 63, index: 0) == UInt64.max - 1)
        #expect(NodeOrder.added(byBlock: NodeOrder.largestBlockCount - 1) == 64)
        // The position after the last node of the largest log would be the root of one block more.
        let beyond = NodeOrder.node(at: .max)
        #expect(beyond.level == 0 && beyond.index == NodeOrder.largestBlockCount)
    }
}
