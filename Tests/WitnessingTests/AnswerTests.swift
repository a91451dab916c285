import Digests
import Files
import Foundation
import Merkle
import Signing
import TestSupport
import Testing
import Transparency
import Witnessing

/// Every row of the table of answers, byte for byte (C2SP tlog-witness v1.0.0).
@Suite struct AnswerTests {
    private var log: TestLog
    private let home: TestWitness
    private let witness: Witness

    init() throws {
        log = try TestLog("log.example/a", size: 5)
        home = try TestWitness([log.key])
        witness = try home.open()
    }

    /// The one cosignature of an answer of 200, verified.
    private func time(of reply: HTTPAnswer, for checkpoint: SignedCheckpoint) throws -> UInt64 {
        #expect(reply.status == 200, "\(reply.text)")
        let answer = try WitnessAnswer(status: reply.status, body: reply.body)
        guard case .cosigned(let lines) = answer, lines.count == 1 else {
            Issue.record("not one line: \(reply.text)")
            return 0
        }
        let cosigned = try checkpoint.adding(lines, by: [home.key])
        #expect(cosigned.note.signatures.count == checkpoint.note.signatures.count + 1)
        return try #require(lines[0].cosignature?.time)
    }

    @Test func `a first checkpoint and one that continues it are cosigned`() throws {
        var log = log
        #expect(try time(of: witness.post(log.request(from: 0)), for: log.checkpoint()) == 1_800_000_000)
        log.grow(1)
        home.setClock(1_800_000_007)
        #expect(try time(of: witness.post(log.request(from: 5)), for: log.checkpoint()) == 1_800_000_007)
        log.grow(300)
        #expect(try time(of: witness.post(log.request(from: 6)), for: log.checkpoint()) == 1_800_000_007)
        #expect(witness.size(of: log.origin) == 306)
    }

    @Test func `the answer is one line with a newline, in plain text`() throws {
        let reply = witness.post(try log.request(from: 0))
        #expect(reply.contentType == "text/plain; charset=utf-8")
        #expect(reply.text.hasPrefix("— witness.example/w "))
        #expect(reply.text.hasSuffix("\n"))
        #expect(reply.text.split(separator: "\n").count == 1)
    }

    @Test func `an unknown log is not found, whatever else is wrong`() throws {
        let other = try TestLog("log.example/b", size: 3)
        #expect(witness.post(try other.request(from: 0)).status == 404)
        let wrong = requestBytes(old: "9", proof: [], checkpoint: try other.checkpoint().bytes)
        #expect(witness.post(wrong).status == 404)
    }

    @Test func `a checkpoint that no key of the log signed is forbidden`() throws {
        let stranger = try TestLog("log.example/a", size: 5)
        #expect(witness.post(try stranger.request(from: 0)).status == 403)
        // A right line of a stranger before, and the request is too old and has a proof: still 403.
        let wrong = requestBytes(old: "9", proof: [.zero], checkpoint: try stranger.checkpoint().bytes)
        #expect(witness.post(wrong).status == 403)
    }

    @Test func `a line of the log that does not hold is forbidden beside one that does`() throws {
        let right = try log.checkpoint()
        let line = right.note.signatures[0]
        let forged = try NoteSignature(
            name: line.name, keyID: line.keyID, signature: Array(line.signature.dropLast()) + [line.signature[63] ^ 1])
        let both = try right.note.adding([forged])
        #expect(witness.post(requestBytes(old: "0", proof: [], checkpoint: both.bytes)).status == 403)
        #expect(witness.size(of: log.origin) == nil)
    }

    @Test func `lines of others beside the log's are passed over and not kept`() throws {
        let right = try log.checkpoint()
        var lines: [NoteSignature] = []
        for number in 0..<15 {
            let other = try Cosigner(name: KeyName("w\(number)"), signer: try PrivateKey.generate())
            lines.append(try other.cosign(right, at: 5))
        }
        // The log's name with another key's ID, and another name with the log's.
        let line = right.note.signatures[0]
        lines.append(
            try NoteSignature(name: line.name, keyID: NoteKeyID(rawValue: line.keyID.rawValue ^ 1), signature: [1, 2]))
        lines.append(try NoteSignature(name: KeyName("x"), keyID: line.keyID, signature: [1, 2]))
        let note = try SignedNote(text: right.note.text, signatures: lines + [line])
        #expect(witness.post(requestBytes(old: "0", proof: [], checkpoint: note.bytes)).status == 200)
        let kept = try #require(witness.last(ofLogWith: log.origin.hash))
        #expect(kept.note.signatures.map(\.name.description) == ["log.example/a", "witness.example/w"])
    }

    @Test func `an older size above the checkpoint's is malformed`() throws {
        let reply = witness.post(requestBytes(old: "6", proof: [], checkpoint: try log.checkpoint().bytes))
        #expect(reply.status == 400)
    }

    @Test func `another older size than the one last cosigned is answered with that size`() throws {
        var log = log
        let first = witness.post(
            requestBytes(old: "2", proof: try log.proof(from: 2), checkpoint: try log.checkpoint().bytes))
        #expect(first.status == 409)
        #expect(first.text == "0\n")
        #expect(first.contentType == "text/x.tlog.size")
        #expect(witness.post(try log.request(from: 0)).status == 200)
        log.grow(4)
        for old: TreeSize in [0, 4, 6, 9] {
            let reply = witness.post(try log.request(from: old))
            #expect(reply.status == 409)
            #expect(reply.text == "5\n")
            #expect(reply.contentType == "text/x.tlog.size")
        }
        #expect(witness.post(try log.request(from: 5)).status == 200)
    }

    @Test func `another root at the size that was cosigned is not consistent`() throws {
        #expect(witness.post(try log.request(from: 0)).status == 200)
        let fork = log.forked(at: 4, to: 5)
        let reply = witness.post(try fork.request(from: 5))
        #expect(reply.status == 422)
        #expect(witness.size(of: log.origin) == 5)
        #expect(witness.last(ofLogWith: log.origin.hash)?.checkpoint.root == log.tree.root)
    }

    @Test func `a fork behind what was cosigned is not consistent, with either branch's proof`() throws {
        var log = log
        #expect(witness.post(try log.request(from: 0)).status == 200)
        let fork = log.forked(at: 3, to: 9)
        log.grow(4)
        for proof in [try fork.proof(from: 5), try log.proof(from: 5)] {
            let reply = witness.post(requestBytes(old: "5", proof: proof, checkpoint: try fork.checkpoint().bytes))
            #expect(reply.status == 422)
        }
        #expect(witness.post(try log.request(from: 5)).status == 200)
    }

    @Test func `a proof with a hash too few, too many or changed does not hold`() throws {
        var log = log
        #expect(witness.post(try log.request(from: 0)).status == 200)
        log.grow(70)
        let proof = try log.proof(from: 5)
        var wrong = [[], Array(proof.dropLast()), Array(proof.dropFirst()), proof + [.zero]]
        for place in proof.indices {
            var changed = proof
            var bytes = changed[place].bytes
            bytes[31] ^= 1
            changed[place] = Digest(bytes: bytes) ?? .zero
            wrong.append(changed)
        }
        let checkpoint = try log.checkpoint().bytes
        for proof in wrong {
            #expect(witness.post(requestBytes(old: "5", proof: proof, checkpoint: checkpoint)).status == 422)
        }
        #expect(witness.post(requestBytes(old: "5", proof: proof, checkpoint: checkpoint)).status == 200)
    }

    @Test func `from nothing a proof is one too many, and so it is to the same size`() throws {
        let checkpoint = try log.checkpoint().bytes
        #expect(witness.post(requestBytes(old: "0", proof: [.zero], checkpoint: checkpoint)).status == 422)
        #expect(witness.post(requestBytes(old: "0", proof: [], checkpoint: checkpoint)).status == 200)
        #expect(witness.post(requestBytes(old: "5", proof: [.zero], checkpoint: checkpoint)).status == 422)
        #expect(witness.post(requestBytes(old: "5", proof: [], checkpoint: checkpoint)).status == 200)
    }

    @Test func `an empty tree is cosigned with its one root, and continued without a proof`() throws {
        var empty = try TestLog("log.example/empty")
        try home.folder.add([empty.key.vkey])
        home.setClock(1_800_000_100)
        // Signed by hand: no log of ours signs such a thing.
        let text = Checkpoint(origin: empty.origin, size: 0, root: .zero).text
        let line = try NoteSignature(
            name: empty.key.name, keyID: empty.key.id, signature: try empty.signer.sign(text.span))
        let wrong = try SignedNote(text: text, signatures: [line])
        #expect(witness.post(requestBytes(old: "0", proof: [], checkpoint: wrong.bytes)).status == 422)
        #expect(witness.post(try empty.request(from: 0)).status == 200)
        #expect(witness.size(of: empty.origin) == 0)
        #expect(witness.post(try empty.request(from: 0)).status == 200)
        empty.grow(3)
        let surplus = requestBytes(old: "0", proof: [.zero], checkpoint: try empty.checkpoint().bytes)
        #expect(witness.post(surplus).status == 422)
        #expect(witness.post(try empty.request(from: 0)).status == 200)
        #expect(witness.size(of: empty.origin) == 3)
    }

    @Test(arguments: [
        "", "\n", "old 0\n", "old 0\n\n", "old\n\nX", "old 00\n\nX", "old -1\n\nX", "old +0\n\nX", "old 0 \n\nX",
        "new 0\n\nX", "old 18446744073709551616\n\nX", "old 0\nAAAA\n\nX", "old 0\nnot base64\n\nX", "old 0\r\n\r\nX",
        "X",
    ])
    func `what is no request is malformed`(text: String) throws {
        let checkpoint = String(decoding: try log.checkpoint().bytes, as: UTF8.self)
        let body = text.replacingOccurrences(of: "X", with: checkpoint)
        let reply = witness.post(Array(body.utf8))
        #expect(reply.status == 400, "\(reply.text)")
        #expect(reply.text.hasSuffix("\n"))
        #expect(witness.size(of: log.origin) == nil)
    }

    @Test func `63 hashes are read and 64 are malformed`() throws {
        let checkpoint = try log.checkpoint().bytes
        let most = requestBytes(old: "0", proof: Array(repeating: .zero, count: 63), checkpoint: checkpoint)
        #expect(witness.post(most).status == 422)
        let more = requestBytes(old: "0", proof: Array(repeating: .zero, count: 64), checkpoint: checkpoint)
        #expect(witness.post(more).status == 400)
    }

    @Test func `extension lines are signed with the rest`() throws {
        let text = log.head.text + Array("some extension\n".utf8)
        let line = try NoteSignature(name: log.key.name, keyID: log.key.id, signature: try log.signer.sign(text.span))
        let extended = try SignedCheckpoint(SignedNote(text: text, signatures: [line]))
        let reply = witness.post(requestBytes(old: "0", proof: [], checkpoint: extended.bytes))
        #expect(try time(of: reply, for: extended) > 0)
    }

    @Test func `monitors get what was last cosigned, with both signatures`() throws {
        let path = "/\(log.origin.hash.hex)/checkpoint"
        #expect(witness.get(path).status == 404)
        _ = witness.post(try log.request(from: 0))
        let reply = witness.get(path)
        #expect(reply.status == 200)
        #expect(reply.contentType == "text/plain; charset=utf-8")
        let checkpoint = try SignedCheckpoint(reply.body)
        #expect(try checkpoint.note.verified(by: [log.key, home.key]) == [log.key, home.key])
        #expect(checkpoint.checkpoint == log.head)
        #expect(try DurableFile.read(home.statePath(log.origin), atMost: 9999) == reply.body)
    }

    @Test func `other paths are not found, and other methods are not allowed`() throws {
        let hex = log.origin.hash.hex
        for path in [
            "/x", "/add-checkpoint/", "//add-checkpoint", "/\(hex)", "/\(hex)/", "/\(hex)/checkpoint/", "/x/checkpoint",
            "/\(hex.uppercased())/checkpoint", "/../\(hex)/checkpoint", "/\(hex)/tile/0/000", "",
        ] {
            #expect(witness.get(path).status == 404, "\(path)")
            #expect(witness.reply(isPost: true, path: path, body: []).status == 404, "\(path)")
        }
        #expect(witness.get("/add-checkpoint").status == 405)
        #expect(witness.get("/add-checkpoint").allowed == "POST")
        #expect(witness.reply(isPost: true, path: "/\(hex)/checkpoint", body: []).allowed == "GET, HEAD")
        #expect(witness.get("/").text == home.key.vkey + "\n")
    }

    @Test(.enabled(if: Vectors.has("c2sp-spec-examples"), "needs the vectors c2sp-spec-examples"))
    func `the request of the specification is read, and its log is not known`() throws {
        let request = try Vectors.bytes("c2sp-spec-examples/tlog-witness.add-checkpoint.request")
        let (answer, origin) = witness.addCheckpoint(request)
        #expect(answer.status == 404)
        #expect(origin?.description == "example.com/behind-the-sofa")
        let response = try Vectors.bytes("c2sp-spec-examples/tlog-witness.add-checkpoint.response")
        guard case .cosigned(let lines) = try WitnessAnswer(status: 200, body: response) else {
            Issue.record("the response is not read")
            return
        }
        #expect(lines.count == 3)
    }
}
