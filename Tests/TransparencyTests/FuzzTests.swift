import TestSupport
import Testing
import Transparency

/// Each format's parser against mutations of right inputs: no crash, no hang, and what is taken is written as it was.
@Suite struct FuzzTests {
    private static let parsers: [String: @Sendable ([UInt8]) throws -> [UInt8]] = [
        "note": { try SignedNote($0).bytes },
        "vkey": { try NoteKey(vkey: String(decoding: $0, as: UTF8.self)).vkey.bytes },
        "checkpoint": { try SignedCheckpoint($0).bytes },
        "policy": { try TrustPolicy($0).bytes },
        "proof": { try TlogProof($0).bytes },
        "bundle": { try EntryBundle($0, width: 3).bytes },
        "request": { try AddCheckpointRequest($0).bytes },
        "answer": { try WitnessAnswer(status: 200, body: $0).body },
        "record": { try RecordHistory($0).bytes },
    ]

    @Test(arguments: parsers.keys.sorted())
    func `a parser takes only what it would write itself, whatever it is given`(format: String) throws {
        let parse = try #require(FuzzTests.parsers[format])
        let report = try Fuzz(format).run(parse)
        #expect(report.failures == [])
        #expect(report.accepted > 0)
        #expect(report.accepted < report.rounds, "no mutation was ever refused")
    }

    @Test func `no mutation of a cosigned checkpoint is accepted with another text`() throws {
        let origin = "records.example.gov/permits"
        let witness = try TestKeys.witness("witness.example/w", 2).key.vkey
        let policy = try TrustPolicy(
            "log \(TestKeys.log(origin, 1).vkey)\nwitness w \(witness)\nquorum w\n")
        let text = try TestKeys.checkpoint(origin, by: 1).note.text
        var (accepted, forged) = (0, 0)
        let report = try Fuzz("checkpoint").run { bytes in
            let checkpoint = try SignedCheckpoint(bytes)
            if let result = try? policy.check(checkpoint), result.isQuorumMet {
                accepted += 1
                if checkpoint.note.text != text { forged += 1 }
            }
            return checkpoint.bytes
        }
        #expect(report.failures == [])
        #expect(accepted > 0)
        #expect(forged == 0)
    }

    @Test func `no mutation of a history is accepted with other entries or payloads`() throws {
        let policy = try TestTree.policy()
        let items = try TestStream(3).items
        var (accepted, forged) = (0, 0)
        let report = try Fuzz("record").run { bytes in
            let history = try RecordHistory(bytes)
            if (try? history.verify(policy: policy)) != nil {
                accepted += 1
                let isSame = zip(history.items, items).allSatisfy { read, item in
                    read.bytes == item.bytes && (read.envelope == nil || read.envelope == item.envelope)
                }
                if history.items.count != items.count || !isSame { forged += 1 }
            }
            return history.bytes
        }
        #expect(report.failures == [])
        #expect(accepted > 0)
        #expect(forged == 0)
    }
}
