import Digests
import Ledger
import Testing

/// Promise 9: what the ledger's keys and policy do not admit is not recorded.
@Suite struct AuthorisationTests {
    /// Checks that `body` is refused and that nothing of it is recorded.
    private func expectRefusal(
        _ ledger: Ledger, _ code: LedgerError.Code, _ words: [String], _ body: () async throws -> Void,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let root = try await ledger.root()
        let error = await refusal(body)
        #expect(error?.code == code, "\(error?.reason ?? "it was recorded")", sourceLocation: location)
        for word in words {
            #expect(error?.reason.contains(word) ?? false, "\(error?.reason ?? "")", sourceLocation: location)
        }
        #expect(try await ledger.root() == root, sourceLocation: location)
    }

    @Test(arguments: Store.all)
    func `a source with a key must sign, others need not`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            try await expectRefusal(
                ledger, .signatureRequired,
                ["nothing was recorded", "event 2", Keys.intake, "append with the source's key"]
            ) {
                try await ledger.append([note(of: "urn:other"), note(of: Keys.intake)], to: "a-1")
            }
            #expect(try await ledger.append([note(of: "urn:other")], to: "a-1")[0].index == 3)
        }
    }

    @Test(arguments: Store.all)
    func `nobody signs for another source`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let id = keys.archive.publicKey.id.hex
            try await expectRefusal(ledger, .notAuthorised, [id, Keys.archive, Keys.intake]) {
                try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.archive)
            }
            try await expectRefusal(ledger, .notAuthorised, ["event 2", Keys.archive, Keys.intake, "by themselves"]) {
                try await ledger.append(
                    [note(of: Keys.intake), note(of: Keys.archive)], to: "a-1", signedBy: keys.intake)
            }
            try await expectRefusal(
                ledger, .notAuthorised, [keys.stranger.publicKey.id.hex, "no event has introduced"]
            ) {
                try await ledger.append([note(of: "urn:other")], to: "a-1", signedBy: keys.stranger)
            }
            try await expectRefusal(ledger, .notAuthorised, [keys.authority.publicKey.id.hex, "authority"]) {
                try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.authority)
            }
        }
    }

    @Test(arguments: Store.all)
    func `a signature of other events, of another ledger or with a bit changed is refused`(
        _ store: Store
    ) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let log = try EventLog(opening: ledger.path)
            defer { log.close() }
            func request(_ event: Event) throws -> AppendRequest {
                try AppendRequest(.ofStream([event], "a-1"), statedTime: .now)
            }
            let event = note(of: Keys.intake)
            let signed = try request(event).signed(by: keys.intake, for: ledger.identity)
            let elsewhere = try request(event).signed(by: keys.intake, for: .zero)
            let signature = try #require(try signed.signature())
            var forgeries = [
                AppendRequest(try request(note(of: Keys.intake)), signature: signature),
                AppendRequest(signed, signature: try #require(try elsewhere.signature())),
                AppendRequest(
                    signed, signature: AppendSignature(count: 2, keyID: signature.keyID, signature: signature.signature)
                ),
            ]
            for bit in [0, 7, 255, 256, 511] {
                var bytes = signature.signature
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                forgeries.append(
                    AppendRequest(
                        signed, signature: AppendSignature(count: 1, keyID: signature.keyID, signature: bytes)))
            }
            for forgery in forgeries {
                try await expectRefusal(ledger, .signatureInvalid, ["nothing was recorded", "sign what is appended"]) {
                    _ = try log.append(forgery)
                }
            }
            #expect(try log.append(signed)[0].index == 3)
        }
    }

    @Test(arguments: Store.all)
    func `the ledger's own stream takes nothing but signed trust events of an authority`(
        _ store: Store
    ) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let introduction = TrustEvent.keyIntroduced(keys.stranger.publicKey, role: .authority)
            for signer in [keys.intake, keys.stranger] {
                try await expectRefusal(ledger, .notAuthorised, [signer.publicKey.id.hex, "nothing was recorded"]) {
                    try await ledger.record(introduction, signedBy: signer)
                }
            }
            try await expectRefusal(ledger, .invalid, ["the ledger's own"]) {
                try await ledger.append([note(of: Keys.intake)], to: "ledger", signedBy: keys.authority)
            }
            let log = try EventLog(opening: ledger.path)
            defer { log.close() }
            let event = introduction.event(origin: ledger.genesis.origin, occurred: .now)
            try await expectRefusal(ledger, .signatureRequired, ["authority key"]) {
                _ = try log.append(AppendRequest(.ofStream([event], .ledger), reserved: true, statedTime: .now))
            }
            let other = Event(type: "key.forgotten", source: ledger.genesis.origin.text, payload: .json("{}"))
            try await expectRefusal(ledger, .keyringRefused, ["key.forgotten", "key.introduced"]) {
                let request = try AppendRequest(.ofStream([other], .ledger), reserved: true, statedTime: .now)
                _ = try log.append(request.signed(by: keys.authority, for: ledger.identity))
            }
        }
    }

    @Test(arguments: Store.all)
    func `a ledger without authority keys never gets keys`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withLedger { ledger in
            try await expectRefusal(ledger, .notAuthorised, [keys.authority.publicKey.id.hex]) {
                try await ledger.record(
                    .keyIntroduced(keys.intake.publicKey, role: .authority), signedBy: keys.authority)
            }
            try await expectRefusal(ledger, .notAuthorised, [keys.intake.publicKey.id.hex]) {
                try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.intake)
            }
            try await ledger.append([note(of: Keys.intake)], to: "a-1")
        }
    }

    @Test(arguments: Store.all)
    func `trust events that contradict what is there are refused together`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let authority = keys.authority.publicKey.id
            for (events, words) in [
                ([.keyIntroduced(keys.intake.publicKey, role: .log)], ["introduced at entry 1"]),
                ([.keyRevoked(authority, reason: "x", compromisedSince: nil)], ["last authority"]),
                ([.keyRevoked(keys.stranger.publicKey.id, reason: "x", compromisedSince: nil)], ["no event has"]),
                ([.sourceRegistered(try SourceName(Keys.intake), name: nil, keys: [])], ["entry 1 has registered"]),
                (
                    [
                        .keyIntroduced(keys.stranger.publicKey, role: .log),
                        .keyIntroduced(keys.stranger.publicKey, role: .authority),
                    ], ["introduced at entry 3"]
                ),
            ] as [([TrustEvent], [String])] {
                try await expectRefusal(ledger, .keyringRefused, words + ["nothing was recorded"]) {
                    try await ledger.record(events, signedBy: keys.authority)
                }
            }
            #expect(try await ledger.keyring().keys.count == 3)
        }
    }

    @Test(arguments: Store.all)
    func `a policy asks for signatures by type and by source`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let policy = LedgerPolicy(
                allowsUnsigned: false,
                sources: [try SourceName("urn:kiosk"): .unsigned, try SourceName("urn:tax"): .signed],
                types: [try TypePattern("decision.*"): .signed, try TypePattern("decision.noted"): .unsigned])
            try await ledger.record(.policyAdopted(policy), signedBy: keys.authority)
            let cases: [(String, String, Bool)] = [
                ("note.made", "urn:kiosk", true), ("decision.made", "urn:kiosk", false),
                ("decision.noted", "urn:kiosk", true), ("decision.noted", Keys.intake, true),
                ("note.made", "urn:tax", false), ("note.made", "urn:other", false), ("note.made", Keys.intake, false),
            ]
            for (type, source, isAllowed) in cases {
                let event = note(of: source, type: type)
                let error = await refusal { try await ledger.append([event], to: "a-1") }
                #expect(error?.code == (isAllowed ? nil : .signatureRequired), "\(type) of \(source)")
                if let error { #expect(error.reason.contains("adopted at entry 3") || source == Keys.intake) }
            }
            try await ledger.append([note(of: Keys.intake, type: "decision.made")], to: "a-1", signedBy: keys.intake)
        }
    }
}
