import Ledger
import Testing

/// Keys come and go by entries of the ledger, with effect from the next entry on, for appends that are under way too.
@Suite struct KeyChangeTests {
    @Test(arguments: Store.all)
    func `a revoked key signs nothing from the next entry on`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.intake)
            let place = try await ledger.record(
                .keyRevoked(keys.intake.publicKey.id, reason: "the clerk left", compromisedSince: nil),
                signedBy: keys.authority)
            #expect(place.index == 4 && place.stream == .ledger)
            let error = await refusal {
                try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.intake)
            }
            #expect(says(error, .notAuthorised, "entry 4", "the clerk left", "begins at entry 5"))
            #expect(try await ledger.size() == 5)
        }
    }

    @Test(arguments: Store.all)
    func `a rotated key gives its place to the new one`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let new = try PrivateKey.generate(.ecdsaP256)
            try await ledger.record(
                .keyRotated(old: keys.intake.publicKey.id, new: new.publicKey), signedBy: keys.authority)
            let error = await refusal {
                try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.intake)
            }
            #expect(says(error, .notAuthorised, "replaced by \(new.publicKey.id)"))
            try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: new)
            let unsigned = await refusal { try await ledger.append([note(of: Keys.intake)], to: "a-1") }
            #expect(unsigned?.code == .signatureRequired)
        }
    }

    @Test(arguments: Store.all)
    func `an authority key can be rotated and then signs no more`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let new = try PrivateKey.generate()
            try await ledger.record(
                .keyRotated(old: keys.authority.publicKey.id, new: new.publicKey), signedBy: keys.authority)
            let event = TrustEvent.keyIntroduced(keys.stranger.publicKey, role: .log)
            let old = await refusal { try await ledger.record(event, signedBy: keys.authority) }
            #expect(old?.code == .notAuthorised)
            #expect(try await ledger.record(event, signedBy: new).index == 4)
        }
    }

    @Test(arguments: Store.all)
    func `keys are known again after opening`(_ store: Store) async throws {
        let folder = try Folder()
        let keys = try Keys()
        var ledger = try await store.make(folder.path("a"), [keys.authority.publicKey], LogOptions())
        try await keys.register(in: ledger)
        let history = try await ledger.keyHistory()
        await ledger.close()
        ledger = try await store.open(folder.path("a"), LogOptions())
        let error = await refusal { try await ledger.append([note(of: Keys.intake)], to: "a-1") }
        #expect(error?.code == .signatureRequired)
        try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.intake)
        #expect(try await ledger.keyHistory() == history)
        await ledger.close()
    }

    @Test(arguments: Store.all)
    func `of appends under way none behind the revocation is signed by the key`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let revocation = TrustEvent.keyRevoked(keys.intake.publicKey.id, reason: "x", compromisedSince: nil)
            let (recorded, revoked) = try await withThrowingTaskGroup(of: [EntryIndex].self) { group in
                for caller in 0..<32 {
                    group.addTask {
                        var places: [EntryIndex] = []
                        let stream = try StreamName("a-\(caller)")
                        for _ in 0..<20 {
                            do throws(LedgerError) {
                                let event = note(of: Keys.intake)
                                places += try await ledger.append(
                                    [event, note(of: Keys.intake)], to: stream, signedBy: keys.intake
                                ).map(\.index)
                            } catch {
                                guard error.code == .notAuthorised else { throw error }
                            }
                        }
                        return places
                    }
                }
                while try await ledger.size() < 100 { try await Task.sleep(for: .milliseconds(1)) }
                let place = try await ledger.record(revocation, signedBy: keys.authority).index
                let places = try await group.reduce(into: []) { $0 += $1 }
                return (places, place)
            }
            #expect(recorded.allSatisfy { $0 < revoked } && recorded.count >= 90)
            #expect(try await ledger.size() == revoked.rawValue + 1)
        }
    }

    @Test(arguments: Store.all)
    func `an append that was queued behind a registration needs its signature`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withLedger(authorities: [keys.authority.publicKey]) { ledger in
            for round in 0..<50 {
                let source = "urn:source:\(round)"
                let event = TrustEvent.sourceRegistered(
                    try SourceName(source), name: nil, keys: [try PrivateKey.generate().publicKey])
                async let registered = ledger.record(event, signedBy: keys.authority).index
                var last: EntryIndex = 0
                var refused = false
                while !refused {
                    do throws(LedgerError) {
                        last = try await ledger.append([note(of: source)], to: "a-1")[0].index
                    } catch {
                        guard error.code == .signatureRequired else { throw error }
                        refused = true
                    }
                }
                #expect(try await registered > last)
            }
        }
    }
}
