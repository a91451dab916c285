import Digests
import Ledger
import Testing

/// Promise 9: a source signs what it appends, once an append, and the ledger takes nothing else in its name.
@Suite struct SignedAppendTests {
    @Test(arguments: Store.all, [SignatureAlgorithm.ed25519, .ecdsaP256])
    func `an append's last entry carries one signature over all of its events`(
        _ store: Store, _ algorithm: SignatureAlgorithm
    ) async throws {
        let keys = try Keys(algorithm)
        try await store.withTrustedLedger(keys) { ledger in
            let events = (0..<5).map { StreamEvent(note(of: Keys.intake, "\($0)"), to: $0 % 2 == 0 ? "a-1" : "b-1") }
            let places = try await ledger.append(events, signedBy: keys.intake)
            #expect(places.map(\.index.rawValue) == Array(3...7))
            let entries = try await ledger.events(from: 3).collected().map(\.entry)
            #expect(entries.dropLast().allSatisfy { $0.append == nil })
            let signature = try #require(entries.last?.append)
            #expect(signature.count == 5 && signature.keyID == keys.intake.publicKey.id.bytes)
            var message = Array("mohur/append/v1".utf8) + ledger.identity.bytes + [0, 0, 0, 0, 0, 0, 0, 5]
            for entry in entries {
                let bytes = try entry.encoded()
                message += try EntryLayout(bytes.span).sourceDigest(in: bytes.span).bytes
            }
            #expect(keys.intake.publicKey.verify(signature.signature, over: message))
        }
    }

    @Test(arguments: Store.all)
    func `an event without a time gets the moment of signing as its own, a stated one stays`(
        _ store: Store
    ) async throws {
        let keys = try Keys()
        var options = LogOptions()
        let now = try Timestamp(rfc3339: "2026-05-04T10:00:00Z")
        options.clock = { now }
        try await store.withTrustedLedger(keys, options) { ledger in
            var stated = note(of: Keys.intake)
            stated.occurred = .epoch
            try await ledger.append([note(of: Keys.intake), stated], to: "a-1", signedBy: keys.intake)
            #expect(try await ledger.events(from: 3).collected().map(\.occurred) == [now, .epoch])
        }
    }

    @Test(arguments: Store.all)
    func `submitted appends are signed too, and recorded in their order`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            var pending: [PendingAppend] = []
            for number in 0..<20 {
                let event = StreamEvent(note(of: Keys.intake, "\(number)"), to: "a-1")
                pending.append(try await ledger.submit([event], signedBy: keys.intake))
            }
            for (number, append) in pending.enumerated() {
                #expect(try await append.value[0].index.rawValue == UInt64(3 + number))
            }
            let events = try await ledger.events(of: "a-1").collected()
            #expect(events.count == 20 && events.allSatisfy { $0.entry.append?.count == 1 })
        }
    }

    @Test(arguments: Store.all)
    func `large appends have their signature too`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let events = (0..<10_000).map { note(of: Keys.intake, "\($0)") }
            let places = try await ledger.append(events, to: "a-1", signedBy: keys.intake)
            let last = try await ledger.event(at: places[9_999].index)
            #expect(last.entry.append?.count == 10_000)
        }
    }

    @Test(arguments: Store.all)
    func `a repeated append is recognised whoever signs it`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let events = [note(of: Keys.intake), note(of: Keys.intake)]
            let places = try await ledger.append(events, to: "a-1", signedBy: keys.intake)
            let root = try await ledger.root().root
            try await ledger.record(
                .keyRevoked(keys.intake.publicKey.id, reason: "lost", compromisedSince: nil), signedBy: keys.authority)
            for signer in [keys.intake, keys.archive, keys.stranger, nil] as [PrivateKey?] {
                let again = try await ledger.append(events, to: "a-1", signedBy: signer)
                #expect(again.map(\.index) == places.map(\.index) && again.allSatisfy { $0.repeated })
            }
            #expect(try await ledger.root(size: 5).root == root)
            #expect(try await ledger.size() == 6)
        }
    }

    @Test(arguments: Store.all)
    func `an append that was recorded unsigned is not signed by repeating it`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withLedger(authorities: [keys.authority.publicKey]) { ledger in
            let event = note(of: Keys.intake)
            try await ledger.append([event], to: "a-1")
            try await keys.register(in: ledger)
            let again = try await ledger.append([event], to: "a-1", signedBy: keys.intake)
            #expect(again[0].repeated)
            #expect(try await ledger.event(at: 1).entry.append == nil)
        }
    }

    @Test(arguments: Store.all)
    func `what a signer cannot sign is not recorded`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let absent = await refusal {
                try await ledger.append(
                    [note(of: Keys.intake)], to: "a-1", signedBy: AbsentSigner(publicKey: keys.intake.publicKey))
            }
            #expect(says(absent, .signingFailed, "nothing was recorded", "put it in"))
            let faulty = FaultySigner(key: keys.intake) { $0 + [0] }
            let wrong = await refusal { try await ledger.append([note(of: Keys.intake)], to: "a-1", signedBy: faulty) }
            #expect(says(wrong, .signingFailed, "not one of its key", "\(keys.intake.publicKey.id)"))
            let size = try await ledger.size()
            #expect(size == 3)
        }
    }

    @Test(arguments: Store.all)
    func `a wrong signature among many appends at once is refused alone`(_ store: Store) async throws {
        let keys = try Keys()
        try await store.withTrustedLedger(keys) { ledger in
            let faulty = FaultySigner(key: keys.intake) { $0.map { $0 ^ 1 } }
            let codes = await withTaskGroup(of: (Int, LedgerError.Code?).self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let event = note(of: Keys.intake, "\(number)")
                        let error = await refusal {
                            if number % 4 == 0 {
                                try await ledger.append([event], to: "a-1", signedBy: faulty)
                            } else {
                                try await ledger.append([event], to: "a-1", signedBy: keys.intake)
                            }
                        }
                        return (number, error?.code)
                    }
                }
                return await group.reduce(into: [Int: LedgerError.Code?]()) { $0[$1.0] = $1.1 }
            }
            for (number, code) in codes { #expect(code == (number % 4 == 0 ? .signingFailed : nil)) }
            let events = try await ledger.events(of: "a-1").collected()
            #expect(events.count == 45)
        }
    }

    @Test(arguments: Store.all)
    func `a copy has the signatures as they are`(_ store: Store) async throws {
        let folder = try Folder()
        let keys = try Keys()
        let ledger = try await store.make(folder.path("a"), [keys.authority.publicKey], LogOptions())
        try await keys.register(in: ledger)
        for _ in 0..<3 {
            try await ledger.append([note(of: Keys.intake), note(of: Keys.intake)], to: "a-1", signedBy: keys.intake)
        }
        try await ledger.backup(to: folder.path("copy"))
        let copy = try await store.open(folder.path("copy"), LogOptions())
        #expect(try await copy.events().collected() == ledger.events().collected())
        #expect(try await copy.event(at: 8).entry.append != nil)
        #expect(try await copy.keyHistory() == ledger.keyHistory())
        let error = await refusal { try await copy.append([note(of: Keys.intake)], to: "a-1") }
        #expect(error?.code == .signatureRequired)
        try await copy.append([note(of: Keys.intake)], to: "a-1", signedBy: keys.intake)
        await copy.close()
        await ledger.close()
    }
}
