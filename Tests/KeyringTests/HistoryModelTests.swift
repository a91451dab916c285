import EventFormat
import Keyring
import Signing
import TestSupport
import Testing

struct HistoryModelTests {
    @Test func `random histories are judged as the naive model judges them, whole and in parts`() throws {
        let seed = printedSeed("histories of keys")
        let keys = try (0..<90).map { try TestKeys.key(UInt8($0 + 1)) }
        var counts: [NaiveModel.Verdict: Int] = [:]
        for round in 0..<40 {
            var random = try RandomLedger(seed: seed &+ UInt64(round), keys: keys)
            var model = random.model
            let expected = model.verdicts()
            let (whole, history) = random.ledger.audit()
            let found = expected.indices.map { HistoryModelTests.verdict(whole[UInt64($0)]) }
            #expect(found == expected, "seed \(seed), round \(round)")
            #expect(whole.twice.isEmpty && whole.judgements.count == expected.count)
            for _ in 0..<3 {
                let borders = random.borders()
                let (parts, known) = random.ledger.auditInParts(borders)
                let joined = expected.indices.map { HistoryModelTests.verdict(parts[UInt64($0)]) }
                #expect(joined == expected, "seed \(seed), round \(round), borders \(borders)")
                #expect(parts.twice.isEmpty && known == history)
            }
            checkKeys(model, random.ledger.entries.count, try #require(history), keys)
            for verdict in expected { counts[verdict, default: 0] += 1 }
        }
        #expect(counts.count == 3 && counts.values.allSatisfy { $0 > 50 }, "\(counts)")
    }

    private static func verdict(_ judgement: TestLedger.Judgement?) -> NaiveModel.Verdict? {
        switch judgement {
        case .signed: .signed
        case .unsigned: .unsigned
        case .faulty: .faulty
        case .unproven, .unverifiable, nil: nil
        }
    }

    /// The keyring as of every index is that of the model.
    private func checkKeys(_ model: NaiveModel, _ count: Int, _ history: KeyHistory, _ keys: [PrivateKey]) {
        for index in 1...count {
            let ring = Set(history.keyring(at: EntryIndex(UInt64(index))).keys.map(\.id))
            let expected = Set(
                model.keys.filter { model.inForce($0.number, at: index) != nil }.map { keys[$0.number].publicKey.id })
            #expect(ring == expected)
        }
    }
}

extension NaiveModel.Verdict: Hashable {}
