import Digests
import EventFormat
import Keyring
import Signing
import Testing

/// Large appends and long runs, cut anywhere.
struct BorderTests {
    private func ledger(_ key: PrivateKey, _ authority: PrivateKey) throws -> TestLedger {
        var ledger = try TestLedger([authority])
        try ledger.record([.keyIntroduced(key.publicKey, role: .source(SourceName("/a")))], by: authority)
        return ledger
    }

    @Test func `an append of 10,000 events is right, cut or not`() throws {
        let key = try TestKeys.key(2)
        var ledger = try ledger(key, TestKeys.key(1))
        try ledger.record(ledger.events(10_000), by: key)
        try ledger.record(ledger.events(1), by: key)
        for borders in [[], [3], [10_001], [500, 600, 9_000], [10_002], [2, 10_002]] {
            let result = ledger.auditInParts(borders).result
            #expect(result.twice.isEmpty && result.judgements.count == 10_003)
            let signed = (UInt64(2)...10_002).allSatisfy { result[$0] == .signed(key.publicKey.id) }
            #expect(signed, "\(borders)")
        }
        let whole = ledger.audit().result
        #expect(whole == ledger.auditInParts([]).result)
    }

    @Test func `an append of 10,001 events is refused, and its events are unsigned`() throws {
        let key = try TestKeys.key(2)
        var ledger = try ledger(key, TestKeys.key(1))
        let events = ledger.events(10_001)
        var signature = try ledger.signature(Array(events.prefix(1)), in: "application-1", by: key)
        signature.count = 10_001
        try ledger.record(events, to: "application-1", signature: signature)
        for result in [ledger.audit().result] + [2, 3, 9_000, 10_002].map({ ledger.auditInParts([$0]).result }) {
            #expect(result[10_002] == .faulty(KeyringError(.wrongCount, "")))
            #expect(result[2] == .faulty(KeyringError(.unsigned, "")))
            #expect(result.judgements.count == 10_003 && result.twice.isEmpty)
        }
    }

    @Test func `verdicts on a long run of unsigned entries are few`() throws {
        let authority = try TestKeys.key(1)
        var ledger = try ledger(TestKeys.key(2), authority)
        try ledger.record(ledger.events(30_000, source: "/c"), to: "other")
        var audit = SignatureAudit()
        for entry in ledger.entries {
            let span = entry.bytes.span
            audit.add(entry.layout, in: span) { entry.envelope }
        }
        audit.finish()
        let verdicts = audit.takeVerdicts()
        #expect(verdicts.count == 3)
        #expect(verdicts.reduce(0) { $0 + $1.count } == 30_002)
        #expect(ledger.auditInParts([7, 15_000, 29_000]).result == ledger.audit().result)
    }
}
