import Digests
import EventFormat
import Keyring
import Signing
import Testing

/// Rules K5 to K9 of docs/format.md.
struct KeyRulesTests {
    let authority: PrivateKey
    let other: PrivateKey
    var history: KeyHistory

    init() throws {
        authority = try TestKeys.key(1)
        other = try TestKeys.key(2)
        let genesis = Genesis(origin: try Origin("records.example.gov/tests"))
        history = try KeyHistory(genesis: genesis, identity: .zero, authorities: [authority.publicKey])
    }

    private mutating func apply(_ event: TrustEvent, at index: UInt64, by signer: PrivateKey? = nil) throws {
        let index = EntryIndex(index)
        try history.apply(event, at: index, signedBy: (signer ?? authority).publicKey.id, appendFrom: index)
    }

    /// The code with which `event` is refused; the history must then be as before.
    private mutating func code(_ event: TrustEvent, by signer: PrivateKey? = nil, at index: UInt64) -> KeyringError
        .Code?
    {
        let before = history
        do {
            try apply(event, at: index, by: signer)
            return nil
        } catch {
            #expect(history == before)
            return (error as? KeyringError)?.code
        }
    }

    @Test mutating func `only an authority key in force may sign trust events`() throws {
        let source = try TestKeys.key(3)
        let log = try TestKeys.key(4)
        try apply(.keyIntroduced(source.publicKey, role: .source(SourceName("/a"))), at: 1)
        try apply(.keyIntroduced(log.publicKey, role: .log), at: 2)
        let event = TrustEvent.policyAdopted(LedgerPolicy(allowsUnsigned: true))
        for signer in [source, log, other] { #expect(code(event, by: signer, at: 3) == .notAuthorised) }
        try apply(.keyIntroduced(other.publicKey, role: .authority), at: 3)
        try apply(event, at: 4, by: other)
        try apply(.keyRevoked(authority.publicKey.id, reason: "lost", compromisedSince: nil), at: 5, by: other)
        #expect(code(event, at: 6) == .notAuthorised)
    }

    @Test mutating func `a key that the append itself introduces cannot have signed it`() throws {
        try apply(.keyIntroduced(other.publicKey, role: .authority), at: 5)
        var copy = history
        let event = TrustEvent.policyAdopted(LedgerPolicy(allowsUnsigned: true))
        let refused = refusal { try copy.apply(event, at: 6, signedBy: other.publicKey.id, appendFrom: 5) }
        #expect(refused?.code == .notAuthorised)
        try copy.apply(event, at: 6, signedBy: other.publicKey.id, appendFrom: 6)
    }

    @Test mutating func `an authority that ends itself signs the rest of that append`() throws {
        let event = TrustEvent.policyAdopted(LedgerPolicy(allowsUnsigned: true))
        try apply(.keyRotated(old: authority.publicKey.id, new: other.publicKey), at: 1)
        try history.apply(event, at: 2, signedBy: authority.publicKey.id, appendFrom: 1)
        #expect(code(event, at: 3) == .notAuthorised)
        try apply(event, at: 3, by: other)
    }

    @Test mutating func `a key is introduced once, whatever the event and the role`() throws {
        try apply(.keyIntroduced(other.publicKey, role: .authority), at: 1)
        try apply(.keyRevoked(other.publicKey.id, reason: "lost", compromisedSince: nil), at: 2)
        let vkey = try TestKeys.vkey(2)
        for key in [authority.publicKey, other.publicKey] {
            #expect(code(.keyIntroduced(key, role: .authority), at: 3) == .keyReused)
            #expect(code(.keyIntroduced(key, role: .source(try SourceName("/a"))), at: 3) == .keyReused)
            #expect(code(.keyRotated(old: authority.publicKey.id, new: key), at: 3) == .keyReused)
            let fresh = try TestKeys.key(7).publicKey
            #expect(code(.sourceRegistered(try SourceName("/a"), name: nil, keys: [fresh, key]), at: 3) == .keyReused)
        }
        #expect(code(.witnessRegistered(try TrustEvent.Witness(vkey: vkey)), at: 3) == .keyReused)
        let twice = try TestKeys.key(7).publicKey
        #expect(code(.sourceRegistered(try SourceName("/a"), name: nil, keys: [twice, twice]), at: 3) == .keyReused)
    }

    @Test func `a genesis that names a key twice is refused`() throws {
        let key = authority.publicKey
        let error = refusal {
            _ = try KeyHistory(genesis: history.genesis, identity: .zero, authorities: [key, key])
        }
        #expect(error?.code == .keyReused)
    }

    @Test mutating func `only a key that was introduced and has not ended is rotated or revoked`() throws {
        let new = try TestKeys.key(7).publicKey
        #expect(code(.keyRevoked(other.publicKey.id, reason: "x", compromisedSince: nil), at: 1) == .unknownKey)
        #expect(code(.keyRotated(old: other.publicKey.id, new: new), at: 1) == .unknownKey)
        try apply(.keyIntroduced(other.publicKey, role: .log), at: 1)
        try apply(.keyRotated(old: other.publicKey.id, new: new), at: 2)
        #expect(history.record(of: new.id)?.role == .log)
        #expect(history.record(of: other.publicKey.id)?.end?.cause == .rotated(to: new.id))
        #expect(code(.keyRevoked(other.publicKey.id, reason: "x", compromisedSince: nil), at: 3) == .keyNotInForce)
        #expect(code(.keyRotated(old: other.publicKey.id, new: try TestKeys.key(8).publicKey), at: 3) == .keyNotInForce)
    }

    @Test mutating func `the last authority key is rotated but not revoked`() throws {
        let revocation = TrustEvent.keyRevoked(authority.publicKey.id, reason: "lost", compromisedSince: nil)
        #expect(code(revocation, at: 1) == .lastAuthority)
        try apply(.keyRotated(old: authority.publicKey.id, new: other.publicKey), at: 1)
        let again = TrustEvent.keyRevoked(other.publicKey.id, reason: "lost", compromisedSince: nil)
        #expect(code(again, by: other, at: 2) == .lastAuthority)
        try apply(.keyIntroduced(try TestKeys.key(3).publicKey, role: .authority), at: 2, by: other)
        try apply(again, at: 3, by: other)
    }

    @Test mutating func `a source is registered once, also when it has keys already`() throws {
        let source = try SourceName("/a")
        try apply(.keyIntroduced(other.publicKey, role: .source(source)), at: 1)
        try apply(.sourceRegistered(source, name: "Intake", keys: [try TestKeys.key(3).publicKey]), at: 2)
        #expect(history.sources.map(\.name) == ["Intake"] && history.sources.first?.registered == 2)
        #expect(code(.sourceRegistered(source, name: nil, keys: []), at: 3) == .alreadyRegistered)
    }

    @Test mutating func `a witness's key is revoked but not rotated, and a log key is of Ed25519`() throws {
        try apply(try TestKeys.witness(9), at: 1)
        let id = try TestKeys.key(9).publicKey.id
        #expect(code(.keyRotated(old: id, new: other.publicKey), at: 2) == .wrongRole)
        #expect(history.keyring(at: 2).witnesses.count == 1)
        try apply(.keyRevoked(id, reason: "closed", compromisedSince: nil), at: 2)
        #expect(history.keyring(at: 3).witnesses.isEmpty && history.keyring(at: 2).witnesses.count == 1)
        let p256 = try PrivateKey.generate(.ecdsaP256).publicKey
        #expect(code(.keyIntroduced(p256, role: .log), at: 3) == .malformed)
        try apply(.keyIntroduced(p256, role: .authority), at: 3)
    }

    @Test mutating func `the keyring of every index is that of the events before it`() throws {
        try apply(.keyIntroduced(other.publicKey, role: .source(SourceName("/a"))), at: 3)
        try apply(.keyRotated(old: other.publicKey.id, new: try TestKeys.key(3).publicKey), at: 5)
        let source = AppendPurpose.source(try SourceName("/a"))
        for index in UInt64(1)...8 {
            let ring = history.keyring(at: EntryIndex(index))
            let old = refusal { _ = try ring.signer(other.publicKey.id, for: source) }
            let new = refusal { _ = try ring.signer(try TestKeys.key(3).publicKey.id, for: source) }
            #expect((old == nil) == (4...5).contains(index), "\(index)")
            #expect((new == nil) == (index >= 6), "\(index)")
            #expect(ring.keys.count == (index >= 4 ? 2 : 1) && ring.keys(.authority).count == 1)
            #expect(ring.sources.count == (index >= 4 ? 1 : 0))
        }
        let late = refusal { _ = try history.signer(other.publicKey.id, at: 6, for: source) }
        #expect(late?.reason.contains("ended with entry 5") == true)
        let early = refusal { _ = try history.signer(other.publicKey.id, at: 3, for: source) }
        #expect(early?.reason.contains("from entry 4 on") == true)
    }

    @Test mutating func `what a key signed since it was compromised deserves doubt`() throws {
        let since = try Timestamp(rfc3339: "2025-08-19T08:00:00Z")
        try apply(.keyIntroduced(other.publicKey, role: .log), at: 1)
        try apply(.keyRevoked(other.publicKey.id, reason: "stolen", compromisedSince: since), at: 2)
        let record = try #require(history.record(of: other.publicKey.id))
        #expect(record.doubt(at: .epoch) == nil)
        #expect(record.doubt(at: since)?.contains("entry 2 revokes the key as compromised since 2025") == true)
    }
}
