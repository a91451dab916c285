import EventFormat
import Keyring
import Signing
import Testing

struct RequirementTests {
    struct Case: Sendable {
        let type: String
        let source: String
        let isSigned: Bool
        let reason: Requirement.Reason
    }

    private func history(_ policy: LedgerPolicy?) throws -> KeyHistory {
        let authority = try TestKeys.key(1)
        var ledger = try TestLedger([authority])
        try ledger.record(
            [.keyIntroduced(try TestKeys.key(2).publicKey, role: .source(SourceName("/keyed")))], by: authority)
        if let policy { try ledger.record([.policyAdopted(policy)], by: authority) }
        return try #require(ledger.audit().history)
    }

    static let rules: [Case] = [
        Case(type: "a.b", source: "/free", isSigned: false, reason: .typeRule),
        Case(type: "a.b", source: "/signs", isSigned: false, reason: .typeRule),
        Case(type: "a.b", source: "/keyed", isSigned: false, reason: .typeRule),
        Case(type: "a.c", source: "/free", isSigned: true, reason: .typeRule),
        Case(type: "a.b.c", source: "/free", isSigned: true, reason: .typeRule),
        Case(type: "a.d.e", source: "/signs", isSigned: false, reason: .typeRule),
        Case(type: "a.d.e.f", source: "/signs", isSigned: false, reason: .typeRule),
        Case(type: "a.dd", source: "/free", isSigned: true, reason: .typeRule),
        Case(type: "a.", source: "/free", isSigned: false, reason: .sourceRule),
        Case(type: "a", source: "/free", isSigned: false, reason: .sourceRule),
        Case(type: "aa.b", source: "/signs", isSigned: true, reason: .sourceRule),
        Case(type: "x", source: "/keyed", isSigned: true, reason: .sourceKey),
        Case(type: "x", source: "/other", isSigned: true, reason: .otherwise),
        Case(type: "x", source: "/e\u{301}", isSigned: false, reason: .sourceRule),
        Case(type: "x", source: "/\u{e9}", isSigned: true, reason: .otherwise),
    ]

    @Test(arguments: rules)
    func `type before source before key before the rest`(item: Case) throws {
        let policy = LedgerPolicy(
            allowsUnsigned: false,
            sources: [
                try SourceName("/free"): .unsigned, try SourceName("/signs"): .signed,
                try SourceName("/e\u{301}"): .unsigned,
            ],
            types: [
                try TypePattern("a.b"): .unsigned, try TypePattern("a.*"): .signed,
                try TypePattern("a.d.*"): .unsigned,
            ])
        let history = try history(policy)
        let found = history.requirement(type: item.type, source: try SourceName(item.source), at: 3)
        #expect(found.isSigned == item.isSigned && found.reason == item.reason)
        let keyring = history.keyring(at: 3)
        #expect(keyring.requirement(type: item.type, source: try SourceName(item.source)) == found)
    }

    @Test func `a policy and a key have effect from the next entry on`() throws {
        let history = try history(LedgerPolicy(allowsUnsigned: false))
        let other = try SourceName("/other")
        let keyed = try SourceName("/keyed")
        #expect(
            [EntryIndex(1), 2, 3].map { history.requirement(type: "x", source: other, at: $0).isSigned } == [
                false, false, true,
            ])
        #expect(
            [EntryIndex(1), 2, 3].map { history.requirement(type: "x", source: keyed, at: $0).isSigned } == [
                false, true, true,
            ])
        #expect(history.policy(at: 2) == nil && history.policy(at: 3)?.adopted == 2)
    }

    @Test func `without a policy a source without keys need not sign`() throws {
        let history = try history(nil)
        #expect(!history.requirement(type: "x", source: try SourceName("/other"), at: 9).isSigned)
        #expect(history.requirement(type: "x", source: try SourceName("/keyed"), at: 9).isSigned)
    }

    @Test func `a source whose keys have all ended may not go unsigned, unless a policy lets it`() throws {
        let authority = try TestKeys.key(1)
        let (keyed, id) = (try SourceName("/keyed"), try TestKeys.key(2).publicKey.id)
        var ledger = try TestLedger([authority])
        try ledger.record([.keyIntroduced(TestKeys.key(2).publicKey, role: .source(keyed))], by: authority)
        try ledger.record([.keyRevoked(id, reason: "lost", compromisedSince: nil)], by: authority)
        try ledger.record(
            [.policyAdopted(LedgerPolicy(allowsUnsigned: true, sources: [keyed: .unsigned]))], by: authority)
        let history = try #require(ledger.audit().history)
        let found = (1...4).map { history.requirement(type: "x", source: keyed, at: EntryIndex($0)) }
        #expect(found.map(\.isSigned) == [false, true, true, false])
        #expect(found.map(\.reason) == [.otherwise, .sourceKey, .sourceKey, .sourceRule])
        let error = history.unsigned("entry 3 is", found[2], at: 3)
        #expect(error.reason == "entry 3 is unsigned, but the source was given a key, so it signs")
    }

    @Test func `the error names rule and entry`() throws {
        let history = try history(LedgerPolicy(allowsUnsigned: false))
        let source = try SourceName("/other")
        let requirement = history.requirement(type: "x", source: source, at: 7)
        let error = history.unsigned("entry 7 is", requirement, at: 7)
        #expect(error.code == .unsigned)
        #expect(error.reason == "entry 7 is unsigned, but the policy adopted at entry 2 refuses unsigned events")
    }
}
