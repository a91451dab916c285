import Digests
import Merkle
import Testing

private let reference = "transparency-dev-merkle/rfc6962-reference.json"

private struct Reference: Decodable {
    let leafInputsHex: [String]
    let nodeHashesHexByLevel: [[String]]
    let rootHashHexByTreeSize: [String]
    let hasher: [String: String]
}

@Suite(.enabled(if: Vectors.has(reference), "needs the vectors in \(reference)"))
struct ReferenceTests {
    private let vectors: Reference
    private let leaves: [Digest]

    init() throws {
        vectors = try Vectors.decode(Reference.self, from: reference)
        leaves = try vectors.leafInputsHex.map { text in
            let entry = try #require(Hex.decode(text))
            return MerkleHash.leaf(entry.span)
        }
    }

    @Test func `the hashes of leaves and nodes are the published ones`() throws {
        #expect(vectors.hasher.count == 4)
        #expect(MerkleHash.emptyRoot.hex == vectors.hasher["emptyRoot"])
        let (nothing, entry): ([UInt8], [UInt8]) = ([], Array("L123456".utf8))
        let (empty, leaf) = (MerkleHash.leaf(nothing.span), MerkleHash.leaf(entry.span))
        #expect(empty.hex == vectors.hasher["emptyLeaf"])
        #expect(leaf.hex == vectors.hasher["leaf(\"L123456\")"])
        // The published node is over strings that are not 32 bytes long, so only its prefix can be shown to be ours.
        let (left, right) = (Array("N123".utf8), Array("N456".utf8))
        let node = SHA256.hash(prefix: 0x01, left.span, right.span)
        #expect(node.hex == vectors.hasher["node(\"N123\",\"N456\")"])
        let inner = MerkleHash.node(leaf, empty)
        #expect(inner == SHA256.hash([1] + leaf.bytes + empty.bytes))
    }

    @Test func `every node of the published tree is there`() throws {
        let tree = MemoryTree(leaves: leaves)
        #expect(vectors.nodeHashesHexByLevel.map(\.count) == [8, 4, 2, 1])
        for (level, hashes) in vectors.nodeHashesHexByLevel.enumerated() {
            for (index, hash) in hashes.enumerated() {
                #expect(try tree.node(level: level, index: UInt64(index)).hex == hash, "node (\(level), \(index))")
            }
        }
    }

    @Test func `every published root is reached, by growing and by reading`() throws {
        #expect(vectors.rootHashHexByTreeSize.count == 9)
        let tree = MemoryTree(leaves: leaves)
        for (size, root) in vectors.rootHashHexByTreeSize.enumerated() {
            #expect(MemoryTree(leaves: leaves[..<size]).root.hex == root)
            #expect(try tree.root(size: TreeSize(UInt64(size))).hex == root)
        }
    }

    @Test func `an entry cannot pass for an inner node`() {
        // Invariant 1: the leaf whose entry is 64 bytes of two hashes is not the node over them.
        let (left, right) = (leaves[0], leaves[1])
        let entry = left.bytes + right.bytes
        let leaf = MerkleHash.leaf(entry.span)
        #expect(leaf != MerkleHash.node(left, right))
        #expect(MerkleHash.node(left, right) != MerkleHash.node(right, left))
    }
}
