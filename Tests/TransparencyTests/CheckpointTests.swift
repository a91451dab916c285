import Digests
import EventFormat
import Merkle
import Signing
import Testing
import Transparency

private let bodies = "transparency-dev-formats/checkpoint-body.json"
private let signed = "transparency-dev-formats/signed-checkpoints.json"
private let origins = "transparency-dev-formats/origin-id.json"

private let goLog = "golang-mod-sumdb/tlog.json"

private let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

@Suite struct CheckpointTests {
    @Test func `a ledger's checkpoint has three lines`() throws {
        let digest = Digest(copying: [UInt8](repeating: 0xab, count: 32).span)
        let checkpoint = Checkpoint(origin: try Origin("records.example.gov/permits"), size: 12, root: digest)
        let text = "records.example.gov/permits\n12\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n"
        #expect(checkpoint.text == text.bytes)
        #expect(try Checkpoint(text: text.bytes) == checkpoint)
    }

    @Test(arguments: ["0", "1", "9223372036854775808", "18446744073709551615"])
    func `every size below 2^64 is read and written back`(size: String) throws {
        let text = "log\n\(size)\n\(root)\n".bytes
        #expect(try Checkpoint(text: text).text == text)
    }

    @Test(arguments: [
        "", "-1", "+1", "00", "01", "007", "1 ", " 1", "1.0", "0x10", "1e3", "١", "18446744073709551616",
        "99999999999999999999", "100000000000000000000000000", "12\u{a0}",
    ])
    func `a size that is no shortest decimal is refused`(size: String) {
        let error = refusal { try Checkpoint(text: "log\n\(size)\n\(root)\n".bytes) }
        #expect(error?.code == .malformedCheckpoint)
        #expect(error?.line == 2)
    }

    @Test(arguments: [
        "", "AAAA", root.dropLast() + "", root + "=", root + "AAAA", "\(root) ", root.replacing("2I=", with: "2J="),
        root.replacing("/", with: "_"),
    ])
    func `a root that is not 32 bytes in their one spelling is refused`(text: String) {
        #expect(refusalCode { try Checkpoint(text: "log\n1\n\(text)\n".bytes) } == .malformedCheckpoint)
    }

    @Test(arguments: [
        "", "log\n", "log\n1\n", "log\n1\n\(root)", "\n1\n\(root)\n", "log\r\n1\r\n\(root)\r\n", "log\n\n1\n\(root)\n",
        "log\n1\n\(root)\n\n", "log\n1\n\(root)\nextension\n", "log\n1\n\(root)\nextension",
    ])
    func `other lines than the three are refused`(text: String) {
        let code = refusalCode { try Checkpoint(text: text.bytes) }
        #expect(code == .malformedCheckpoint || code == .invalidText)
    }

    @Test func `extension lines are kept and signed, and mean nothing`() throws {
        let text = "alice\n1\n\(root)\nfirst\nsecond\n"
        let note = try TestKeys.note(text, by: "alice", 1)
        let checkpoint = try SignedCheckpoint(note.bytes)
        #expect(checkpoint.extensionLines == ["first".bytes, "second".bytes])
        #expect(checkpoint.checkpoint == (try Checkpoint(text: "alice\n1\n\(root)\n".bytes)))
        #expect(checkpoint.bytes == note.bytes)
        try checkpoint.verify(log: TestKeys.log("alice", 1))
        let stripped = try SignedNote(text: "alice\n1\n\(root)\n".bytes, signatures: note.signatures)
        #expect(refusalCode { try SignedCheckpoint(stripped).verify(log: TestKeys.log("alice", 1)) } == .badSignature)
        for text in ["alice\n1\n\(root)\n\n", "alice\n1\n\(root)\na\n\nb\n", "alice\n1\n\(root)\n\n\n\n"] {
            let note = try TestKeys.note(text, by: "alice", 1)
            #expect(refusalCode { try SignedCheckpoint(note.bytes) } == .malformedCheckpoint)
        }
    }

    @Test func `a signed checkpoint verifies by its log's key and no other`() throws {
        let checkpoint = try TestKeys.checkpoint("records.example.gov/permits", by: 1)
        #expect(checkpoint.note.signatures.count == 1)
        #expect(checkpoint.extensionLines == [])
        #expect(try SignedCheckpoint(checkpoint.bytes) == checkpoint)
        try checkpoint.verify(log: TestKeys.log("records.example.gov/permits", 1))
        let other = try TestKeys.log("records.example.gov/permits", 2)
        #expect(refusalCode { try checkpoint.verify(log: other) } == .noKnownSignature)
        let named = try TestKeys.log("records.example.gov/other", 1)
        #expect(refusalCode { try checkpoint.verify(log: named) } == .unknownLog)
    }

    @Test func `the checkpoint of another ledger is refused, though the same key signed it`() throws {
        let foreign = try TestKeys.note("other.example\n1\n\(root)\n", by: "records.example.gov/permits", 1)
        let checkpoint = try SignedCheckpoint(foreign)
        let key = try TestKeys.log("records.example.gov/permits", 1)
        #expect(refusalCode { try checkpoint.verify(log: key) } == .unknownLog)
    }

    @Test func `a checkpoint of no entries has the empty tree's root`() throws {
        let origin = try LogOrigin("alice")
        let empty = Checkpoint(origin: origin, size: 0, root: MerkleHash.emptyRoot)
        #expect(empty.text == "alice\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n".bytes)
        try empty.signed(by: TestKeys.signer(1)).verify(log: TestKeys.log("alice", 1))
        let wrong = Checkpoint(origin: origin, size: 0, root: .zero)
        #expect(refusalCode { try wrong.signed(by: TestKeys.signer(1)) } == .emptyTreeRoot)
        let forged = try SignedCheckpoint(
            TestKeys.note(String(decoding: wrong.text, as: UTF8.self), by: "alice", 1))
        #expect(refusalCode { try forged.verify(log: TestKeys.log("alice", 1)) } == .emptyTreeRoot)
    }

    @Test func `no log signs with a key that witnesses refuse, or under a name that is none`() throws {
        let checkpoint = Checkpoint(origin: try LogOrigin("alice"), size: 1, root: .zero)
        #expect(refusalCode { try checkpoint.signed(by: PrivateKey.generate(.ecdsaP256)) } == .unsupportedAlgorithm)
        let spaced = Checkpoint(origin: try LogOrigin("go.sum database tree"), size: 1, root: .zero)
        #expect(refusalCode { try spaced.signed(by: TestKeys.signer(1)) } == .malformedName)
    }

    @Test func `only the log's lines are kept for witnesses`() throws {
        let checkpoint = try TestKeys.checkpoint("alice", by: 1)
        let more = try SignedCheckpoint(checkpoint.note.adding(TestKeys.note("x\n", by: "bob", 2).signatures))
        #expect(try more.keepingSignatures(of: [TestKeys.log("alice", 1)]) == checkpoint)
        #expect(refusalCode { try more.keepingSignatures(of: []) } == .malformedNote)
        let lines = more.note.signatures
        let repeated = try SignedCheckpoint(SignedNote(text: more.note.text, signatures: lines + lines))
        try repeated.verify(log: TestKeys.log("alice", 1))
        #expect(try repeated.keepingSignatures(of: [TestKeys.log("alice", 1)]).bytes == checkpoint.bytes)
    }
}

@Suite(.enabled(if: Vectors.has(bodies), "needs the vectors in \(bodies)"))
struct PublishedCheckpointTests {
    private struct Bodies: Decodable {
        struct Case: Decodable {
            let desc, body: String
            let formatsAccepts: Bool
        }
        let cases: [Case]
    }

    @Test func `of the published bodies none is taken: Go's roots are not of 32 bytes`() throws {
        let cases = try Vectors.decode(Bodies.self, from: bodies).cases
        #expect(cases.count == 12)
        for vector in cases {
            #expect(refusalCode { try Checkpoint(text: vector.body.bytes) } == .malformedCheckpoint, "\(vector.desc)")
        }
    }

    @Test func `with roots of 32 bytes the published bodies are judged as published, but for empty extension lines`()
        throws
    {
        for vector in try Vectors.decode(Bodies.self, from: bodies).cases {
            let mended = vector.body.replacing(/\n[A-Za-z0-9+\/]+==(?=\n|$)/, with: "\n\(root)")
            let note = Result { try TestKeys.note(mended, by: "alice", 1) }
            let isRead = (try? SignedCheckpoint(note.get())) != nil
            #expect(isRead == (vector.formatsAccepts && !vector.desc.contains("NOT by C2SP")), "\(vector.desc)")
        }
    }

    private struct Signed: Decodable {
        struct Case: Decodable {
            let desc: String
            let vkey, note: String?
        }
        let cases: [Case]
    }

    @Test(.enabled(if: Vectors.has(signed), "needs the vectors in \(signed)"))
    func `real checkpoints verify by their logs' keys, and by none when one bit differs`() throws {
        var verified = 0
        for vector in try Vectors.decode(Signed.self, from: signed).cases {
            guard let vkey = vector.vkey, let text = vector.note else { continue }
            let (key, checkpoint) = (try NoteKey(vkey: vkey), try SignedCheckpoint(text.bytes))
            #expect(checkpoint.bytes == text.bytes, "\(vector.desc)")
            guard key.canVerify else {
                #expect(key.type == .treeHead)
                #expect(refusalCode { try checkpoint.note.verified(by: [key]) } == .unsupportedAlgorithm)
                continue
            }
            #expect(try checkpoint.note.verified(by: [key]) == [key], "\(vector.desc)")
            verified += 1
            var changed = checkpoint.note.text
            changed[0] ^= 1
            let forged = try SignedNote(text: changed, signatures: checkpoint.note.signatures)
            #expect(refusalCode { try forged.verified(by: [key]) } == .badSignature, "\(vector.desc)")
        }
        #expect(verified == 3)
    }

    private struct TreeTexts: Decodable {
        struct Right: Decodable {
            let text, hashIsLeafHashOf: String
            let size: UInt64
        }
        let treeText: Right
        let badTreeText: [String]
    }

    @Test(.enabled(if: Vectors.has(goLog), "needs the vectors in \(goLog)"))
    func `Go's tree texts are checkpoints, but for the wrong ones`() throws {
        let file = try Vectors.decode(TreeTexts.self, from: goLog)
        let entry = file.treeText.hashIsLeafHashOf.bytes
        let checkpoint = try Checkpoint(text: file.treeText.text.bytes)
        #expect(checkpoint.size.rawValue == file.treeText.size)
        #expect(checkpoint.root == MerkleHash.leaf(entry.span))
        #expect(checkpoint.text == file.treeText.text.bytes)
        // The first is wrong for Go alone, which knows one origin: here it is another log.
        #expect(file.badTreeText.count == 3)
        #expect(try Checkpoint(text: file.badTreeText[0].bytes).origin != checkpoint.origin)
        for text in file.badTreeText[1...] {
            #expect(refusalCode { try Checkpoint(text: text.bytes) } == .malformedCheckpoint)
        }
    }

    private struct Origins: Decodable {
        struct Case: Decodable { let origin, c2spOriginHash, distributorId: String }
        let cases: [Case]
    }

    @Test(.enabled(if: Vectors.has(origins), "needs the vectors in \(origins)"))
    func `the hash of an origin is the witnesses', not the distributors'`() throws {
        let cases = try Vectors.decode(Origins.self, from: origins).cases
        #expect(cases.count == 6)
        for vector in cases {
            let hash = try LogOrigin(vector.origin).hash.hex
            #expect(hash == vector.c2spOriginHash)
            #expect(hash != vector.distributorId)
        }
    }

    @Test(.enabled(if: Vectors.has("sigsum/valid.checkpoint"), "needs the vectors in sigsum/valid.checkpoint"))
    func `a checkpoint of Sigsum is read`() throws {
        let bytes = try Vectors.bytes("sigsum/valid.checkpoint")
        let checkpoint = try SignedCheckpoint(bytes)
        #expect(checkpoint.bytes == bytes)
        #expect(checkpoint.checkpoint.size == 10)
        #expect(checkpoint.checkpoint.origin.matches(checkpoint.note.signatures[0].name))
    }
}
