import Auditing
import Digests
import EventFormat
import Foundation
import JSON
import TestSupport
import Testing
import Transparency

/// Both verifiers over one archive: that of this package, and tools/verify.py, which shares no code with it.
enum BothVerifiers {
    static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../tools/verify.py").standardizedFileURL.path

    /// What one verifier says, as far as the two must agree.
    struct Answer: Equatable, CustomStringConvertible {
        var verdict: String
        var sound: Bool
        var trusted: Bool
        var size: Int
        /// Origin, root, the log's key, and the cosigners with their times.
        var head: [String]
        var records: [String: Int]
        var entries: [String: Int]
        /// Record and index of each entry that is not intact, with its worst verdict.
        var faults: [String: String]
        /// Places of general findings with their verdicts.
        var places: Set<String>
        /// The records that are listed, with their verdicts.
        var listed: Set<String>
        /// Size, time and whether it holds, of each timestamp that was checked.
        var timestamps: [String]
        /// Key, event, moment, first entry and number of entries of each doubt.
        var doubts: [String]

        /// Where two answers differ, for people.
        func difference(from other: Answer) -> String {
            let mine = Set(faults.map { "\($0.key) \($0.value)" })
            let theirs = Set(other.faults.map { "\($0.key) \($0.value)" })
            return "only this one: \(mine.subtracting(theirs).sorted()) \(places.subtracting(other.places).sorted()) "
                + "\(listed.subtracting(other.listed).sorted()) \(verdict) \(trusted) \(size) \(entries) \(records) "
                + "\(timestamps) \(doubts) \(head); only verify.py: \(theirs.subtracting(mine).sorted()) "
                + "\(other.places.subtracting(places).sorted()) \(other.listed.subtracting(listed).sorted()) "
                + "\(other.verdict) \(other.trusted) \(other.size) \(other.entries) \(other.records) "
                + "\(other.timestamps) \(other.doubts) \(other.head)"
        }

        var description: String {
            "\(verdict) trusted \(trusted) size \(size) records \(records.filter { $0.value > 0 }) "
                + "entries \(entries.filter { $0.value > 0 }) faults \(faults) places \(places.sorted())"
        }
    }

    /// The report of this package's verifier.
    static func audit(_ folder: String, _ policy: TrustPolicy) throws -> AuditReport {
        try Auditor(folder: folder, policy: policy).run()
    }

    static func answer(_ json: [UInt8]) throws -> Answer {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        var faults: [String: String] = [:]
        let order = Verdict.all.map(\.description)
        for record in object["verdicts"] as? [[String: Any]] ?? [] {
            for finding in record["findings"] as? [[String: Any]] ?? [] {
                let key = "\(record["record"] as? String ?? "-")#\(finding["index"] as? Int ?? -1)"
                let verdict = finding["verdict"] as? String ?? "?"
                let before = faults[key].flatMap { order.firstIndex(of: $0) } ?? -1
                if (order.firstIndex(of: verdict) ?? 99) > before { faults[key] = verdict }
            }
        }
        let places = (object["findings"] as? [[String: Any]] ?? []).map {
            "\($0["place"] as? String ?? "?"): \($0["verdict"] as? String ?? "?")"
        }
        let listed = (object["verdicts"] as? [[String: Any]] ?? []).map {
            "\($0["record"] as? String ?? "-"): \($0["verdict"] as? String ?? "?")"
        }
        let timestamps = (object["timestamps"] as? [[String: Any]] ?? []).map { item in
            ["size", "time", "holds"].map { "\(item[$0] ?? "gone")" }.joined(separator: " ")
        }
        let doubts = (object["doubts"] as? [[String: Any]] ?? []).map { item in
            ["key", "event", "since", "first", "entries"].map { "\(item[$0] ?? "gone")" }.joined(separator: " ")
        }
        let cosigners = (object["cosigners"] as? [[String: Any]] ?? []).map { item in
            ["name", "time"].map { "\(item[$0] ?? "gone")" }.joined(separator: " ")
        }
        let head = ["origin", "root", "logKey"].map { object[$0] as? String ?? "-" } + cosigners
        return Answer(
            verdict: object["verdict"] as? String ?? "?", sound: object["sound"] as? Bool ?? false,
            trusted: object["trusted"] as? Bool ?? false, size: object["size"] as? Int ?? -1,
            head: head, records: (object["records"] as? [String: Int] ?? [:]).filter { $0.value > 0 },
            entries: (object["entries"] as? [String: Int] ?? [:]).filter { $0.value > 0 }, faults: faults,
            places: Set(places), listed: Set(listed), timestamps: timestamps, doubts: doubts)
    }

    /// What both say of the archive in `folder`; records an issue where they disagree. Returns the report of this
    /// package's. `anchors`: the path of certificates of time-stamping authorities. `known`: sizes and roots that were
    /// noted elsewhere.
    @discardableResult
    static func agree(
        _ folder: String, _ policy: TrustPolicy, anchors: String? = nil, known: [(size: UInt64, root: Digest)] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> AuditReport {
        var options = Auditor.Options()
        options.anchors = try anchors.map { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
        options.known = known
        let report = try Auditor(folder: folder, policy: policy, options: options).run()
        let mine = try answer(report.json.bytes)
        guard let (exit, bytes, complaint) = try second(folder, policy, anchors, known) else { return report }
        #expect(
            exit == (mine.sound ? 0 : 1), "verify.py ended with \(exit): \(complaint)", sourceLocation: sourceLocation)
        guard !bytes.isEmpty else {
            Issue.record("verify.py printed nothing: \(complaint)", sourceLocation: sourceLocation)
            return report
        }
        let theirs = try answer(bytes)
        #expect(mine == theirs, "\(mine.difference(from: theirs))", sourceLocation: sourceLocation)
        return report
    }

    /// Both say that there is nothing in `folder` that could be verified.
    static func refuse(
        _ folder: String, _ policy: TrustPolicy, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(throws: AuditError.self, sourceLocation: sourceLocation) { try audit(folder, policy) }
        guard let (exit, bytes, complaint) = try second(folder, policy, nil, []) else { return }
        #expect(exit == 2 && bytes.isEmpty && !complaint.isEmpty, "\(complaint)", sourceLocation: sourceLocation)
    }

    /// How verify.py ends, and what it prints; nil when there is no Python.
    private static func second(
        _ folder: String, _ policy: TrustPolicy, _ anchors: String?, _ known: [(size: UInt64, root: Digest)]
    ) throws -> (exit: Int32, output: [UInt8], complaint: String)? {
        guard let python = Python.path else { return nil }
        let file = "\(folder).policy"
        try Data(policy.bytes).write(to: URL(filePath: file))
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments =
            [script, folder, "--policy", file, "--json"] + (anchors.map { ["--anchors", $0] } ?? [])
            + known.flatMap { ["--known", "\($0.size):\($0.root.hex)"] }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, Array(bytes), complaint)
    }
}

extension AuditReport {
    /// The entries of which a verdict is listed, ascending.
    func indexes(_ verdict: Verdict) -> [UInt64] {
        records.flatMap(\.findings).filter { $0.verdict == verdict }.map(\.index.rawValue).sorted()
    }

    /// The places of the findings of the whole, each with its verdict.
    var places: Set<String> { Set(findings.map { "\($0.place): \($0.verdict)" }) }
}
