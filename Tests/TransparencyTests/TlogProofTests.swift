import Digests
import Merkle
import Testing
import Transparency

private let published = "transparency-dev-formats/tlog-proof.json"

@Suite struct TlogProofTests {
    private let witness: Cosigner
    private let policy: TrustPolicy

    init() throws {
        witness = try TestKeys.witness("w.example", 2)
        policy = try TestTree.policy()
    }

    @Test func `every receipt of every small tree is written, read and verified`() throws {
        for size in 1...17 {
            let tree = TestTree(size)
            for index in 0..<size {
                let proof = try tree.proof(index, extra: index == 3 ? tree.entries[3] : nil, cosignedBy: [witness])
                let read = try TlogProof(proof.bytes)
                #expect(read == proof)
                #expect(read.bytes == proof.bytes)
                let result = try read.verify(leaf: tree.leaf(index), policy: policy)
                #expect(result.cosignatures.map(\.time) == [1_700_000_000])
            }
        }
    }

    @Test func `the text is the specification's`() throws {
        let tree = TestTree(3)
        let proof = try tree.proof(1, extra: "extra information".bytes)
        var hashes: [UInt8] = []
        for hash in proof.hashes {
            Base64.append(hash.bytes, to: &hashes)
            hashes.append(0x0a)
        }
        let start = "c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 1\n".bytes
        #expect(proof.bytes == start + hashes + [0x0a] + (try tree.checkpoint().bytes))
        #expect(proof.hashes.count == 2)
    }

    @Test func `another entry, another index and every flipped bit of a hash are refused`() throws {
        let tree = TestTree(7)
        let proof = try tree.proof(4, cosignedBy: [witness])
        for other in 0..<7 where other != 4 {
            #expect(refusalCode { try proof.verify(leaf: tree.leaf(other), policy: policy) } == .notIncluded)
            let checkpoint = try proof.signedCheckpoint()
            let moved = try TlogProof(
                index: LeafIndex(UInt64(other)), hashes: proof.hashes, checkpoint: checkpoint)
            #expect(refusalCode { try moved.verify(leaf: tree.leaf(4), policy: policy) } == .notIncluded)
        }
        for place in proof.hashes.indices {
            for bit in stride(from: 0, to: 256, by: 7) {
                var hashes = proof.hashes
                var bytes = hashes[place].bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                hashes[place] = Digest(copying: bytes.span)
                let forged = try TlogProof(index: proof.index, hashes: hashes, checkpoint: proof.signedCheckpoint())
                #expect(refusalCode { try forged.verify(leaf: tree.leaf(4), policy: policy) } == .notIncluded)
            }
        }
    }

    @Test func `hashes too many and too few are refused`() throws {
        let tree = TestTree(7)
        let proof = try tree.proof(4, cosignedBy: [witness])
        for hashes in [Array(proof.hashes.dropLast()), proof.hashes + [.zero], []] {
            let forged = try TlogProof(index: proof.index, hashes: hashes, checkpoint: proof.signedCheckpoint())
            #expect(refusalCode { try forged.verify(leaf: tree.leaf(4), policy: policy) } == .notIncluded)
        }
        let many = [Digest](repeating: .zero, count: 65)
        #expect(refusalCode { try TlogProof(index: 4, hashes: many, checkpoint: tree.checkpoint()) } == .tooLarge)
        let line = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        let text = "c2sp.org/tlog-proof@v1\nindex 0\n"
        let most = text + String(repeating: line, count: 64) + "\ncheckpoint\n"
        #expect(try TlogProof(most.bytes).hashes.count == 64)
        let more = text + String(repeating: line, count: 65) + "\ncheckpoint\n"
        #expect(refusalCode { try TlogProof(more.bytes) } == .tooLarge)
    }

    @Test func `a receipt without the quorum, or of an unknown log, is refused`() throws {
        let tree = TestTree(4)
        let proof = try tree.proof(2)
        #expect(refusalCode { try proof.verify(leaf: tree.leaf(2), policy: policy) } == .quorumNotMet)
        let lenient = try TestTree.policy(quorum: "none")
        #expect(try proof.verify(leaf: tree.leaf(2), policy: lenient).cosignatures == [])
        let empty = try TrustPolicy("quorum none\n")
        #expect(refusalCode { try proof.verify(leaf: tree.leaf(2), policy: empty) } == .unknownLog)
        let alice = try TestKeys.log("alice", 1)
        #expect(try proof.verify(leaf: tree.leaf(2), policy: empty, alsoTrusting: [alice]).log == alice)
    }

    @Test func `what says nothing of a tree cannot be made`() throws {
        let checkpoint = try TestTree(4).checkpoint()
        #expect(refusalCode { try TlogProof(index: 4, hashes: [], checkpoint: checkpoint) } == .malformedProof)
        #expect(
            refusalCode { try TlogProof(index: 0, hashes: [], extra: [], checkpoint: checkpoint) } == .malformedProof)
        let extra = [UInt8](repeating: 1, count: 49_001)
        #expect(refusalCode { try TlogProof(index: 0, hashes: [], extra: extra, checkpoint: checkpoint) } == .tooLarge)
        let most = try TlogProof(index: 0, hashes: [], extra: Array(extra.dropLast()), checkpoint: checkpoint)
        #expect(most.bytes.split(separator: 0x0a).map(\.count).max() ?? 0 < 65_536)
    }

    @Test(arguments: [
        "", "\n", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\nindex 0\n\nc\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n", "c2sp.org/tlog-proof@v1\nindex 0\n\n", "c2sp.org/tlog-proof@v1\nindex 0",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nc\n", "c2sp.org/tlog-proof@v1\nindex 01\n\nc\n",
        "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\nc\n", "c2sp.org/tlog-proof@v1\nindex  0\n\nc\n",
        "c2sp.org/tlog-proof@v1\nindex 0 \n\nc\n", "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\nc\r\n",
        "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nc\n", "c2sp.org/tlog-proof@v1\nextra\nindex 0\n\nc\n",
        "c2sp.org/tlog-proof@v1\nextra AB==\nindex 0\n\nc\n", "c2sp.org/tlog-proof@v1\nextra AA\nindex 0\n\nc\n",
        "c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\nc\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nc\n",
        " c2sp.org/tlog-proof@v1\nindex 0\n\nc\n", "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nc\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\nc\n",
    ])
    func `what is no receipt is refused`(text: String) {
        #expect(refusalCode { try TlogProof(text.bytes) } == .malformedProof)
    }

    @Test func `a receipt past its bound is refused before it is read`() {
        let bytes = [UInt8](repeating: 0x41, count: TlogProof.maximumByteCount + 1)
        #expect(refusalCode { try TlogProof(bytes) } == .tooLarge)
    }

    private struct File: Decodable {
        struct Valid: Decodable {
            let index: UInt64
            let hashes: [String]
            let extra: String?
            let checkpoint, text: String
        }
        let valid: [Valid]
        let invalid: [String]
    }

    @Test(.enabled(if: Vectors.has(published), "needs the vectors in \(published)"))
    func `the published receipts are read and written, and their checkpoints are none`() throws {
        let file = try Vectors.decode(File.self, from: published)
        #expect((file.valid.count, file.invalid.count) == (3, 7))
        for vector in file.valid {
            let proof = try TlogProof(vector.text.bytes)
            #expect(proof.index.rawValue == vector.index)
            #expect(proof.hashes.map(\.bytes) == vector.hashes.map { Base64.decode($0.bytes) })
            #expect(proof.extra == vector.extra?.bytes)
            #expect(proof.checkpoint == vector.checkpoint.bytes)
            #expect(proof.bytes == vector.text.bytes)
            #expect(refusalCode { try proof.signedCheckpoint() } == .malformedNote)
        }
        for text in file.invalid { #expect(refusalCode { try TlogProof(text.bytes) } == .malformedProof, "\(text)") }
    }
}
