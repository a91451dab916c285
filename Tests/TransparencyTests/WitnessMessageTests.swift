import Digests
import Merkle
import Testing
import Transparency

private let request = "c2sp-spec-examples/tlog-witness.add-checkpoint.request"
private let response = "c2sp-spec-examples/tlog-witness.add-checkpoint.response"
private let subtree = "c2sp-spec-examples/tlog-witness.sign-subtree.json"

@Suite struct AddCheckpointRequestTests {
    private let tree = TestTree(13)

    @Test func `a request is written, read, and its proof holds`() throws {
        for old in 1...12 as ClosedRange<UInt64> {
            let request = try AddCheckpointRequest(
                old: TreeSize(old), hashes: tree.consistency(from: old), checkpoint: tree.checkpoint())
            let read = try AddCheckpointRequest(request.bytes)
            #expect(read == request)
            #expect(read.bytes == request.bytes)
            let proof = ConsistencyProof(
                first: read.old, second: read.checkpoint.checkpoint.size, hashes: read.hashes)
            let first = try TestTree(Int(old)).checkpoint().checkpoint.root
            #expect(throws: Never.self) {
                try proof.verify(first: first, second: read.checkpoint.checkpoint.root)
            }
        }
    }

    @Test func `what no witness would take is not made`() throws {
        let checkpoint = try tree.checkpoint()
        #expect(try AddCheckpointRequest(old: 0, hashes: [], checkpoint: checkpoint).old == 0)
        #expect(try AddCheckpointRequest(old: 13, hashes: [], checkpoint: checkpoint).old == 13)
        for old in [0, 13] as [TreeSize] {
            let code = refusalCode { try AddCheckpointRequest(old: old, hashes: [.zero], checkpoint: checkpoint) }
            #expect(code == .malformedRequest)
        }
        #expect(
            refusalCode { try AddCheckpointRequest(old: 14, hashes: [], checkpoint: checkpoint) } == .malformedRequest)
        let many = [Digest](repeating: .zero, count: 64)
        #expect(refusalCode { try AddCheckpointRequest(old: 1, hashes: many, checkpoint: checkpoint) } == .tooLarge)
        let padding = try NoteSignature(
            name: KeyName("x"), keyID: NoteKeyID(rawValue: 1), signature: [UInt8](repeating: 1, count: 12_288))
        let fat = try SignedCheckpoint(checkpoint.note.adding([padding]))
        #expect(refusalCode { try AddCheckpointRequest(old: 0, hashes: [], checkpoint: fat) } == .tooLarge)
    }

    @Test func `a request that does not fit together is read, for the protocol has an answer to it`() throws {
        let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        for start in ["old 99\n\n", "old 0\n\(hash)\n", "old 13\n\(hash)\n", "old 18446744073709551615\n\n"] {
            let bytes = try start.bytes + tree.checkpoint().bytes
            #expect(try AddCheckpointRequest(bytes).bytes == bytes)
        }
        let most = try "old 1\n".bytes + String(repeating: hash, count: 63).bytes + "\n".bytes + tree.checkpoint().bytes
        #expect(try AddCheckpointRequest(most).hashes.count == 63)
    }

    @Test(arguments: [
        "", "\n", "old\n\n", "old \n\n", "old 00\n\n", "old 01\n\n", "old -1\n\n", "old 18446744073709551616\n\n",
        "old  1\n\n", "old 1 \n\n", "OLD 1\n\n", "old 1\r\n\r\n", "size 1\n\n", "old 1\n", "old 1\nAAAA\n\n",
        "old 1\n \n\n",
        "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\n", "old 1\n\n\n",
    ])
    func `what is no request is refused`(start: String) throws {
        let bytes = try start.bytes + tree.checkpoint().bytes
        #expect(refusal { try AddCheckpointRequest(bytes) } != nil)
    }

    @Test func `more than 63 hashes and more than the bound are refused`() throws {
        let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        let many = try "old 1\n".bytes + String(repeating: hash, count: 64).bytes + "\n".bytes + tree.checkpoint().bytes
        #expect(refusalCode { try AddCheckpointRequest(many) } == .tooLarge)
        let bytes = [UInt8](repeating: 0x0a, count: AddCheckpointRequest.maximumByteCount + 1)
        #expect(refusalCode { try AddCheckpointRequest(bytes) } == .tooLarge)
    }

    @Test(.enabled(if: Vectors.has(request), "needs the vectors in \(request)"))
    func `the specification's request is read and written`() throws {
        let bytes = try Vectors.bytes(request)
        let read = try AddCheckpointRequest(bytes)
        #expect(read.bytes == bytes)
        #expect((read.old, read.hashes.count) == (20_852_014, 4))
        #expect(read.checkpoint.checkpoint.size == 20_852_163)
        #expect(read.checkpoint.note.signatures.count == 2)
    }
}

@Suite struct WitnessAnswerTests {
    @Test func `every answer is written with its status and read back`() throws {
        let checkpoint = try TestTree(3).checkpoint()
        let line = try TestKeys.witness("w.example", 2).cosign(checkpoint, at: 9)
        let answers: [(WitnessAnswer, Int)] = [
            (.cosigned([line]), 200), (.malformed("a"), 400), (.unsigned("b"), 403), (.unknownLog("c"), 404),
            (.conflict(latest: 0), 409), (.conflict(latest: 18_446_744_073_709_551_615), 409),
            (.inconsistent("d"), 422),
            (.failed(status: 503, "e"), 503),
        ]
        for (answer, status) in answers {
            #expect(answer.status == status)
            let read = try WitnessAnswer(status: status, body: answer.body)
            #expect(read.status == status)
            if status == 200 || status == 409 { #expect(read == answer) }
            #expect((answer.contentType == "text/x.tlog.size") == (status == 409))
        }
        #expect(WitnessAnswer.conflict(latest: 20).body == "20\n".bytes)
        #expect(WitnessAnswer.cosigned([line]).body == line.line)
    }

    @Test(arguments: ["20", "020\n", "-1\n", "20\n\n", "20 \n", "\n", "18446744073709551616\n", "twenty\n"])
    func `a conflict whose body is no size is refused`(body: String) {
        #expect(refusalCode { try WitnessAnswer(status: 409, body: body.bytes) } == .malformedAnswer)
    }

    @Test func `a conflict without a body is another root, as some witnesses tell it`() throws {
        let answer = try WitnessAnswer(status: 409, body: [])
        guard case .inconsistent = answer else {
            Issue.record("read as \(answer)")
            return
        }
        #expect(answer.status == 422)
    }

    @Test(arguments: ["", "\n", "text\n", "— w AAAAAAA=", "text\n\n— w AAAAAAA=\n", "— w AAAAAAA=\n\n"])
    func `an answer that says cosigned and is no signature lines is refused`(body: String) {
        #expect(refusalCode { try WitnessAnswer(status: 200, body: body.bytes) } == .malformedAnswer)
    }

    @Test func `hostile reasons are shortened, and their controls written out`() throws {
        let body = "\u{1b}[2Jgone\u{202e}".bytes + [0xff] + [UInt8](repeating: 0x61, count: 5000)
        guard case .unsigned(let reason) = try WitnessAnswer(status: 403, body: body) else {
            Issue.record("another answer")
            return
        }
        #expect(reason.count < 200)
        #expect(!reason.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
        let large = [UInt8](repeating: 0x61, count: WitnessAnswer.maximumByteCount + 1)
        #expect(refusalCode { try WitnessAnswer(status: 200, body: large) } == .tooLarge)
    }

    @Test func `only lines that hold are taken, and strangers' are left out`() throws {
        let checkpoint = try TestTree(3).checkpoint()
        let (ours, strange) = (try TestKeys.witness("w.example", 2), try TestKeys.witness("x.example", 3))
        let lines = try [strange.cosign(checkpoint, at: 9), ours.cosign(checkpoint, at: 9)]
        let taken = try checkpoint.adding(lines, by: [ours.key])
        #expect(taken.note.signatures == checkpoint.note.signatures + [lines[1]])
        #expect(try taken.adding(lines, by: [ours.key]) == taken)
        #expect(refusalCode { try checkpoint.adding([lines[0]], by: [ours.key]) } == .noKnownSignature)
        let other = try ours.cosign(TestTree(4).checkpoint(), at: 9)
        #expect(refusalCode { try checkpoint.adding([other], by: [ours.key]) } == .badSignature)
    }

    @Test(.enabled(if: Vectors.has(response), "needs the vectors in \(response)"))
    func `the specification's answer is read`() throws {
        let bytes = try Vectors.bytes(response)
        let answer = try WitnessAnswer(status: 200, body: bytes)
        #expect(answer.body == bytes)
        guard case .cosigned(let lines) = answer else { return }
        #expect(lines.map(\.name.description) == ["witness.example/w1", "witness.example/w1", "witness.example/w2"])
        // They are as long as cosignatures; their bytes are made up.
        #expect(lines.map(\.signature.count) == [72, 72, 72])
    }

    private struct SubtreeExample: Decodable {
        let start, end, treeSize: UInt64
        let subtreeHash, root: String
        let proof: [String]
    }

    @Test(.enabled(if: Vectors.has(subtree), "needs the vectors in \(subtree)"))
    func `the specification's subtree does not verify: it is an illustration`() throws {
        let example = try Vectors.decode(SubtreeExample.self, from: subtree)
        func digest(_ text: String) throws -> Digest {
            try #require(Base64.decode(text.bytes).flatMap { Digest(bytes: $0) })
        }
        let proof = SubtreeConsistencyProof(
            subtree: try Subtree(start: LeafIndex(example.start), end: LeafIndex(example.end)),
            size: TreeSize(example.treeSize),
            hashes: try example.proof.map(digest))
        let (hash, root) = (try digest(example.subtreeHash), try digest(example.root))
        #expect(throws: ProofError.self) { try proof.verify(subtree: hash, root: root) }
    }
}
