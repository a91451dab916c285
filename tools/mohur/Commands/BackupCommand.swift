internal import Digests
internal import EventFormat
internal import JSON
internal import Ledger
internal import Verifying

extension Command {
    static let backup = Command(
        "backup", "Copy a ledger while it is in use, and verify the copy", usage: "LEDGER DEST [--json]",
        details: """
            DEST is a directory that does not exist, is empty, or holds an earlier copy of the same ledger, which is brought
            up to date. The copy is a ledger like any other.
            """,
        options: [.json], operands: 2...2
    ) { arguments in
        let destination = arguments.operands[1]
        try TrustFiles.refuseLedger(of: destination)
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        let progress = ProgressLine("copying")
        let added = try await ledger.backup(to: destination) { progress.show($0.done, of: $0.total) }
        progress.finish()
        let report = try await Verifier(directory: destination).runReportingProgress("verifying the copy")
        let expected = try await ledger.root(size: TreeSize(report.entries)).root.hex
        await ledger.close()
        if let finding = report.findings.first, report.findings.allSatisfy({ $0.kind == .content }) {
            throw Failure(
                .refused,
                "the copy at \(destination.escapingControls) lacks documents that the ledger lacks, too, or has damaged: "
                    + "\(finding.description.escapingControls); store them in the ledger again (mohur content add), then run "
                    + "mohur backup again")
        }
        guard report.verdict == .intact, report.root == expected else {
            let first = report.findings.first.map { ": \($0)" } ?? ""
            throw Failure(.refused, "the copy at \(destination) is not intact\(first); remove it and copy again")
        }
        if arguments.json {
            var object = JSONObject()
            object.add("entries", report.entries)
            object.add("added", added)
            object.add("root", expected)
            object.add("verdict", report.verdict.rawValue)
            Output.line(object.bytes)
        } else {
            Output.line(
                "copied \(added.grouped) entries to \(destination); verified: \(report.entries.grouped) entries, root \(expected)"
            )
        }
    }
}
