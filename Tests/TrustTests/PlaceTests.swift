import Auditing
import Digests
import EventFormat
import Foundation
import Keyring
import Merkle
import Signing
import Testing

/// Entries that count at their place whatever they say of themselves, and roots that are known though entries are not.
@Suite struct PlaceTests {
    private let folder: Scratch
    private let agency: Agency

    init() throws {
        folder = try Scratch()
        agency = try Agency(size: 600)
    }

    @Test(arguments: ["stream", "type", "time", "source", "index"])
    func `an entry 0 that is no genesis is altered, and nobody's keys are known`(_ field: String) throws {
        var history = agency.history
        switch field {
        case "stream": history.entries[0].stream = StreamName("x")
        case "type": history.entries[0].type = "ledger.made"
        case "time": history.entries[0].occurred = .epoch
        case "source": history.entries[0].source = "records.example.gov/other"
        default: history.statedIndexes[0] = 7
        }
        history.relink()
        let path = try agency.write("archive", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == .altered && report.indexes(.altered).first == 0, "\(report.text)")
        #expect(report.places.contains("signatures: unverifiable"))
        #expect(report.indexes(.unsigned).isEmpty)
    }

    @Test func `the tiles of a ledger whose entry 0 is no genesis are not intact`() throws {
        var history = agency.history
        history.entries[0].stream = StreamName("x")
        history.relink()
        let path = try agency.write("archive", in: folder, of: history)
        let (files, data) = (FileManager.default, folder.path("archive/data"))
        try files.moveItem(
            atPath: "\(data)/checkpoints/00000000000000000600.checkpoint", toPath: "\(data)/checkpoint")
        let report = try Auditor(folder: data, policy: agency.policy).run()
        #expect(report.verdict == .altered, "\(path): \(report.text)")
    }

    @Test(arguments: [(580, "000"), (512, "001"), (512, "000")])
    func `a fork is told though a bundle and its hashes are gone`(_ size: Int, _ bundle: String) throws {
        var other = agency.history
        other.entries[10].occurred = .epoch
        other.relink()
        let checkpoints = [try agency.checkpoint(size, of: other), try agency.checkpoint()]
        let path = try agency.write("archive", in: folder, checkpoints)
        for kind in ["0", "entries"] {
            try FileManager.default.removeItem(atPath: "\(path)/data/tile/\(kind)/\(bundle)")
        }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == .forked, "\(report.text)")
        #expect(report.places.contains("data/checkpoints/00000000000000000\(size).checkpoint: forked"))
    }

    @Test func `an entry that states another index is reordered, and signed or unsigned as it is`() throws {
        var history = agency.history
        // 25–29 are one signed append.
        history.statedIndexes = [27: 999, 600: 7, 601: 3]
        try history.record([history.event(source: "/intake")], to: try agency.stream(50))
        let revoked = agency.archive.publicKey.id
        try history.record([.keyRevoked(revoked, reason: "lost", compromisedSince: nil)], signedBy: agency.authority)
        try history.record([history.event(source: "/archive")], to: try agency.stream(51), signedBy: agency.archive)
        let path = try agency.write("archive", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.reordered) == [27, 600, 601], "\(report.text)")
        #expect(report.indexes(.unsigned) == [600])
        #expect(report.indexes(.altered) == [602])
    }

    @Test func `a copy that stands in another entry's place is missing there, and no event that was recorded twice`()
        throws
    {
        var history = agency.history
        // Ids that stand twice have all entries looked at again.
        history.entries[320].id = history.entries[310].id
        history.relink()
        let path = try agency.write("archive", in: folder, of: history) { $0.bundles[311] = $0.bundles[310] }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.missing).contains(311), "\(report.text)")
        #expect(!report.indexes(.altered).contains(311) && report.indexes(.altered).contains(320))
    }

    @Test func `an older state and another history are told from what was noted elsewhere`() throws {
        let path = try agency.write("archive", in: folder)
        let roots = [300, 512, 600].map { (size: UInt64($0), root: agency.history.root($0)) }
        func verdict(_ known: [(size: UInt64, root: Digest)]) throws -> Verdict {
            try BothVerifiers.agree(path, agency.policy, known: known).verdict
        }
        #expect(try verdict(roots) == .intact)
        #expect(try verdict([(601, roots[0].root)]) == .missing)
        for (size, _) in roots { #expect(try verdict([(size, .zero)]) == .forked) }
        #expect(try verdict(roots + [(301, roots[0].root)]) == .forked)
    }

    @Test func `an append of the stream ledger that reaches over others makes its last entry altered alone`() throws {
        var history = agency.history
        let source = try SourceName("/late")
        try history.record([.sourceRegistered(source, name: nil, keys: [])], signedBy: agency.authority)
        let append = try #require(history.entries[600].append)
        history.entries[600].append = AppendSignature(count: 3, keyID: append.keyID, signature: append.signature)
        history.relink()
        let path = try agency.write("archive", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.indexes(.altered) == [600] && report.indexes(.unsigned).isEmpty, "\(report.text)")
    }
}
