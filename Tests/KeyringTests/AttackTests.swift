import Digests
import EventFormat
import Keyring
import Signing
import Testing

/// Each attack is found, at the entry where it shows, in one pass and in parts.
struct AttackTests {
    let authority: PrivateKey
    let intake: PrivateKey
    let archive: PrivateKey
    var ledger: TestLedger

    /// Entry 1 gives the sources `/a` and `/b` a key each, and asks nobody else for signatures.
    init() throws {
        authority = try TestKeys.key(1)
        intake = try TestKeys.key(2)
        archive = try TestKeys.key(3)
        ledger = try TestLedger([authority])
        try ledger.record(
            [
                .sourceRegistered(try SourceName("/a"), name: nil, keys: [intake.publicKey]),
                .sourceRegistered(try SourceName("/b"), name: nil, keys: [archive.publicKey]),
            ], by: authority)
    }

    /// Expects the verdict on every entry, whichever way they are found.
    private func expect(
        _ expected: [UInt64: TestLedger.Judgement], _ ledger: TestLedger, _ words: String = "",
        at location: SourceLocation = #_sourceLocation
    ) {
        let ways = [ledger.audit().result] + (1..<ledger.entries.count).map { ledger.auditInParts([$0]).result }
        for result in ways {
            #expect(result.twice.isEmpty, sourceLocation: location)
            #expect(result.judgements.count == ledger.entries.count, sourceLocation: location)
            for (index, judgement) in expected {
                #expect(result[index] == judgement, "entry \(index)", sourceLocation: location)
                guard let fault = result.fault(index), !words.isEmpty else { continue }
                #expect(fault.reason.contains(words), "\(fault.reason)", sourceLocation: location)
            }
        }
    }

    private func fault(_ code: KeyringError.Code) -> TestLedger.Judgement { .faulty(KeyringError(code, "")) }

    @Test mutating func `nothing is found in a ledger that is right`() throws {
        try ledger.record(ledger.events(3), by: intake)
        try ledger.record(ledger.events(1, source: "/c"), to: "other")
        try ledger.record(ledger.events(2, source: "/b"), by: archive)
        let (a, b) = (intake.publicKey.id, archive.publicKey.id)
        let root = TestLedger.Judgement.signed(authority.publicKey.id)
        expect(
            [0: .unsigned, 1: root, 2: root, 3: .signed(a), 5: .signed(a), 6: .unsigned, 7: .signed(b), 8: .signed(b)],
            ledger)
    }

    @Test mutating func `a forged source: the event says it is of another than the key's`() throws {
        try ledger.record(ledger.events(1, source: "/b"), by: intake)
        expect([3: fault(.wrongSource)], ledger, "is a key of the source \"/a\"; entry 3 has another source")
    }

    @Test mutating func `a forged source: no signature at all`() throws {
        try ledger.record(ledger.events(2), to: "application-1")
        expect([3: fault(.unsigned), 4: fault(.unsigned)], ledger, "the source was given a key")
    }

    @Test mutating func `one event of another source in the append`() throws {
        let events = ledger.events(2) + ledger.events(1, source: "/b")
        try ledger.record(events, by: intake)
        expect([3: fault(.wrongSource), 5: fault(.wrongSource)], ledger, "entry 5")
    }

    @Test mutating func `a back-dated key: it is introduced behind the append`() throws {
        let late = try TestKeys.key(4)
        try ledger.record(ledger.events(1), by: late)
        try ledger.record([.keyIntroduced(late.publicKey, role: .source(SourceName("/a")))], by: authority)
        try ledger.record(ledger.events(1), by: late)
        let judged = [ledger.audit().result[3], ledger.auditInParts([2]).result[3]]
        #expect(judged[0] == fault(.unknownKey))
        #expect(judged[1] == fault(.keyNotInForce))
        #expect(ledger.auditInParts([2]).result.fault(3)?.reason.contains("in force from entry 5 on") == true)
        #expect(ledger.audit().result[5] == .signed(late.publicKey.id))
    }

    @Test mutating func `a revoked key`() throws {
        try ledger.record(ledger.events(1), by: intake)
        try ledger.record([.keyRevoked(intake.publicKey.id, reason: "stolen", compromisedSince: nil)], by: authority)
        try ledger.record(ledger.events(1), by: intake)
        expect([3: .signed(intake.publicKey.id)], ledger)
        expect([5: fault(.keyNotInForce)], ledger, "ended with entry 4 (revoked: stolen)")
    }

    @Test mutating func `a replayed append: its signature again behind other entries`() throws {
        let events = ledger.events(2)
        let signature = try ledger.signature(events, in: "application-1", by: intake)
        try ledger.record(events, to: "application-1", signature: signature)
        try ledger.record(ledger.events(1), to: "application-1", signature: signature)
        expect([3: .signed(intake.publicKey.id), 5: fault(.wrongCount)], ledger, "over the signed append before it")
    }

    @Test mutating func `a signature over another order`() throws {
        let events = ledger.events(2)
        let signature = try ledger.signature(events.reversed(), in: "application-1", by: intake)
        try ledger.record(events, to: "application-1", signature: signature)
        expect([3: fault(.wrongSignature), 4: fault(.wrongSignature)], ledger, "2 events in this order")
    }

    @Test mutating func `a signature for another ledger`() throws {
        let other = try TestLedger([authority], origin: "records.example.gov/other")
        let events = ledger.events(1)
        let digests = try { () throws in
            var scratch = ledger
            try scratch.record(events, to: "application-1")
            return scratch.digests(3..<4)
        }()
        let signature = try AppendMessage.sign(identity: other.identity, digests: digests, with: intake)
        try ledger.record(events, to: "application-1", signature: signature)
        expect([3: fault(.wrongSignature)], ledger, "in this ledger")
    }

    @Test mutating func `a signature for another stream or payload`() throws {
        let events = ledger.events(1)
        let elsewhere = try ledger.signature(events, in: "application-2", by: intake)
        try ledger.record(events, to: "application-1", signature: elsewhere)
        var altered = ledger.events(1)
        let signature = try ledger.signature(altered, in: "application-1", by: intake)
        altered[0].payload = .json("[]")
        try ledger.record(altered, to: "application-1", signature: signature)
        expect([3: fault(.wrongSignature), 4: fault(.wrongSignature)], ledger)
    }

    @Test mutating func `a truncated count leaves the first event unsigned and the rest wrong`() throws {
        let events = ledger.events(3)
        var signature = try ledger.signature(events, in: "application-1", by: intake)
        signature.count = 2
        try ledger.record(events, to: "application-1", signature: signature)
        expect([3: fault(.unsigned), 4: fault(.wrongSignature), 5: fault(.wrongSignature)], ledger)
    }

    @Test mutating func `a dropped event of a signed append`() throws {
        let events = ledger.events(3)
        let signature = try ledger.signature(events, in: "application-1", by: intake)
        try ledger.record([events[0], events[2]], to: "application-1", signature: signature)
        expect([3: fault(.unsigned), 4: fault(.wrongCount)], ledger)
    }

    @Test(arguments: [UInt64(4), 5, 10_000, 10_001, .max])
    func `a count that reaches too far`(count: UInt64) throws {
        var ledger = try TestLedger([authority])
        let events = ledger.events(1)
        var signature = try ledger.signature(events, in: "application-1", by: intake)
        signature.count = count
        try ledger.record(events, to: "application-1", signature: signature)
        expect(
            [1: fault(.wrongCount)], ledger, count > 10_000 ? "at most 10000" : "before entry 1")
    }

    @Test mutating func `an authority key signs no source's events, and a source key none of the ledger's`() throws {
        try ledger.record(ledger.events(1), by: authority)
        expect([3: fault(.wrongRole)], ledger, "is an authority key; a key of the source signs")
        try ledger.record([.policyAdopted(LedgerPolicy(allowsUnsigned: true))], by: intake)
        expect([4: fault(.wrongRole)], ledger)
        #expect(ledger.audit().history?.policies.isEmpty == true)
    }

    @Test mutating func `a log key and a witness's key sign no appends`() throws {
        let log = try TestKeys.key(5)
        try ledger.record([.keyIntroduced(log.publicKey, role: .log), try TestKeys.witness(9)], by: authority)
        try ledger.record(ledger.events(1), by: log)
        try ledger.record(ledger.events(1), by: TestKeys.key(9))
        expect([5: fault(.wrongRole), 6: fault(.wrongRole)], ledger, "a key of the source signs")
    }

    @Test mutating func `unsigned trust events have no effect, and are found`() throws {
        try ledger.record([ledger.event(.policyAdopted(LedgerPolicy(allowsUnsigned: false)))], to: .ledger)
        try ledger.record(ledger.events(1, source: "/c"), to: "other")
        expect([3: fault(.notAuthorised)], ledger, "no authority key has signed it")
        expect([4: .unsigned], ledger)
    }

    @Test mutating func `a trust event in one append with others is not authorised`() throws {
        let trust = ledger.event(.policyAdopted(LedgerPolicy(allowsUnsigned: false)))
        let events = ledger.events(1)
        var scratch = ledger
        try scratch.record([trust], to: .ledger)
        try scratch.record(events, to: "application-1")
        let digests = scratch.digests(3..<5)
        for key in [intake, authority] {
            var forged = ledger
            try forged.record([trust], to: .ledger)
            let signature = try AppendMessage.sign(identity: ledger.identity, digests: digests, with: key)
            try forged.record(events, to: "application-1", signature: signature)
            expect([3: fault(.notAuthorised), 4: fault(.wrongSource)], forged)
            #expect(forged.audit().history?.policies.isEmpty == true)
        }
        var forged = ledger
        try forged.record(events, to: "application-1")
        let reversed = try AppendMessage.sign(identity: ledger.identity, digests: digests.reversed(), with: authority)
        try forged.record([trust], to: .ledger, signature: reversed)
        expect([3: fault(.unsigned), 4: fault(.wrongCount)], forged)
    }

    @Test mutating func `a trust event that breaks a rule has no effect; the rest of its append has`() throws {
        try ledger.record(
            [
                .keyIntroduced(intake.publicKey, role: .authority),
                .policyAdopted(LedgerPolicy(allowsUnsigned: false)),
            ], by: authority)
        expect([3: fault(.keyReused), 4: .signed(authority.publicKey.id)], ledger, "was introduced at entry 1")
        #expect(ledger.audit().history?.policies.map(\.adopted) == [4])
    }

    @Test mutating func `malformed and unknown events of the stream ledger are found`() throws {
        let origin = ledger.origin.text
        var events = [
            ledger.event("key.introduced", source: origin, text: "{}"), ledger.event("rule.set", source: origin),
            ledger.event("policy.adopted", source: "/a"),
        ]
        events.append(ledger.event("policy.adopted", source: origin))
        events[3].payload = nil
        try ledger.record(events, to: .ledger, by: authority)
        expect(
            [3: fault(.malformed), 4: fault(.unknownType), 5: fault(.malformed), 6: fault(.malformed)], ledger)
    }

    @Test mutating func `a ledger without authority accepts no trust event`() throws {
        var bare = try TestLedger([])
        try bare.record([.keyIntroduced(intake.publicKey, role: .authority)], by: intake)
        try bare.record([bare.event(.policyAdopted(LedgerPolicy(allowsUnsigned: false)))], to: .ledger)
        try bare.record(bare.events(1), by: intake)
        expect([0: .unsigned, 1: fault(.unknownKey), 2: fault(.notAuthorised), 3: fault(.unknownKey)], bare)
    }

    @Test mutating func `a key id that is none, and a signature of another length`() throws {
        for (keyID, signature) in [([1], [2]), (intake.publicKey.id.bytes, [2]), ([], [])] as [([UInt8], [UInt8])]
        where !keyID.isEmpty {
            try ledger.record(
                ledger.events(1), to: "application-1",
                signature: AppendSignature(count: 1, keyID: keyID, signature: signature))
        }
        expect([3: fault(.unknownKey), 4: fault(.wrongSignature)], ledger)
    }

    @Test(arguments: [false, true])
    mutating func `behind a missing or altered payload of a trust event nothing is known`(isAltered: Bool) throws {
        try ledger.record(ledger.events(1), by: intake)
        try ledger.record([.keyIntroduced(try TestKeys.key(6).publicKey, role: .log)], by: authority)
        try ledger.record(ledger.events(1), by: intake)
        try ledger.record(ledger.events(1, source: "/c"), to: "other")
        try ledger.record([.policyAdopted(LedgerPolicy(allowsUnsigned: true))], by: authority)
        if isAltered { ledger.alterEnvelope(at: 4) } else { ledger.removeEnvelope(at: 4) }
        for result in [ledger.audit().result, ledger.auditInParts([3, 5]).result] {
            #expect(result[3] == .signed(intake.publicKey.id))
            for index in UInt64(4)...7 {
                guard case .unverifiable(let reason)? = result[index] else {
                    Issue.record("entry \(index) is \(String(describing: result[index]))")
                    continue
                }
                let why = isAltered ? "the payload was altered" : "the payload is missing"
                #expect(reason.contains("from entry 5 on are not known, because \(why) (entry 4, key.introduced)"))
            }
        }
    }

    @Test mutating func `a missing payload of an event that nobody authorised does no harm`() throws {
        try ledger.record([ledger.event(.policyAdopted(LedgerPolicy(allowsUnsigned: true)))], to: .ledger)
        ledger.removeEnvelope(at: 3)
        try ledger.record(ledger.events(1), by: intake)
        expect([3: fault(.notAuthorised), 4: .signed(intake.publicKey.id)], ledger)
    }

    @Test mutating func `without the payload of the genesis nothing is known`() throws {
        try ledger.record(ledger.events(1), by: intake)
        ledger.removeEnvelope(at: 0)
        let result = ledger.audit().result
        #expect(result.judgements.count == 4)
        for index in UInt64(0)...3 {
            guard case .unverifiable? = result[index] else {
                Issue.record("entry \(index) is \(String(describing: result[index]))")
                continue
            }
        }
    }

    @Test mutating func `an entry that stands in the place of another is as one that cannot be read`() throws {
        try ledger.record(ledger.events(2), by: intake)
        try ledger.record([.policyAdopted(LedgerPolicy(allowsUnsigned: true))], by: authority)
        var audit = SignatureAudit()
        var replay = TrustReplay()
        for index in [0, 1, 2, 4, 3, 2, 0, 5] {
            let entry = ledger.entries[index]
            let span = entry.bytes.span
            audit.add(entry.layout, in: span) { entry.envelope }
            if entry.isLedger { replay.add(entry.layout, in: span, envelope: entry.envelope) }
        }
        audit.finish()
        replay.finish()
        #expect(audit.history?.gap?.index == 3 && replay.history?.gap?.index == 2)
        #expect(audit.history?.policies.isEmpty == true && replay.history?.policies.isEmpty == true)
        #expect(audit.takeVerdicts().allSatisfy { $0.fault == nil })
    }

    @Test mutating func `an entry that cannot be read makes what follows unverifiable, not wrong`() throws {
        try ledger.record(ledger.events(4), by: intake)
        var audit = SignatureAudit()
        for (index, entry) in ledger.entries.enumerated() {
            let span = entry.bytes.span
            if index == 4 { audit.addUnreadable() } else { audit.add(entry.layout, in: span) { entry.envelope } }
        }
        audit.finish()
        let result = TestLedger.Result(audit.takeVerdicts())
        #expect(result.twice.isEmpty)
        guard case .unproven? = result[3] else {
            Issue.record("entry 3 is \(String(describing: result[3]))")
            return
        }
        for index in [UInt64(5), 6] {
            guard case .unverifiable? = result[index] else {
                Issue.record("entry \(index) is \(String(describing: result[index]))")
                continue
            }
        }
    }
}
