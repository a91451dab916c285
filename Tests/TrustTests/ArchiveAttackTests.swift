import Auditing
import Digests
import EventFormat
import Foundation
import Keyring
import Merkle
import Signing
import Testing
import Transparency

/// What somebody can do to an archive who may write its folder, and what both verifiers say of it.
@Suite struct ArchiveAttackTests {
    private let folder: Scratch
    private let agency: Agency

    init() throws {
        folder = try Scratch()
        agency = try Agency()
    }

    private func findings(_ report: AuditReport) -> [EntryFinding] { report.records.flatMap(\.findings) }

    @Test func `a sound archive is intact, and every kind of thing in it was checked`() throws {
        let path = try agency.write("sound", in: folder, [agency.checkpoint(256), agency.checkpoint()])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == .intact, "\(report.text)")
        #expect(report.size == 600)
        #expect(report.isTrusted)
        #expect(report.cosigners.map(\.name) == ["w1", "w2"])
        #expect(report.entryCounts[.intact] == 600)
        let checked = Dictionary(uniqueKeysWithValues: report.checked.map { ($0.what, $0.count) })
        #expect(checked["signatures of appends"].map { $0 > 50 } == true, "\(checked)")
        #expect(checked["payloads, held to their digests"] == 600)
    }

    @Test(arguments: [5, 300, 599])
    func `an altered entry is named, and its record alone is bad`(_ number: Int) throws {
        let path = try agency.write("altered", in: folder) { forge in
            let place = forge.bundles[number].count / 2 + 30
            forge.bundles[number][place] ^= 1
        }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(!report.verdict.isSound)
        #expect(findings(report).contains { $0.index == EntryIndex(UInt64(number)) && $0.verdict == .altered })
        #expect(Set(findings(report).map(\.index.rawValue)).isSubset(of: appendMates(of: number)))
        #expect(report.isTrusted)
    }

    /// The entries that one signature covers together with an entry.
    private func appendMates(of number: Int) -> Set<UInt64> {
        let first = number / 5 * 5
        return Set((first..<first + 5).map { UInt64($0) })
    }

    @Test(arguments: [7, 400])
    func `an entry altered together with its tile is named by the entry behind it`(_ number: Int) throws {
        let path = try agency.write("tile", in: folder) { forge in
            forge.bundles[number][forge.bundles[number].count - 8] ^= 1
            let bytes = forge.bundles[number]
            forge.leaves[number] = MerkleHash.leaf(bytes.span)
        }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).contains { $0.index == EntryIndex(UInt64(number)) && $0.verdict == .altered })
    }

    @Test func `an entry that is not there is missing`() throws {
        let path = try agency.write("dropped", in: folder) { forge in
            forge.bundles.remove(at: 310)
            forge.bundles.append([])
        }
        let report = try BothVerifiers.agree(path, agency.policy)
        // Nothing tells which record it was of.
        #expect(report.findings.contains { $0.place == "entry 310" && $0.verdict == .missing }, "\(report.text)")
        #expect(!report.verdict.isSound)
    }

    @Test func `two entries in each other's place are reordered`() throws {
        let path = try agency.write("swapped", in: folder) { $0.bundles.swapAt(40, 300) }
        let report = try BothVerifiers.agree(path, agency.policy)
        let reordered = findings(report).filter { $0.verdict == .reordered }.map(\.index.rawValue)
        #expect(reordered.contains(40) && reordered.contains(300), "\(report.text)")
    }

    @Test func `a payload that is another's is altered`() throws {
        let path = try agency.write("payload", in: folder) { forge in
            let other = forge.payloads[22]
            forge.payloads[22] = forge.payloads[24]
            forge.payloads[24] = other
        }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).map(\.index.rawValue).sorted() == [22, 24])
        #expect(findings(report).allSatisfy { $0.verdict == .altered })
    }

    @Test func `a payload that was taken away without an event is missing`() throws {
        var history = agency.history
        history.removed = [33]
        let path = try agency.write("removed", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).map(\.index) == [33])
        #expect(report.verdict == .missing)
    }

    @Test(arguments: [nil, "permits, 20 years"])
    func `a payload that is gone under a recorded event is lawfully gone`(_ schedule: String?) throws {
        var history = agency.history
        let removal = try PayloadRemoval(entries: [33, 40], authority: "order 2031/4", schedule: schedule)
        try history.record([.payloadRemoved(removal)], signedBy: agency.authority)
        history.removed = [33]
        let path = try agency.write("erased", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == (schedule == nil ? .payloadErased : .removedUnderSchedule))
        #expect(report.verdict.isSound)
        #expect(findings(report).map(\.index) == [33])
        #expect(findings(report).allSatisfy { $0.reason.contains("under event 600") }, "\(report.text)")
    }

    @Test func `a removal that no authority signed, or of the ledger's own payloads, authorises nothing`() throws {
        var history = agency.history
        let removal = try PayloadRemoval(entries: [2, 33], authority: "nobody", schedule: nil)
        try history.record([.payloadRemoved(removal)], signedBy: agency.intake)
        history.removed = [33]
        let path = try agency.write("usurped", in: folder, of: history)
        #expect(try BothVerifiers.agree(path, agency.policy).verdict > .missing)
        var other = agency.history
        try other.record([.payloadRemoved(removal)], signedBy: agency.authority)
        other.removed = [2]
        let second = try agency.write("keys", in: folder, of: other)
        let report = try BothVerifiers.agree(second, agency.policy)
        #expect(findings(report).contains { $0.index == 2 && $0.verdict == .missing }, "\(report.text)")
    }

    @Test func `history rewritten with every hash and the log's signature is not trusted without the witnesses`() throws
    {
        var history = agency.history
        history.entries[100].type = "decision.refused"
        history.relink()
        let path = try agency.write(
            "rewritten", in: folder, of: history, [agency.checkpoint(of: history, witnesses: [])])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(!report.isTrusted)
        #expect(!report.verdict.isSound)
        #expect(report.findings.contains { $0.reason.contains("quorum") }, "\(report.text)")
    }

    @Test func `history rewritten behind a cosigned checkpoint is forked`() throws {
        var history = agency.history
        history.entries[100].type = "decision.refused"
        history.relink()
        let path = try agency.write("forked", in: folder, of: history, [agency.checkpoint()])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == .forked, "\(report.text)")
        #expect(report.recordCounts[.forked].map { $0 > 100 } == true)
    }

    @Test func `two checkpoints of one log that contradict each other are a fork, though both are cosigned`() throws {
        var history = agency.history
        history.entries[200].occurred = .epoch
        history.relink()
        let path = try agency.write(
            "split", in: folder, of: history, [agency.checkpoint(300), agency.checkpoint(of: history)])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(report.verdict == .forked, "\(report.text)")
        #expect(report.findings.contains { $0.place.hasSuffix("300.checkpoint") && $0.verdict == .forked })
    }

    @Test func `a dropped tail does not fit the cosigned checkpoint`() throws {
        let path = try agency.write("tail", in: folder) { forge in
            for number in 580..<600 { forge.bundles[number] = [] }
        }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(!report.verdict.isSound)
    }

    @Test func `an event of a source, forged by the operator, lacks the source's signature`() throws {
        var history = agency.history
        let event = history.event("application.withdrawn", source: "/intake")
        try history.record([event], to: try agency.stream(50))
        let path = try agency.write("unsigned", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).map(\.verdict) == [.unsigned], "\(report.text)")
        #expect(findings(report).first?.index == 600)
    }

    @Test func `an event signed with a key of another source is altered`() throws {
        var history = agency.history
        let event = history.event("application.withdrawn", source: "/intake")
        try history.record([event], to: try agency.stream(50), signedBy: agency.archive)
        let path = try agency.write("foreign", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).map(\.index) == [600])
        #expect(
            findings(report).allSatisfy { $0.verdict == .altered && $0.reason.contains("another source") },
            "\(report.text)")
    }

    @Test func `a revoked key signs nothing behind its revocation, whatever date the event claims`() throws {
        var history = agency.history
        try history.record(
            [.keyRevoked(agency.intake.publicKey.id, reason: "stolen", compromisedSince: nil)],
            signedBy: agency.authority)
        var event = history.event("application.withdrawn", source: "/intake")
        event.occurred = .epoch
        try history.record([event], to: try agency.stream(50), signedBy: agency.intake)
        let path = try agency.write("revoked", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).map(\.index) == [601])
        #expect(findings(report).allSatisfy { $0.verdict == .altered && $0.reason.contains("revoked") })
    }

    @Test func `a key that nobody authorised introduces no key`() throws {
        var history = agency.history
        let thief = try PrivateKey.generate(.ed25519)
        try history.record(
            [.keyIntroduced(thief.publicKey, role: .source(try SourceName("/intake")))], signedBy: thief)
        let event = history.event("application.withdrawn", source: "/intake")
        try history.record([event], to: try agency.stream(50), signedBy: thief)
        let path = try agency.write("thief", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).map(\.index.rawValue).sorted() == [600, 601], "\(report.text)")
    }

    @Test func `an append recorded again is found by its ids, and its signature does not serve twice`() throws {
        var history = agency.history
        let first = 25
        #expect(history.entries[first + 4].append != nil)
        history.entries += history.entries[first..<first + 5]
        history.envelopes += history.envelopes[first..<first + 5]
        history.relink()
        let path = try agency.write("replayed", in: folder, of: history)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(findings(report).count { $0.reason.contains("twice") } == 5, "\(report.text)")
    }

    @Test func `the checkpoint of another ledger is no checkpoint of this one`() throws {
        let other = try History(origin: "records.example.gov/taxes")
        let signed = try Checkpoint(origin: other.origin, size: 600, root: agency.history.root()).signed(by: agency.log)
        let path = try agency.write("other", in: folder, [signed])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(!report.isTrusted)
        #expect(!report.verdict.isSound)
    }

    @Test func `a checkpoint signed with another key is not trusted`() throws {
        let path = try agency.write("key", in: folder, [try agency.checkpoint(by: PrivateKey.generate(.ed25519))])
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(!report.isTrusted)
    }
}
