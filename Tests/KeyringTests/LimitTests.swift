import EventFormat
import Keyring
import Signing
import Testing

/// The bounds that every reader of signatures must hold alike.
@Suite struct LimitTests {
    private static let most: UInt64 = 67_108_864

    private func audit(_ record: (inout TestLedger, PrivateKey) throws -> Void) throws -> TestLedger.Result {
        let authority = try TestKeys.key(1)
        var ledger = try TestLedger([authority])
        try record(&ledger, authority)
        let (whole, parts) = (ledger.audit().result, ledger.auditInParts([1]).result)
        #expect(whole == parts)
        return whole
    }

    private func isUnverifiable(_ judgement: TestLedger.Judgement?) -> Bool {
        if case .unverifiable? = judgement { true } else { false }
    }

    @Test(arguments: [[most + 16], [most + 16, 16], [most / 2 + 16, most / 2 + 16], [most + 15, 17, 0, 3]])
    func `an append of the ledger's own with payloads of 64 MiB is judged`(sizes: [UInt64]) throws {
        // What the payloads said is not known; that the append is right is. Sizes below a salt's fit no clear payload.
        let result = try audit { ledger, authority in try ledger.record(sizes: sizes, by: authority) }
        #expect(isUnverifiable(result[1]), "\(String(describing: result[1]))")
    }

    @Test(arguments: [[most + 17], [most + 16, 17], [most / 2 + 16, most / 2 + 17], [.max, .max], [17, .max]])
    func `one with a byte more is wrong, whether or not the payloads are there`(sizes: [UInt64]) throws {
        let result = try audit { ledger, authority in try ledger.record(sizes: sizes, by: authority) }
        #expect(result.fault(UInt64(sizes.count))?.code == .wrongCount)
        #expect(result.fault(UInt64(sizes.count))?.reason.contains("64 MiB") == true)
    }

    @Test func `large events that nobody signed do not spoil the append behind them`() throws {
        let result = try audit { ledger, authority in
            try ledger.record(sizes: [Self.most, .max, Self.most], by: nil)
            try ledger.record([.keyIntroduced(TestKeys.key(2).publicKey, role: .authority)], by: authority)
        }
        for index in 1...3 as ClosedRange<UInt64> { #expect(result.fault(index)?.code == .notAuthorised) }
        #expect(result[4] == .signed(try TestKeys.key(1).publicKey.id))
    }

    @Test func `an event of another source whose payload is missing leaves the keys unknown, as any does`() throws {
        let result = try audit { ledger, authority in
            let events = ledger.events(1, "policy.adopted", source: "/elsewhere")
            try ledger.record(events, to: .ledger, by: authority)
            ledger.removeEnvelope(at: 1)
            try ledger.record([.keyIntroduced(TestKeys.key(2).publicKey, role: .authority)], by: authority)
        }
        #expect(isUnverifiable(result[1]) && isUnverifiable(result[2]))
    }

    @Test(arguments: [".*", "*", "a*", "a.*.b", "**", ".**"])
    func `a star without a byte and a dot before it is no rule for types`(pattern: String) {
        #expect(refusal { _ = try TypePattern(pattern) }?.code == .malformed)
    }

    @Test(arguments: ["a.*", "..*", "a..*", "é.*"]) func `a prefix of a byte or more is one`(pattern: String) throws {
        #expect(try TypePattern(pattern).text == pattern)
    }

    @Test(arguments: [64, 65]) func `a time has at most 64 bytes`(count: Int) throws {
        let time = "2025-08-19T08:00:00." + String(repeating: "1", count: count - 21) + "Z"
        let id = try TestKeys.key(1).publicKey.id
        let text = #"{"key":"\#(id)","reason":"r","compromisedSince":"\#(time)"}"#
        let error = refusal { _ = try TrustEvent(type: "key.revoked", payload: Array(text.utf8)) }
        #expect((error == nil) == (count <= 64), "\(String(describing: error))")
    }

    @Test func `a key under which anybody can sign is introduced by no event`() {
        let weak = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let key = #"{"algorithm":"ed25519","key":"\#(weak)"}"#
        let texts = [
            ("key.introduced", #"{"role":"log","algorithm":"ed25519","key":"\#(weak)"}"#),
            ("source.registered", #"{"source":"/a","keys":[\#(key)]}"#),
        ]
        for (type, text) in texts {
            let error = refusal { _ = try TrustEvent(type: type, payload: Array(text.utf8)) }
            #expect(error?.code == .malformed)
            #expect(error?.reason.contains("anybody can sign") == true)
        }
    }
}
