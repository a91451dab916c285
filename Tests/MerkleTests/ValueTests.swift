import Digests
import Merkle
import Testing

@Suite struct ValueTests {
    @Test func `sizes, places and errors say what they are`() {
        #expect(TreeSize(rawValue: 7) < 8)
        #expect("\(LeafIndex(12)) of \(TreeSize(.max))" == "12 of 18446744073709551615")
        #expect([LeafIndex(3), 1, 2].sorted() == [1, 2, 3])
        let proof = InclusionProof(index: 9, size: 4, hashes: [])
        let error = #expect(throws: MerkleError.self) { try proof.impliedRoot(leaf: .zero) }
        #expect(error?.code == .indexOutOfRange)
        #expect(error?.description == "indexOutOfRange: leaf 9 is not one of the leaves [0, 4)")
    }
}
