internal import Digests
internal import EventFormat
internal import EventLog
internal import JSON
internal import Verifying

extension Command {
    static let verify = Command(
        "verify", "Recompute everything and say what was altered", usage: "LEDGER [--known SIZE:ROOT]… [--json]",
        details: """
            Recomputes from the stored bytes: each entry's form, index and time, the chain, the streams, the payloads' digests,
            the whole tree, the indexes, and all signatures, by the keys and the policy in force at each entry; and each
            content by its name, and that every one is there that a payload names. Reads the file without LMDB, so that
            damage cannot crash it, and may run while the ledger is written to. Exits with 0 when the ledger is intact and
            with 1 when it was altered.

            A ledger that was put back to an older state, or rewritten from some entry on, is consistent in itself. It is
            held to the checkpoints in its own directory; who could rewrite these too is found out by a size and a root
            that were noted elsewhere (mohur info --json): give them with --known.
            """,
        options: [
            Option("known", "SIZE:ROOT", "the ledger once had SIZE entries and this root (hex); may be repeated"),
            .json,
        ], operands: 1...1
    ) { arguments in
        let known = try arguments.strings("known").map { try knownRoot($0, arguments) }
        MemoryFault.endsWithMessage()
        let own = OwnCheckpoints(ledger: arguments.operands[0])
        let verifier = Verifier(
            directory: arguments.operands[0], known: known + own.roots, beside: own.findings)
        let report = try await verifier.runReportingProgress()
        if arguments.json { Output.line(report.json.bytes) } else { show(report, arguments.operands[0]) }
        if report.verdict == .altered { throw Failure(.refused) }
    }

    private static func knownRoot(_ text: String, _ arguments: Arguments) throws(UsageError) -> Verifier.KnownRoot {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let size = UInt64(parts[0]), let root = Digest(hex: String(parts[1])) else {
            throw arguments.usage("--known takes SIZE:ROOT, such as 8577:5f3a… (64 hexadecimal digits)")
        }
        return Verifier.KnownRoot(size: size, root: root)
    }

    @MainActor
    private static func show(_ report: VerificationReport, _ path: String) {
        for finding in report.findings { Output.line(finding.description.escapingControls) }
        if report.omittedFindingCount > 0 {
            Output.line("… and \(report.omittedFindingCount.counting("more finding", "more findings"))")
        }
        for remark in report.remarks { Output.line("note: \(remark)") }
        let seconds = (report.seconds * 10).rounded() / 10
        switch report.verdict {
        case .intact:
            let entries = report.entries.counting("entry", "entries")
            Output.line(
                "intact: \(entries), root \(report.root ?? "")\(signatures(report))\(contents(report)), \(seconds) s")
        case .altered:
            let count = report.findings.count + report.omittedFindingCount
            let found = count.counting("finding", "findings")
            let entries = report.entries.counting("entry", "entries")
            Output.line("ALTERED: \(found) in \(entries)\(signatures(report))\(contents(report)), \(seconds) s")
        }
    }

    /// How many contents were compared with their names, where there were any.
    private static func contents(_ report: VerificationReport) -> String {
        report.contents > 0 ? ", \(report.contents.counting("content", "contents"))" : ""
    }

    /// What was found of signatures, where there were any.
    private static func signatures(_ report: VerificationReport) -> String {
        guard report.signatures > 0 else { return "" }
        let count = report.signatures.counting("signature", "signatures")
        return ", \(count) checked, \(report.signedEntries.counting("entry", "entries")) signed"
    }
}

extension Verifier {
    /// Verifies on a thread of its own, with progress on standard error and a pin where one can be had.
    ///
    /// `label` stands before the progress.
    func runReportingProgress(_ label: String = "verifying") async throws(VerificationError) -> VerificationReport {
        let progress = ProgressLine(label)
        defer { progress.finish() }
        return try await BlockingCall.run { () throws(VerificationError) in
            try pinnedIfPossible().run { progress.show($0.done, of: $0.total) }
        }
    }
}

extension VerificationReport {
    var json: JSONObject {
        var object = JSONObject()
        object.add("verdict", verdict.rawValue)
        object.add("entries", entries)
        if let root { object.add("root", root) } else { object.addNull("root") }
        object.add("signatures", signatures)
        object.add("signedEntries", signedEntries)
        object.add("contents", contents)
        object.add("seconds", raw: String(seconds))
        var list = JSONArray()
        for finding in findings {
            var item = JSONObject()
            if let index = finding.index { item.add("index", index.rawValue) } else { item.addNull("index") }
            item.add("kind", finding.kind.description)
            item.add("detail", finding.detail)
            list.append(item)
        }
        object.add("findings", list)
        if omittedFindingCount > 0 { object.add("omitted", omittedFindingCount) }
        if !remarks.isEmpty {
            var list = JSONArray()
            for remark in remarks { list.append(remark) }
            object.add("remarks", list)
        }
        return object
    }
}
