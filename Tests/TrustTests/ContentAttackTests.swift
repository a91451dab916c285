import ArchiveFormat
import Auditing
import Digests
import EventFormat
import Foundation
import Keyring
import Signing
import Testing

/// What somebody can do to the documents in an archive, and what both verifiers say of the records that name them.
@Suite struct ContentAttackTests {
    private let folder: Scratch
    private let agency: Agency
    private let plan = Array("the plan of a house".utf8)
    private let letter = Array("a letter".utf8)
    private let photo = [UInt8](repeating: 7, count: 300_000)

    init() throws {
        folder = try Scratch()
        agency = try Agency(size: 20)
    }

    private func name(_ document: [UInt8]) -> ContentName { ContentName(of: document.span) }

    /// Three records more, entries 20 to 22: the first names plan and letter, the second the letter, the third the
    /// photo.
    private func history() throws -> History {
        var history = agency.history
        let texts = [
            #"{"parts":[{"content":"\#(name(plan))"},{"content" : "\#(name(letter))"}]}"#,
            #"{"content":"ni:\/\/\/sha-256;\#(name(letter).text.suffix(43))"}"#,
            #"{"content":"\#(name(photo))"}"#,
        ]
        for (number, text) in texts.enumerated() {
            try history.record(
                [history.event("document.registered", source: "/counter", text: text)],
                to: try StreamName("document-\(number)"))
        }
        return history
    }

    private func write(
        _ archive: String, _ history: History, _ change: (inout ArchiveForge) -> Void = { _ in }
    ) throws -> String {
        try agency.write(archive, in: folder, of: history) { forge in
            forge.documents = [plan, letter, photo]
            change(&forge)
        }
    }

    private func path(_ document: [UInt8]) -> String { ArchiveFile.content(name(document)).path }

    /// The entries of which something is said, with the verdicts.
    private func verdicts(_ report: AuditReport) -> [UInt64: Verdict] {
        let findings = report.records.flatMap(\.findings).map { ($0.index.rawValue, $0.verdict) }
        return Dictionary(findings, uniquingKeysWith: max)
    }

    @Test func `an archive with its documents is intact, and they were looked for`() throws {
        let report = try BothVerifiers.agree(try write("sound", history()), agency.policy)
        #expect(report.verdict == .intact, "\(report.text)")
        let checked = Dictionary(uniqueKeysWithValues: report.checked.map { ($0.what, $0.count) })
        #expect(checked["contents, held to their names"] == 3)
        #expect(checked["names of contents in payloads, looked for"] == 4)
    }

    @Test func `a document that was taken out of folder and manifest is missing of the records that name it`() throws {
        let path = try write("taken", history()) { $0.documents.remove(at: 1) }
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(verdicts(report) == [20: .missing, 21: .missing], "\(report.text)")
        #expect(report.findings.isEmpty)
    }

    @Test func `a document that is gone from the folder alone is missing, and so is its file`() throws {
        let path = try write("gone", history())
        try FileManager.default.removeItem(atPath: "\(path)/\(self.path(photo))")
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(verdicts(report) == [22: .missing], "\(report.text)")
        #expect(report.findings.map(\.place).contains(self.path(photo)))
    }

    @Test func `an altered document is altered of the records that name it, whatever the manifest says`() throws {
        let path = try write("altered", history())
        try Data("another letter".utf8).write(to: URL(filePath: "\(path)/\(self.path(letter))"))
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(verdicts(report) == [20: .altered, 21: .altered], "\(report.text)")
        #expect(report.findings.contains { $0.place == self.path(letter) && $0.verdict == .altered })
        let manifest = try String(contentsOfFile: "\(path)/manifest-sha256.txt", encoding: .utf8)
        let digest = SHA256.hash(Array("another letter".utf8).span).hex
        let forged = manifest.replacingOccurrences(of: "\(name(letter).digest.hex)  ", with: "\(digest)  ")
        try forged.write(toFile: "\(path)/manifest-sha256.txt", atomically: true, encoding: .utf8)
        let second = try BothVerifiers.agree(path, agency.policy)
        #expect(verdicts(second) == [20: .altered, 21: .altered], "\(second.text)")
        #expect(second.findings.contains { $0.place == "manifest-sha256.txt" })
    }

    @Test(arguments: [nil, "permits, 20 years"])
    func `a document that is gone under a recorded event is lawfully gone`(_ schedule: String?) throws {
        var history = try history()
        let names = [name(letter), name(photo)].sorted()
        let removal = try ContentRemoval(contents: names, authority: "order 2031/4", schedule: schedule)
        try history.record([.contentRemoved(removal)], signedBy: agency.authority)
        let report = try BothVerifiers.agree(try write("erased", history) { $0.documents = [plan] }, agency.policy)
        let verdict: Verdict = schedule == nil ? .payloadErased : .removedUnderSchedule
        #expect(report.verdict == verdict && report.verdict.isSound)
        #expect(verdicts(report) == [20: verdict, 21: verdict, 22: verdict], "\(report.text)")
        #expect(report.text.contains("under event 23"))
    }

    @Test func `a removal that no authority signed authorises nothing, nor one of another document`() throws {
        var history = try history()
        let removal = try ContentRemoval(contents: [name(letter)], authority: "nobody", schedule: nil)
        try history.record([.contentRemoved(removal)], signedBy: agency.intake)
        let report = try BothVerifiers.agree(
            try write("usurped", history) { $0.documents = [plan, photo] }, agency.policy)
        #expect(verdicts(report)[21] == .missing, "\(report.text)")
        var other = try self.history()
        let wrong = try ContentRemoval(contents: [name(plan)], authority: "order 7", schedule: nil)
        try other.record([.contentRemoved(wrong)], signedBy: agency.authority)
        let second = try BothVerifiers.agree(
            try write("other", other) { $0.documents = [plan, photo] }, agency.policy)
        #expect(verdicts(second)[21] == .missing, "\(second.text)")
    }

    @Test func `a link in a document's place, a folder, and files that no manifest names are refused`() throws {
        let path = try write("places", history())
        let files = FileManager.default
        try files.moveItem(atPath: "\(path)/\(self.path(plan))", toPath: "\(path)/plan")
        try files.createSymbolicLink(atPath: "\(path)/\(self.path(plan))", withDestinationPath: "\(path)/plan")
        try files.createDirectory(atPath: "\(path)/data/contents/zz", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: "\(path)/data/contents/zz/x"))
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(verdicts(report) == [20: .altered], "\(report.text)")
        #expect(report.findings.map(\.place).contains("data/contents/zz/x"))
    }

    @Test func `what has a name that is not UTF-8 is seen, and so is a socket in a document's place`() throws {
        let path = try write("names", history())
        // The shell can make what a Swift text cannot name.
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            #"cd "$0"; touch "data/contents/$(printf '\377')"; mkdir "data/$(printf 'a\376')"; touch "data/$(printf 'a\376')/x""#,
            path,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let report = try BothVerifiers.agree(path, agency.policy)
        #expect(
            Set(report.findings.map(\.place)) == ["data/contents/\u{FFFD}", "data/a\u{FFFD}"], "\(report.text)")
        #expect(!report.verdict.isSound)
        let second = try write("socket", history())
        let place = "\(second)/\(self.path(plan))"
        try FileManager.default.removeItem(atPath: place)
        guard mknod(place, S_IFSOCK | 0o666, 0) == 0 else { return }
        let other = try BothVerifiers.agree(second, agency.policy)
        #expect(verdicts(other) == [20: .altered], "\(other.text)")
    }

    @Test func `more than a thousand names in a payload: the first thousand count, for both`() throws {
        var history = agency.history
        let absent = (0..<1200).map { name(Array("absent \($0)".utf8)) }
        let list = (Array(repeating: name(plan), count: 998) + absent).map { #"{"content":"\#($0)"}"# }
        let text = "[\(list.joined(separator: ","))]"
        try history.record([history.event("list.filed", source: "/counter", text: text)], to: "list-1")
        let report = try BothVerifiers.agree(try write("many", history), agency.policy)
        #expect(report.records.flatMap(\.findings).count == 2, "\(report.text)")
    }

    @Test func `a document that nobody names does no harm`() throws {
        let path = try write("surplus", history()) { $0.documents.append(Array("nobody's".utf8)) }
        #expect(try BothVerifiers.agree(path, agency.policy).verdict == .intact)
    }

    @Test func `what only looks like a name names nothing, for both verifiers`() throws {
        var history = agency.history
        let code = name(plan).text.suffix(43)
        let texts = [
            #"{"remark":"ni:///sha-256;\#(code)"}"#, #"{"remark":"\"content\":\"ni:///sha-256;\#(code)\""}"#,
            #"{"content":"ni:///sha-256;\#(code.dropLast())/"}"#, #"{"content":"ni:///sha-256;\#(code)A"}"#,
            #"{"content":"ni:///sha-256;\#(code.dropLast())9"}"#, #"{"content":["ni:///sha-256;\#(code)"]}"#,
            #"{"Content":"ni:///sha-256;\#(code)"}"#, #"{"content":"ni://other/sha-256;\#(code)"}"#,
            #"{"content":"ni:///sha-512;\#(code)"}"#, #"{"content":" ni:///sha-256;\#(code)"}"#,
            #"{"content":"ni:\///sha-256;\#(code)"}"#, #"{"xcontent":"ni:///sha-256;\#(code)"}"#,
        ]
        for text in texts {
            try history.record([history.event("note.added", source: "/counter", text: text)], to: "note-1")
        }
        let report = try BothVerifiers.agree(try agency.write("alike", in: folder, of: history), agency.policy)
        #expect(report.verdict == .intact, "\(report.text)")
    }
}
