import Digests
import Merkle
import Signing
import Testing
import Transparency

private let cosigned = "c2sp-spec-examples/tlog-cosignature.example.checkpoint"
private let signed = "transparency-dev-formats/signed-checkpoints.json"

@Suite struct CosignatureTests {
    private let checkpoint: SignedCheckpoint
    private let witness: Cosigner

    init() throws {
        checkpoint = try TestKeys.checkpoint("alice", by: 1)
        witness = try TestKeys.witness("witness.example/w", 2)
    }

    /// The checkpoint with a line of the witness that states `time` over `text`.
    private func line(time: UInt64, over text: [UInt8]? = nil) throws -> NoteSignature {
        let message = "cosignature/v1\ntime \(time)\n".bytes + (text ?? checkpoint.note.text)
        let signature = try TestKeys.signer(2).sign(message.span)
        return try NoteSignature(
            name: witness.key.name, keyID: witness.key.id, signature: Array(bigEndian: time) + signature)
    }

    @Test func `a cosignature is the signature of the specification's message`() throws {
        let made = try witness.cosign(checkpoint, at: 1_679_315_147)
        #expect(made == (try line(time: 1_679_315_147)))
        #expect(made.cosignature?.time == 1_679_315_147)
        let note = try checkpoint.note.adding([made])
        #expect(try note.verified(by: [witness.key]) == [witness.key])
        #expect(try SignedNote(note.bytes) == note)
    }

    @Test(arguments: [1, 9_223_372_036_854_775_807] as [UInt64])
    func `every time from 1 to 2^63 − 1 holds`(time: UInt64) throws {
        let note = try checkpoint.note.adding([witness.cosign(checkpoint, at: time)])
        #expect(try note.verified(by: [witness.key]) == [witness.key])
    }

    @Test(arguments: [0, 9_223_372_036_854_775_808, .max] as [UInt64])
    func `a cosignature without a time, or past 2^63 − 1, is neither made nor taken`(time: UInt64) throws {
        #expect(refusalCode { try witness.cosign(checkpoint, at: time) } == .cosignatureTime)
        let note = try checkpoint.note.adding([line(time: time)])
        #expect(refusalCode { try note.verified(by: [witness.key]) } == .badSignature)
    }

    @Test func `the time cannot be changed`() throws {
        let made = try witness.cosign(checkpoint, at: 1000)
        for bit in 0..<64 {
            var signature = made.signature
            signature[bit / 8] ^= 1 << UInt8(bit % 8)
            let line = try NoteSignature(name: made.name, keyID: made.keyID, signature: signature)
            let note = try checkpoint.note.adding([line])
            #expect(refusalCode { try note.verified(by: [witness.key]) } == .badSignature)
        }
    }

    @Test func `neither a cosignature passes for a log's signature, nor a log's for a cosignature`() throws {
        let (log, same) = (try TestKeys.log("alice", 1), try TestKeys.witness("alice", 1))
        let plain = checkpoint.note.signatures[0].signature
        let dressed = try NoteSignature(
            name: same.key.name, keyID: same.key.id, signature: Array(bigEndian: 1 as UInt64) + plain)
        let note = try checkpoint.note.adding([dressed])
        #expect(refusalCode { try note.verified(by: [same.key]) } == .badSignature)
        let cosignature = try #require(same.cosign(checkpoint, at: 5).cosignature)
        #expect(!log.verify(cosignature.signature, over: checkpoint.note.text))
    }

    @Test func `a cosignature covers extension lines`() throws {
        let text = "alice\n3\n\(String(repeating: "A", count: 43))=\nmore\n"
        let extended = try SignedCheckpoint(TestKeys.note(text, by: "alice", 1))
        let made = try witness.cosign(extended, at: 7)
        #expect(try extended.note.adding([made]).verified(by: [witness.key]) == [witness.key])
        let stripped = try SignedNote(text: text.bytes.dropLast(5) + [], signatures: [made])
        #expect(refusalCode { try stripped.verified(by: [witness.key]) } == .badSignature)
    }

    @Test func `other lengths than 72 bytes are no cosignature`() throws {
        for count in [0, 8, 64, 71, 73, 2428] {
            #expect(Cosignature([UInt8](repeating: 1, count: count)) == nil)
        }
        #expect(Cosignature([UInt8](repeating: 1, count: 72)) != nil)
    }

    @Test func `a checkpoint of no entries with another root is not cosigned`() throws {
        let wrong = Checkpoint(origin: try LogOrigin("alice"), size: 0, root: .zero)
        let note = try TestKeys.note(String(decoding: wrong.text, as: UTF8.self), by: "alice", 1)
        #expect(refusalCode { try witness.cosign(SignedCheckpoint(note), at: 1) } == .emptyTreeRoot)
    }

    @Test(.enabled(if: Vectors.has(cosigned), "needs the vectors in \(cosigned)"))
    func `the specification's cosigned checkpoint is read`() throws {
        let bytes = try Vectors.bytes(cosigned)
        let checkpoint = try SignedCheckpoint(bytes)
        #expect(checkpoint.bytes == bytes)
        #expect(checkpoint.checkpoint.size == 20_852_163)
        #expect(checkpoint.note.signatures.map { $0.cosignature?.time } == [nil, 1_679_315_147])
    }

    private struct File: Decodable {
        struct Case: Decodable {
            let base64: String?
            let timestamp: UInt64?
        }
        let cases: [Case]
    }

    @Test(.enabled(if: Vectors.has(signed), "needs the vectors in \(signed)"))
    func `the published time is read`() throws {
        let vectors = try Vectors.decode(File.self, from: signed).cases.filter { $0.timestamp != nil }
        #expect(vectors.count == 1)
        for vector in vectors {
            let payload = try #require(Base64.decode((vector.base64 ?? "").bytes))
            #expect(Cosignature(Array(payload[4...]))?.time == vector.timestamp)
        }
    }
}
