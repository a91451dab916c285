import Digests
import EventFormat
import EventLog
import Keyring
import Ledger
import Signing
import Testing
import Verifying

/// Signatures and the policy are checked against the keys in force at each entry, also when whoever altered the ledger
/// has made all hashes agree again.
@Suite struct SignatureTests {
    private static let intake = "https://permits.example.gov/intake"

    private struct Scene: Sendable {
        let (authority, intake, other): (PrivateKey, PrivateKey, PrivateKey)
        let identity: Digest
        let store: Store
    }

    private static func note(_ number: Int, of source: String = intake) -> Event {
        Event(type: "note.made", source: source, payload: .json("{\"number\":\(number)}"))
    }

    /// A ledger with a source and its key at 1; what `body` records follows.
    private static func scene(_ body: (Ledger, Keys) async throws -> Void) async throws -> Scene {
        let folder = try Folder()
        let keys = Keys(authority: try .generate(), intake: try .generate(), other: try .generate())
        let path = folder.place()
        let ledger = try await Ledger.create(
            at: path, origin: Origin("records.example.gov/tests"), authorities: [keys.authority.publicKey])
        try await ledger.record(
            .sourceRegistered(SourceName(intake), name: nil, keys: [keys.intake.publicKey]), signedBy: keys.authority)
        try await body(ledger, keys)
        let identity = ledger.identity
        await ledger.close()
        guard let store = Store(reading: "\(path)/data.mdb") else { throw Unreadable() }
        return Scene(
            authority: keys.authority, intake: keys.intake, other: keys.other, identity: identity, store: store)
    }

    private struct Keys { let authority, intake, other: PrivateKey }
    private struct Unreadable: Error {}

    /// Entries 2 to 4 are a signed append, 5 is unsigned, 6 a revocation, 7 unsigned.
    private static func usual() async throws -> Scene {
        try await scene { ledger, keys in
            try await ledger.append((2...4).map { note($0) }, to: "a-1", signedBy: keys.intake)
            try await ledger.append([note(5, of: "urn:other")], to: "b-1")
            try await ledger.record(
                .keyRevoked(keys.intake.publicKey.id, reason: "lost", compromisedSince: nil), signedBy: keys.authority)
            try await ledger.append([note(7, of: "urn:other")], to: "a-1")
        }
    }

    /// Signs entries of the store as they are now, and puts the signature on the last.
    private func sign(_ store: inout Store, _ entries: ClosedRange<UInt64>, by key: PrivateKey, _ identity: Digest)
        throws
    {
        let digests = try entries.map { index in
            let bytes = try store.entry(index).encoded()
            return try EntryLayout(bytes.span).sourceDigest(in: bytes.span)
        }
        let signature = try AppendMessage.sign(identity: identity, digests: digests, with: key)
        try store.alter(entries.upperBound) { $0.append = signature }
    }

    /// The remarks on keys.
    private func keyRemarks(_ report: VerificationReport) -> [String] {
        report.remarks.filter { $0.contains(" key ") }
    }

    @Test func `right signatures and what needs none are intact, and counted`() async throws {
        let report = try await SignatureTests.usual().store.verified()
        #expect(report.verdict == .intact, "\(report.findings)")
        #expect(report.signatures == 3 && report.signedEntries == 5 && keyRemarks(report) == [])
    }

    @Test func `every altered byte of a signature is found`() async throws {
        let store = try await SignatureTests.usual().store
        var checked = 0
        for (isKey, count) in [(true, 32), (false, 64)] {
            for offset in 0..<count {
                var forged = store
                try forged.alter(4) { entry in
                    if isKey { entry.append?.keyID[offset] ^= 1 } else { entry.append?.signature[offset] ^= 1 }
                }
                try forged.relink()
                let report = try forged.verified()
                #expect(report.has(.signature, at: 2), "byte \(offset) of the \(isKey ? "key id" : "signature")")
                checked += 1
            }
        }
        #expect(checked == 96)
    }

    @Test(arguments: [1, 2, 4, 5, 10_001, .max] as [UInt64])
    func `another number of entries is found`(_ count: UInt64) async throws {
        var forged = try await SignatureTests.usual().store
        try forged.alter(4) { $0.append?.count = count }
        try forged.relink()
        #expect(try forged.verified().findings.contains { $0.kind == .signature })
    }

    @Test func `an altered, replaced or moved event of a signed append is found`() async throws {
        let store = try await SignatureTests.usual().store
        let alterations: [(inout Entry) -> Void] = [
            { $0.type = "note.unmade" }, { $0.occurred = .epoch }, { $0.schema = "urn:s" }, { $0.correlation = $0.id },
            { $0.payload?.mediaType = "text/plain" },
        ]
        for (number, alter) in alterations.enumerated() {
            var forged = store
            try forged.alter(3, alter)
            try forged.relink()
            #expect(try forged.verified().has(.signature, at: 2), "alteration \(number)")
        }
        var forged = store
        try forged.alter(4) { $0.append = nil }
        try forged.relink()
        #expect(try forged.verified().has(.unsigned, at: 2))
    }

    @Test func `what the operator signs in a source's name is found`() async throws {
        let scene = try await SignatureTests.usual()
        for key in [scene.other, scene.authority] {
            var forged = scene.store
            try forged.alter(3) { $0.type = "note.forged" }
            try sign(&forged, 2...4, by: key, scene.identity)
            try forged.relink()
            #expect(try forged.verified().has(.signature, at: 2))
        }
    }

    @Test func `a key signs nothing after its end and nothing before its beginning`() async throws {
        let scene = try await SignatureTests.usual()
        var forged = scene.store
        try sign(&forged, 7...7, by: scene.intake, scene.identity)
        try forged.relink()
        let late = try forged.verified()
        #expect(late.has(.signature, at: 7) && late.findings.count == 1, "\(late.findings)")
        #expect(late.findings[0].detail.contains("entry 6"))

        let early = try await SignatureTests.scene { ledger, keys in
            try await ledger.append([SignatureTests.note(2, of: "urn:late")], to: "a-1")
            let event = TrustEvent.sourceRegistered(try SourceName("urn:late"), name: nil, keys: [keys.other.publicKey])
            try await ledger.record(event, signedBy: keys.authority)
        }
        forged = early.store
        try sign(&forged, 2...2, by: early.other, early.identity)
        try forged.relink()
        #expect(try forged.verified().has(.signature, at: 2))
    }

    @Test func `a signature for another ledger is found`() async throws {
        let scene = try await SignatureTests.usual()
        var forged = scene.store
        try sign(&forged, 2...4, by: scene.intake, .zero)
        try forged.relink()
        #expect(try forged.verified().has(.signature, at: 2))
    }

    @Test func `an event about keys that no authority has signed has no effect and is found`() async throws {
        let scene = try await SignatureTests.usual()
        var forged = scene.store
        // The registration names the operator's key instead of the source's.
        let event = TrustEvent.sourceRegistered(
            try SourceName(SignatureTests.intake), name: nil, keys: [scene.other.publicKey])
        let envelope = Array(forged[1].envelope.prefix(16)) + event.payload
        forged[1].envelope = envelope
        try forged.alter(1) { entry in
            entry.payload?.size = UInt64(envelope.count)
            entry.payload?.digest = Envelope.digest(envelope.span)
        }
        try sign(&forged, 2...4, by: scene.other, scene.identity)
        try forged.relink()
        let report = try forged.verified()
        #expect(report.has(.key, at: 1) && report.findings.contains { $0.kind == .signature }, "\(report.findings)")
        try sign(&forged, 1...1, by: scene.other, scene.identity)
        try forged.relink()
        #expect(try forged.verified().has(.key, at: 1))
    }

    @Test func `a missing payload of an event about keys leaves signatures unchecked, which is said`() async throws {
        var damaged = try await SignatureTests.usual().store
        damaged[1].envelope[20] ^= 1
        let report = try damaged.verified()
        #expect(report.has(.payload, at: 1) && report.has(.signature, at: 2), "\(report.findings)")
        #expect(report.findings.contains { $0.detail.contains("cannot be checked") })
    }

    @Test(arguments: [#""none""#, #"[{"algorithm":"ed25519"}]"#, #"[{"algorithm":"ed25519","key":"AAAA"}]"#, "7"])
    func `keys of the first entry that cannot be read are found, also when nothing follows about keys`(
        _ keys: String
    ) throws {
        let folder = try Folder()
        let genesis = Genesis(origin: try Origin("records.example.gov/tests"))
        let text =
            #"{"origin":"\#(genesis.origin.text)","incarnation":"\#(genesis.incarnation)","formatVersion":1,"keys":\#(keys)}"#
        let event = Event(
            id: genesis.incarnation, type: Genesis.type, source: genesis.origin.text, payload: .json(text))
        try EventLog.create(at: folder.place(), genesis: event).close()
        let report = try verify(folder.place())
        #expect(report.verdict == .altered)
        #expect(report.findings.map(\.kind) == [.key] && report.has(.key, at: 0), "\(report.findings)")
    }

    @Test func `a signature in a ledger without keys is found`() async throws {
        let folder = try Folder()
        try withNewLog(at: folder.place()) { log in
            try log.append([(stream: "a-1", event: SignatureTests.note(1))])
        }
        var forged = try #require(Store(reading: "\(folder.place())/data.mdb"))
        try sign(&forged, 1...1, by: .generate(), .zero)
        try forged.relink()
        #expect(try forged.verified().findings.map(\.kind) == [.signature])
    }

    @Test func `right signatures of a key that was perhaps in other hands are remarked on`() async throws {
        let scene = try await SignatureTests.scene { ledger, keys in
            try await ledger.append([SignatureTests.note(2)], to: "a-1", signedBy: keys.intake)
            let since = try await ledger.append([SignatureTests.note(3, of: "urn:other")], to: "b-1")[0].index
            let moment = try await ledger.event(at: since).recorded
            for number in 4...6 {
                try await ledger.append([SignatureTests.note(number)], to: "a-1", signedBy: keys.intake)
            }
            try await ledger.record(
                .keyRevoked(keys.intake.publicKey.id, reason: "stolen", compromisedSince: moment),
                signedBy: keys.authority)
        }
        let report = try scene.store.verified()
        let remarks = keyRemarks(report)
        #expect(report.verdict == .intact && remarks.count == 1)
        #expect(remarks.first?.contains("3 entries, the first of them entry 4") == true, "\(remarks)")
        #expect(remarks.first?.contains("stolen") == true)
    }

    @Test(arguments: [1, 2, 8])
    func `appends that cross the parts that threads check are checked`(_ workers: Int) async throws {
        let scene = try await SignatureTests.scene { ledger, keys in
            for size in [3000, 10_000, 1, 4000] {
                let events = (0..<size).map { SignatureTests.note($0) }
                try await ledger.append(events, to: "a-1", signedBy: keys.intake)
            }
        }
        func verify(_ store: Store) throws -> VerificationReport {
            let folder = try Folder()
            try store.write(to: folder.path)
            return try Verifier(directory: folder.path, workerCount: workers).run()
        }
        let report = try verify(scene.store)
        #expect(report.verdict == .intact && report.signatures == 5 && report.signedEntries == 17_002)
        var forged = scene.store
        try forged.alter(7000) { $0.type = "note.unmade" }
        try forged.relink()
        #expect(try verify(forged).findings.map(\.kind) == [.signature])
        #expect(try verify(forged).has(.signature, at: 3002))
    }
}
