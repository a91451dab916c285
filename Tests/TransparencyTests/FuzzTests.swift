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
}
