import Digests
import EventFormat
import Foundation
import Keyring
import Merkle
import Signing
import Transparency

/// An agency with a ledger, its keys, and three witnesses of which two are needed.
struct Agency {
    var history: History
    let authority: PrivateKey
    let log: PrivateKey
    let intake: PrivateKey
    let archive: PrivateKey
    let witnesses: [Cosigner]
    let policy: TrustPolicy

    /// A ledger of `size` entries: records of five entries each, the odd ones by a source that signs.
    init(size: Int = 600) throws {
        authority = try PrivateKey.generate(.ed25519)
        log = try PrivateKey.generate(.ed25519)
        intake = try PrivateKey.generate(.ed25519)
        archive = try PrivateKey.generate(.ecdsaP256)
        history = try History(authorities: [authority])
        let origin = try KeyName(history.origin.text)
        witnesses = try (1...3).map { number in
            try Cosigner(name: KeyName("witness-\(number).example.org"), signer: PrivateKey.generate(.ed25519))
        }
        var text = "log \(try NoteKey(name: origin, publicKey: log.publicKey).vkey)\n"
        for (number, witness) in witnesses.enumerated() { text += "witness w\(number + 1) \(witness.key.vkey)\n" }
        policy = try TrustPolicy(text + "group two 2 w1 w2 w3\nquorum two\n")
        try history.record(
            [
                .keyIntroduced(log.publicKey, role: .log),
                .sourceRegistered(try SourceName("/intake"), name: "Intake", keys: [intake.publicKey]),
                .keyIntroduced(archive.publicKey, role: .source(try SourceName("/archive"))),
                .policyAdopted(LedgerPolicy(allowsUnsigned: true, types: [try TypePattern("decision.*"): .signed])),
            ], signedBy: authority)
        while history.entries.count < size {
            let number = history.entries.count
            let stream = try StreamName("application-\(number / 5)")
            let isSigned = number / 5 % 2 == 1
            let source = isSigned ? (number / 5 % 4 == 1 ? "/intake" : "/archive") : "/counter"
            let events = (0..<min(5, size - number)).map { place in
                history.event(place == 0 ? "application.received" : "document.added", source: source)
            }
            let key = source == "/intake" ? intake : archive
            try history.record(events, to: stream, signedBy: isSigned ? key : nil)
        }
    }

    /// The stream of a record.
    func stream(_ number: Int) throws -> StreamName { try StreamName("application-\(number)") }

    /// A checkpoint over the first `size` entries of `history`, or of another one, signed by the log and the witnesses
    /// named.
    func checkpoint(
        _ size: Int? = nil, of other: History? = nil, by signer: PrivateKey? = nil, witnesses numbers: [Int] = [0, 1]
    ) throws -> SignedCheckpoint {
        let history = other ?? history
        let size = size ?? history.entries.count
        let checkpoint = Checkpoint(
            origin: history.origin, size: TreeSize(UInt64(size)), root: history.root(size))
        let signed = try checkpoint.signed(by: signer ?? log)
        let lines = try numbers.map { try witnesses[$0].cosign(signed, at: 1_767_300_000) }
        return try SignedCheckpoint(signed.note.adding(lines))
    }

    /// Writes the archive of `history`, or of another one, that ends on `checkpoints`, or on one of its own.
    func write(
        _ name: String, in folder: Scratch, of other: History? = nil, _ checkpoints: [SignedCheckpoint]? = nil,
        _ change: (inout ArchiveForge) -> Void = { _ in }
    ) throws -> String {
        let path = folder.path(name)
        var forge = try ArchiveForge(other ?? history, try checkpoints ?? [checkpoint(of: other)])
        change(&forge)
        try forge.write(to: path)
        return path
    }
}

/// A folder that goes with the test.
final class Scratch {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "trust-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { "\(path)/\(name)" }
}
