import ArchiveFormat
import Archiving
import Auditing
import Foundation
import Ledger
import Publishing
import Signing
import Testing
import Transparency

/// A ledger whose checkpoints are of 300 and 520 entries, its archives of both, and what a run is to start from.
struct ArchiveScene {
    /// What an archiving finds in its folder.
    enum Start: String, CaseIterable, Sendable {
        case nothing
        case older = "an older archive"
        case begun = "the drafts of a run that was killed"
        case decided = "an update that was decided and not put in place"
    }

    let folder: Folder
    let start: Start
    let policy: TrustPolicy
    let fresh: [String: [UInt8]]
    let older: [String: [UInt8]]

    init(_ start: Start) async throws {
        self.start = start
        folder = try Folder()
        let ledger = try await Ledger.open(at: try await folder.makeLedger())
        let key = try PrivateKey.generate(.ed25519)
        try await ArchiveScene.grow(ledger, to: 300, key)
        _ = try await ArchiveWriter(folder: folder.path("older")).update(from: ledger)
        try await ArchiveScene.grow(ledger, to: 520, key)
        _ = try await ArchiveWriter(folder: folder.path("fresh")).update(from: ledger)
        policy = try TrustPolicy(
            "log \(NoteKey(name: KeyName("records.example.gov/tests"), publicKey: key.publicKey).vkey)\nquorum none\n"
        )
        (fresh, older) = (try folder.content(below: "fresh"), try folder.content(below: "older"))
        if start != .nothing { try folder.copy("older", to: "start") }
        if start == .begun || start == .decided { try await ArchiveScene.interrupt(start, ledger, folder) }
        await ledger.close()
    }

    private static func grow(_ ledger: Ledger, to size: UInt64, _ key: PrivateKey) async throws {
        let count = size - (try await ledger.size()) - 1
        let document = try await ledger.store(content: Array("the document of \(size) entries".utf8)).name
        let named = Event(type: "document.filed", source: "urn:t", payload: .json(#"{"content":"\#(document)"}"#))
        let notes = (0..<count).map { Event(type: "note.made", source: "urn:t", payload: .json("{\"n\":\($0)}")) }
        let events = [named] + notes
        try await ledger.append(events, to: "note-1")
        let origin = ledger.genesis.origin
        _ = try await ledger.blocking { log throws(PublishingError) in
            try CheckpointStore(ledger: log.path).sign(log, by: key, of: origin)
        }
    }

    /// Leaves in `start` what a run does that ends before it decides, or before it moves the first file.
    private static func interrupt(_ start: Start, _ ledger: Ledger, _ folder: Folder) async throws {
        var writer = ArchiveWriter(folder: folder.path("start"))
        writer.beforeChange = { what throws(ArchivingError) in
            if start == .begun ? what == "deciding" : what.hasPrefix("moving") {
                throw ArchivingError(.file, "killed")
            }
        }
        let error = await #expect(throws: ArchivingError.self) { try await writer.update(from: ledger) }
        #expect(error?.reason == "killed")
        #expect(folder.exists("start/incoming/tagmanifest-sha256.txt") == (start == .decided))
    }

    /// Runs a worker in `mode` from `from` to `to`; a run that ends well has said so.
    func run(_ mode: String, _ words: [String], _ variables: [String: String] = [:]) async throws -> Int32? {
        try await Child(mode, words, environment: variables, folder: folder).end()
    }

    var archiving: [String] { ["dir=\(folder.path("ledger"))", "to=\(folder.path("try"))"] }

    /// An archive is whole, and then one of the two, or it is refused by whoever reads it.
    func checkArchive(_ note: String, ended status: Int32?) throws {
        var found = try folder.content(below: "try")
        if status == 0 { #expect(found == fresh, "\(note): a run that ended well left something else") }
        let isUnfinished = found.keys.contains { $0.hasPrefix("incoming/") }
        found = found.filter { !$0.key.hasPrefix("incoming/") }
        if !isUnfinished, found == fresh || found == older { return }
        guard ArchiveReader.isArchive(folder.path("try")), found != older, found != fresh else { return }
        let report = try? Auditor(folder: folder.path("try"), policy: policy).run()
        #expect(report?.verdict != .intact, "\(note): the verifier finds nothing wrong with a half of an update")
    }
}
