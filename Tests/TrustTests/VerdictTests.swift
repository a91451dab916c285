import ArchiveFormat
import Auditing
import Digests
import EventFormat
import Foundation
import Keyring
import Signing
import Testing
import Transparency

/// The rules of docs/verdicts.md at which two verifiers could part: which index a finding names, and when none does.
@Suite struct VerdictTests {
    private let folder: Scratch
    private let agency: Agency

    init() throws {
        folder = try Scratch()
        agency = try Agency(size: 300)
    }

    private func write(_ change: (inout ArchiveForge) -> Void = { _ in }) throws -> String {
        try agency.write("archive", in: folder, [agency.checkpoint(100), agency.checkpoint()], change)
    }

    private func damage(_ number: Int, _ forge: inout ArchiveForge) {
        forge.bundles[number][forge.bundles[number].count - 8] ^= 1
    }

    private func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    /// Replaces a file or folder by a symbolic link to it.
    private func link(_ path: String) throws {
        let moved = folder.path("moved-\(UUID().uuidString)")
        try FileManager.default.moveItem(atPath: path, toPath: moved)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: moved)
    }

    private func lines(_ path: String, _ change: (inout [String]) -> Void) throws {
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        change(&lines)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
    }

    @Test func `an unsigned event in the name of a source whose only key was revoked is unsigned`() throws {
        var agency = agency
        let id = agency.archive.publicKey.id
        try agency.history.record([.keyRevoked(id, reason: "lost", compromisedSince: nil)], signedBy: agency.authority)
        let forged = agency.history.entries.count
        let event = agency.history.event(source: "/archive")
        try agency.history.record([event], to: try agency.stream(3))
        let path = try agency.write("archive", in: folder)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.unsigned) == [UInt64(forged)] && report.verdict == .unsigned, "\(report.text)")
    }

    @Test func `entries in front of a damaged one that may carry their signature are unverifiable, not unsigned`()
        throws
    {
        // 25–29 are one signed append, whose last entry carries the signature.
        #expect(agency.history.entries[29].append != nil)
        let path = try write { damage(29, &$0) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.unverifiable) == [25, 26, 27, 28], "\(report.text)")
        #expect(report.indexes(.unsigned).isEmpty)
        #expect(report.indexes(.altered) == [29])
    }

    @Test func `entries that a signature covers together with a damaged one are unverifiable`() throws {
        let path = try write { damage(27, &$0) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.unverifiable) == [25, 26, 28, 29], "\(report.text)")
    }

    @Test func `behind a damaged entry what lacks its signature is unsigned as ever`() throws {
        var history = agency.history
        let forged = history.event("application.withdrawn", source: "/intake")
        try history.record([forged], to: try agency.stream(50))
        let path = try agency.write("forged", in: folder, of: history) { damage(295, &$0) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.unsigned) == [300], "\(report.text)")
    }

    @Test func `a damaged end of an append of trust events takes the keys with it, and accuses nobody`() throws {
        // 1–4 are one append of the authority.
        let path = try write { damage(4, &$0) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.unverifiable) == [1, 2, 3], "\(report.text)")
        #expect(report.places.contains("signatures: unverifiable"))
        #expect(report.indexes(.altered) == [4])
    }

    @Test func `without entry 0 no keys are known, and no later event is accused`() throws {
        let path = try write { damage(0, &$0) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.places.contains("signatures: unverifiable"), "\(report.text)")
        #expect(Set(report.records.flatMap(\.findings).map(\.index)) == [0])
    }

    @Test func `records of which only the whole is in doubt are listed, without findings`() throws {
        var history = agency.history
        history.entries[200].occurred = .epoch
        history.relink()
        let path = try agency.write("forked", in: folder, of: history, [agency.checkpoint(100), agency.checkpoint()])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == .forked, "\(report.text)")
        #expect(report.records.contains { $0.stream == "application-59" && $0.findings.isEmpty })
        #expect(!report.records.contains { $0.stream == "application-10" })
    }

    @Test func `the greatest checkpoint that the manifest names is the size, however little is there`() throws {
        let path = try write()
        let large = "data/checkpoints/00000000000000000700.checkpoint"
        let manifest = "\(path)/manifest-sha256.txt"
        try lines(manifest) { $0.insert("\(String(repeating: "0", count: 64))  \(large)", at: $0.count / 2) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.size == 700, "\(report.text)")
        #expect(report.places.isSuperset(of: ["manifest-sha256.txt: altered", "\(large): missing"]))
    }

    @Test func `a size that is a lie does not keep anybody busy`() throws {
        let path = try write()
        let manifest = "\(path)/manifest-sha256.txt"
        try lines(manifest) {
            $0.append("\(String(repeating: "0", count: 64))  data/checkpoints/09000000000000000000.checkpoint")
        }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.size == 9_000_000_000_000_000_000)
        #expect(report.places.contains("data/tile/entries: missing"), "\(report.text)")
    }

    @Test func `a manifest that is cut or gone is a finding, and everything else is checked`() throws {
        let path = try write { damage(29, &$0) }
        let manifest = "\(path)/manifest-sha256.txt"
        try lines(manifest) { $0 = Array($0.prefix(1)) }
        let cut = try BothVerifiers.agree(path, agency.policy)
        #expect(cut.size == 300)
        #expect(cut.places.contains("manifest-sha256.txt: altered"))
        try remove(manifest)
        let gone = try BothVerifiers.agree(path, agency.policy)
        #expect(gone.size == 300)
        #expect(gone.places.contains("manifest-sha256.txt: missing"))
        #expect(cut.indexes(.altered) == [29] && gone.indexes(.altered) == [29])
    }

    @Test func `lines of the manifest out of order are one finding, and Payload-Oxum says nothing more`() throws {
        let path = try write()
        try lines("\(path)/manifest-sha256.txt") { $0.swapAt(3, 4) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.places == ["manifest-sha256.txt: altered"], "\(report.text)")
    }

    @Test func `a Payload-Oxum that is wrong is found when all files are as they should be`() throws {
        let path = try write()
        let info = "\(path)/bag-info.txt"
        try lines(info) { $0[1] = "Payload-Oxum: 1.2" }
        let digest = SHA256.hash([UInt8](try Data(contentsOf: URL(filePath: info))).span)
        try lines("\(path)/tagmanifest-sha256.txt") { $0[1] = "\(digest.hex)  bag-info.txt" }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.places == ["bag-info.txt: altered"], "\(report.text)")
        #expect(report.findings.contains { $0.reason.contains("Payload-Oxum") })
    }

    @Test func `without bagit.txt the archive is still verified`() throws {
        let path = try write()
        try remove("\(path)/bagit.txt")
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.places == ["bagit.txt: missing"], "\(report.text)")
        #expect(report.entryCounts[.intact] == 300)
    }

    @Test func `where no checkpoint is named or found there is nothing to verify`() throws {
        let path = try write()
        try remove("\(path)/manifest-sha256.txt")
        try remove("\(path)/data/checkpoints")
        try BothVerifiers.refuse(path, agency.policy)
    }

    @Test(arguments: ["data", "data/tile", "data/tile/entries/000", "data/checkpoints", "bag-info.txt", "bagit.txt"])
    func `what is behind a symbolic link is not read`(_ name: String) throws {
        let path = try write()
        try link("\(path)/\(name)")
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.places.contains("\(name): altered"), "\(report.text)")
    }

    @Test func `an archive without data is one of which everything is missing`() throws {
        let path = try write()
        try remove("\(path)/data")
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.size == 300)
        #expect(report.places.contains("data: missing"))
        #expect(report.entryCounts[.missing] == 300, "\(report.text)")
    }

    @Test(arguments: [(1024, true), (1025, false)])
    func `a line of a manifest has at most 1,024 bytes with its end`(_ length: Int, _ isAllowed: Bool) throws {
        let path = try write()
        let name = String(repeating: "n", count: 250)
        let tail = length - 64 - 2 - 1 - 3 * 251
        let file = "\(name)/\(name)/\(name)/" + String(repeating: "f", count: tail)
        let url = URL(filePath: "\(path)/\(file)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("x".utf8).write(to: url)
        try lines("\(path)/tagmanifest-sha256.txt") { $0.append("\(SHA256.hash(Array("x".utf8).span).hex)  \(file)") }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.places == (isAllowed ? [] : ["tagmanifest-sha256.txt: altered"]), "\(report.text)")
    }

    @Test func `an earlier checkpoint that no log key of the ledger signed is unverifiable`() throws {
        let thief = try PrivateKey.generate(.ed25519)
        let path = try agency.write(
            "thief", in: folder, [agency.checkpoint(100, by: thief), agency.checkpoint()])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(
            report.places == ["data/checkpoints/00000000000000000100.checkpoint: unverifiable"], "\(report.text)")
    }

    @Test func `an earlier checkpoint by a log key that was rotated since is right, though no policy names it`() throws
    {
        let log = try PrivateKey.generate(.ed25519)
        var history = agency.history
        try history.record([.keyRotated(old: agency.log.publicKey.id, new: log.publicKey)], signedBy: agency.authority)
        let vkey = try NoteKey(name: KeyName(history.origin.text), publicKey: log.publicKey).vkey
        let policy = try TrustPolicy("log \(vkey)\nquorum none\n")
        let path = try agency.write(
            "rotated", in: folder, of: history,
            [agency.checkpoint(100, witnesses: []), agency.checkpoint(of: history, by: log, witnesses: [])])
        let report = try BothVerifiers.agree(path, policy)
        #expect(report.verdict == .intact, "\(report.text)")
    }

    @Test func `what a key signed since it was compromised is told, and changes no verdict`() throws {
        var history = agency.history
        let since = history.entries[250].recorded
        try history.record(
            [.keyRevoked(agency.intake.publicKey.id, reason: "stolen", compromisedSince: since)],
            signedBy: agency.authority)
        let path = try agency.write("doubt", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == .intact, "\(report.text)")
        let doubt = try #require(report.doubts.first)
        #expect(report.doubts.count == 1 && doubt.key == agency.intake.publicKey.id && doubt.event == 300)
        let signed = history.entries.indices.filter {
            history.entries[$0].source == "/intake" && history.entries[$0].recorded >= since
        }
        #expect(doubt.first == EntryIndex(UInt64(signed[0])) && doubt.entries == UInt64(signed.count))
        #expect(report.text.contains("somebody else may have signed them"))
    }

    @Test func `a removal that names one of the ledger's own events has no effect on any entry`() throws {
        var history = agency.history
        let removal = try PayloadRemoval(entries: [2, 33], authority: "order 2031/4", schedule: nil)
        try history.record([.payloadRemoved(removal)], signedBy: agency.authority)
        history.removed = [33]
        let path = try agency.write("own", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.altered) == [300] && report.indexes(.missing) == [33], "\(report.text)")
    }
}
