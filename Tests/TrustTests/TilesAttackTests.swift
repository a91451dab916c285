import Auditing
import Digests
import EventFormat
import Foundation
import JSON
import Merkle
import Signing
import Testing
import Transparency

/// A published tree of tiles, and what the verifier says of one that was tampered with.
@Suite struct TilesAttackTests {
    private let folder: Scratch
    private let agency: Agency

    init() throws {
        folder = try Scratch()
        agency = try Agency()
    }

    /// The tree of tiles of the agency's history: what an archive has below data/, without payloads.
    private func tiles(
        _ name: String, _ checkpoint: SignedCheckpoint? = nil, _ change: (inout ArchiveForge) -> Void = { _ in }
    ) throws -> String {
        let archive = try agency.write("\(name)-archive", in: folder, nil, change)
        let path = folder.path(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(archive)/data/tile", toPath: "\(path)/tile")
        let bytes = try (checkpoint ?? agency.checkpoint()).bytes
        try Data(bytes).write(to: URL(filePath: "\(path)/checkpoint"))
        return path
    }

    private func audit(_ path: String) throws -> AuditReport { try BothVerifiers.audit(path, agency.policy) }

    @Test func `a sound tree is intact, and says that payloads and signatures were not checked`() throws {
        let report = try audit(tiles("sound"))
        #expect(report.verdict == .intact, "\(report.text)")
        #expect(report.kind == "tiles")
        #expect(report.notChecked.contains { $0.contains("payloads") })
        #expect(report.notChecked.contains { $0.contains("signatures") })
    }

    @Test func `an altered entry is named`() throws {
        let report = try audit(tiles("altered") { $0.bundles[300][90] ^= 1 })
        #expect(report.records.flatMap(\.findings).map(\.index) == [300])
        #expect(!report.verdict.isSound)
    }

    @Test func `a bundle that is not there leaves its entries missing and the others intact`() throws {
        let path = try tiles("missing")
        try FileManager.default.removeItem(atPath: "\(path)/tile/entries/001")
        let report = try audit(path)
        #expect(report.entryCounts[.missing] == 256, "\(report.text)")
        #expect(report.findings.contains { $0.place == "tile/entries/001" && $0.verdict == .missing })
        #expect(report.entryCounts[.intact] == 600 - 256)
    }

    @Test(arguments: [
        ("folder", "tile/0/000", Verdict.altered), ("long", "tile/entries/001", .altered),
        ("link", "tile/0/001", .intact),
    ])
    func `a file that cannot be what it should be is named, and everything else is judged`(
        _ kind: String, _ file: String, _ verdict: Verdict
    ) throws {
        let path = try tiles("unfit")
        let (files, place) = (FileManager.default, "\(path)/\(file)")
        switch kind {
        case "folder":
            try files.removeItem(atPath: place)
            try files.createDirectory(atPath: place, withIntermediateDirectories: false)
        case "long":
            let handle = try #require(FileHandle(forWritingAtPath: place))
            try handle.truncate(atOffset: 1 << 30)
        default:
            try files.moveItem(atPath: place, toPath: "\(path)/moved")
            try files.createSymbolicLink(atPath: place, withDestinationPath: "\(path)/moved")
        }
        let report = try audit(path)
        let found = report.findings.filter { $0.place == file }.map(\.verdict)
        #expect(found == (verdict == .intact ? [] : [verdict]), "\(report.text)")
        #expect(report.entryCounts[.intact] ?? 0 >= 600 - 256)
    }

    @Test(arguments: ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"])
    func `a tile that does not hold the hashes of the entries is named, and no entry is blamed`(_ tile: String) throws {
        let path = try tiles("tile")
        let url = URL(filePath: "\(path)/\(tile)")
        var bytes = try Data(contentsOf: url)
        bytes[17] ^= 4
        try bytes.write(to: url)
        let report = try audit(path)
        #expect(report.findings.map(\.place) == [tile], "\(report.text)")
        #expect(report.records.isEmpty)
        #expect(!report.verdict.isSound)
    }

    @Test func `where partial tiles were dropped the full ones serve`() throws {
        let small = try agency.checkpoint(500)
        let path = try tiles("grown", small)
        // A partial tile stays until the full one is there.
        let url = URL(filePath: "\(path)/tile/1/000.p/2")
        try Data(contentsOf: url).prefix(32).write(to: URL(filePath: "\(path)/tile/1/000.p/1"))
        let report = try audit(path)
        #expect(report.size == 500)
        #expect(report.verdict == .intact, "\(report.text)")
    }

    @Test func `a checkpoint without its witnesses, or of an unknown log, or none at all, is not trusted`() throws {
        let lonely = try tiles("lonely", agency.checkpoint(witnesses: [2]))
        #expect(try !audit(lonely).isTrusted)
        #expect(try audit(lonely).verdict == .unverifiable)
        let foreign = try tiles("foreign", agency.checkpoint(by: PrivateKey.generate(.ed25519)))
        #expect(try !audit(foreign).isTrusted)
        let path = try tiles("none")
        try Data("nonsense\n".utf8).write(to: URL(filePath: "\(path)/checkpoint"))
        let report = try audit(path)
        #expect(!report.verdict.isSound)
        #expect(report.findings.map(\.place) == ["checkpoint"])
    }

    @Test func `a checkpoint that states more entries than there are does not hang the verifier`() throws {
        let checkpoint = Checkpoint(origin: agency.history.origin, size: 700, root: agency.history.root())
        let path = try tiles("long", checkpoint.signed(by: agency.log))
        let report = try audit(path)
        #expect(!report.verdict.isSound)
        #expect(report.entryCounts[.missing].map { $0 >= 100 } == true, "\(report.text)")
    }

    @Test func `a folder that is neither archive nor tree is refused by name`() throws {
        #expect(throws: AuditError(.notFound, "")) { try audit(folder.path("nothing")) }
    }

    @Test func `reports show what comes from audited bytes as text, never as markup`() throws {
        var history = agency.history
        let name = "x-<script>alert(1)</script>\u{202E}"
        try history.record([history.event(source: "/intake")], to: StreamName(name))
        let path = try agency.write("markup", in: folder, of: history)
        let report = try audit(path)
        #expect(report.verdict == .unsigned)
        #expect(!report.html.contains("<script>"))
        #expect(report.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}"))
        let object = try JSONSerialization.jsonObject(with: Data(report.json.bytes)) as? [String: Any]
        let verdicts = object?["verdicts"] as? [[String: Any]]
        #expect(verdicts?.first?["record"] as? String == name)
        #expect(report.text.hasPrefix("UNSIGNED: "))
    }
}
