import Digests
import EventLog
import Files
import Foundation
import Ledger
import Merkle
import Publishing
import Signing
import TestSupport
import Testing
import Transparency

@Suite struct PublisherTests {
    private let folder: TestFolder
    private let key: PrivateKey
    private let witnesses: FakeWitnesses

    init() throws {
        folder = try TestFolder()
        key = try PrivateKey.generate(.ed25519)
        witnesses = try FakeWitnesses(["anna", "ben", "carla"])
    }

    @discardableResult
    private func publish(
        _ ledger: Ledger, _ name: String = "tiles", needing threshold: Int? = nil, allowing: Bool = false
    ) async throws -> Publisher.Publication {
        var publisher = Publisher(ledger, into: folder.path(name), client: witnesses)
        publisher.policy = try threshold.map { try witnesses.policy(needing: $0) }
        publisher.allowsMissingWitnesses = allowing
        return try await publisher.publish(signedBy: key)
    }

    private func refusal(_ body: () async throws -> Publisher.Publication) async throws -> PublishingError {
        let error = await #expect(throws: PublishingError.self) { _ = try await body() }
        return try #require(error)
    }

    private func shown(_ name: String = "tiles") throws -> SignedCheckpoint? {
        try PublishedFolder(path: folder.path(name)).checkpoint()
    }

    private func makeLedger(_ name: String = "l", size: UInt64 = 300) async throws -> Ledger {
        try await PublishingTests.makeLedger(at: folder.path(name), size: size)
    }

    // MARK: - The folder

    @Test func `readers find a checkpoint that the log signed and the whole tree that it names`() async throws {
        let ledger = try await makeLedger()
        let first = try await publish(ledger)
        #expect(first.before == 0 && first.checkpoint.checkpoint.size == 300)
        try await grow(ledger, to: 1000)
        let second = try await publish(ledger)
        #expect(second.before == 300)
        let note = try NoteKey(name: KeyName("records.example.gov/tests"), publicKey: key.publicKey)
        try shown()?.verify(log: note)
        #expect(try shown() == second.checkpoint)
        let walker = TileWalker(folder: folder.path("tiles"))
        #expect(try walker.root(size: 1000) == second.checkpoint.checkpoint.root)
        #expect(try walker.root(size: 300) == first.checkpoint.checkpoint.root)
        #expect(try Files.Folder.names(in: folder.path("tiles")) == ["checkpoint", "tile"])
        let again = try await publish(ledger)
        #expect(again.before == 1000 && again.checkpoint == second.checkpoint)
        await ledger.close()
    }

    @Test func `a folder of another log, of other entries or ahead of the ledger is refused, and nothing is signed`()
        async throws
    {
        let ledger = try await makeLedger()
        let other = try await PublishingTests.makeLedger(
            at: folder.path("o"), size: 10, origin: "records.example.gov/other")
        let twin = try await makeLedger("t", size: 500)
        try await publish(other, "other")
        try await publish(twin, "twin")
        let mixed = try await refusal { try await publish(ledger, "other") }
        #expect(mixed.ledgerError?.code == .differsFromPublished)
        let ahead = try await refusal { try await publish(ledger, "twin") }
        #expect(ahead.ledgerError?.code == .behindPublished)
        try await grow(ledger, to: 600)
        let forked = try await refusal { try await publish(ledger, "twin") }
        #expect(forked.ledgerError?.code == .differsFromPublished)
        #expect(try CheckpointStore(ledger: ledger.path).published() == nil)
        #expect(try shown("twin")?.checkpoint.size == 500)
        for open in [ledger, other, twin] { await open.close() }
    }

    @Test func `a folder that holds the ledger is refused, and one inside the ledger is not`() async throws {
        let ledger = try await makeLedger()
        for name in ["", "l", "l/../l/."] {
            let error = try await refusal { try await publish(ledger, name) }
            #expect(error.code == .unsuitableFolder, "\(name)")
        }
        try await publish(ledger, "l/public")
        #expect(try TileWalker(folder: folder.path("l/public")).entries(size: 300).count == 300)
        await ledger.close()
    }

    @Test func `a ledger put back to an older copy is not published, whatever the folder has`() async throws {
        let ledger = try await makeLedger(size: 100)
        try await ledger.backup(to: folder.path("copy"))
        try await grow(ledger, to: 200)
        let last = try await publish(ledger)
        await ledger.close()
        let copy = try await Ledger.open(at: folder.path("copy"))
        let error = try await refusal { try await publish(copy) }
        #expect(error.ledgerError?.code == .behindPublished)
        try FileManager.default.copyItem(atPath: folder.path("l/published"), toPath: folder.path("copy/published"))
        let elsewhere = try await refusal { try await publish(copy, "fresh") }
        #expect(elsewhere.ledgerError?.code == .behindPublished)
        #expect(try shown() == last.checkpoint && shown("fresh") == nil)
        await copy.close()
    }

    // MARK: - Witnesses

    @Test func `the witnesses of the policy cosign, from what each knows, and readers see their lines`() async throws {
        let ledger = try await makeLedger()
        let first = try await publish(ledger, needing: 3)
        let policy = try witnesses.policy(needing: 3)
        let log = try NoteKey(name: KeyName("records.example.gov/tests"), publicKey: key.publicKey)
        #expect(first.isQuorumMet && first.witnesses.map(\.isCosigned) == [true, true, true])
        let shown = try #require(try shown())
        #expect(try policy.check(shown, alsoTrusting: [log]).isQuorumMet)
        #expect(shown.note.signatures.count == 4)
        #expect(try CheckpointStore(ledger: ledger.path).checkpoint(300) == shown)
        try await grow(ledger, to: 400)
        let second = try await publish(ledger, needing: 3)
        #expect(second.isQuorumMet)
        for name in witnesses.names {
            #expect(witnesses.requests(name).map(\.old) == [0, 300], "the size that it knows is not asked for")
        }
        _ = try await publish(ledger, needing: 3)
        #expect(witnesses.requests("anna").count == 2, "who has cosigned is not asked again")
        await ledger.close()
    }

    @Test func `a witness that knows another size than the ledger remembers is asked once more`() async throws {
        let ledger = try await makeLedger()
        try await publish(ledger, needing: 3)
        try FileManager.default.removeItem(atPath: folder.path("l/checkpoints"))
        try await grow(ledger, to: 400)
        let publication = try await publish(ledger, needing: 3)
        #expect(publication.isQuorumMet)
        #expect(witnesses.requests("ben").map(\.old) == [0, 0, 300])
        await ledger.close()
    }

    static let troubles: [(FakeWitnesses.Mood, String)] = [
        (.down, "connection refused"), (.forgetsLog, "does not know the log records.example.gov/tests (404"),
        (.refusesKey, "403"), (.hasSeen(5000), "seen a tree of 5000 entries, more than the 300"),
        (.fickle, "and then another size"), (.signsWrongly, "does not hold"), (.saysInconsistent, "a fork?"),
        (.signsWithOtherKey, "its cosignature does not hold"), (.talksNonsense, "its answer is none"),
        (.serverError, "503"),
    ]

    @Test(arguments: troubles.indices)
    func `without the quorum the folder stays as it is, and it is said who is missing and why`(_ number: Int)
        async throws
    {
        let (mood, words) = PublisherTests.troubles[number]
        let ledger = try await makeLedger(size: 200)
        try await publish(ledger, needing: 3)
        let before = try #require(try shown())
        try await grow(ledger, to: 300)
        witnesses.setMood("ben", mood)
        let files = folder.files(below: "tiles")
        let error = try await refusal { try await publish(ledger, needing: 3) }
        #expect(error.code == .quorumNotMet)
        #expect(error.reason.contains("ben did not cosign: ") && error.reason.contains(words), "\(error.reason)")
        #expect(!error.reason.contains("anna did not"))
        #expect(try shown() == before && folder.files(below: "tiles") == files)
        // Two of three are enough for another policy; what the two have answered is kept.
        let asked = witnesses.requests("anna").count
        let two = try await publish(ledger, needing: 2)
        #expect(two.isQuorumMet && two.witnesses.map(\.isCosigned) == [true, false, true])
        #expect(witnesses.requests("anna").count == asked)
        witnesses.setMood("ben", .sound)
        let three = try await publish(ledger, needing: 3)
        #expect(three.isQuorumMet && three.before == 300)
        #expect(try shown()?.note.signatures.count == 4, "the late cosignature is published, too")
        await ledger.close()
    }

    @Test func `missing witnesses are passed over only when that was asked for`() async throws {
        let ledger = try await makeLedger()
        witnesses.setMood("carla", .down)
        let publication = try await publish(ledger, needing: 3, allowing: true)
        #expect(!publication.isQuorumMet && publication.witnesses.count(where: \.isCosigned) == 2)
        #expect(try shown()?.note.signatures.count == 3)
        await ledger.close()
    }

    @Test func `a witness without an address in the policy counts as missing`() async throws {
        let ledger = try await makeLedger()
        let text = try String(decoding: witnesses.policy(needing: 3).bytes, as: UTF8.self)
            .replacing(" https://ben.example.org/w", with: "")
        var publisher = Publisher(ledger, into: folder.path("tiles"), client: witnesses)
        publisher.policy = try TrustPolicy(text)
        let error = await #expect(throws: PublishingError.self) { _ = try await publisher.publish(signedBy: key) }
        #expect(error?.reason.contains("ben did not cosign: the policy states no address") == true)
        await ledger.close()
    }
}
