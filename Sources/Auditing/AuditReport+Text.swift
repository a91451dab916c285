internal import Digests
internal import EventFormat
internal import Signing

extension AuditReport {
    /// The report for people, as lines of plain text. Control characters in names and reasons from the audited bytes
    /// are written as `\u{…}`, so that none of them makes a line of its own.
    public var text: String {
        var lines = ["\(verdict.description.uppercased()): \(subject.escapingControls)", ""]
        lines.append("origin      \((origin ?? "not known").escapingControls)")
        if let root { lines.append("checkpoint  \(size) entries, root \(root.hex)") }
        lines.append("trust       \(isTrusted ? "the checkpoint satisfies the policy" : "NOT established: see below")")
        lines += trustLines.map { "            \($0.escapingControls)" }
        for cosigner in cosigners {
            let time = UTCTime.text(Int64(clamping: cosigner.time))
            lines.append("            cosigned by \(cosigner.name.escapingControls) at \(time)")
        }
        for time in timestamps {
            let what = "the checkpoint of \(time.size) entries"
            guard let statement = time.statement else {
                lines.append("            the timestamp of \(what) does not hold")
                continue
            }
            let time = UTCTime.text(statement.time)
            lines.append("            \(statement.authority.escapingControls) saw \(what) by \(time)")
        }
        lines += doubts.map { "doubt       \($0.sentence)" }
        lines += countLines + findingLines
        lines += ["", "What was checked:"] + checked.map { "  \($0.what): \($0.count)" }
        let gaps = notChecked.map { "  \($0.escapingControls)" }
        if !gaps.isEmpty { lines += ["", "What was not checked:"] + gaps }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What the trust in the checkpoint stands on, beside the witnesses.
    var trustLines: [String] {
        var lines: [String] = []
        if let logKey { lines.append("signed by \(logKey)") }
        if isTrusted, cosigners.isEmpty { lines.append("no witness has cosigned it, and the policy asks for none") }
        if let policyDigest { lines.append("policy: SHA-256 \(policyDigest.hex)") }
        return lines + ["judged at \(begun)"]
    }

    private var countLines: [String] {
        var lines = ["", "Records by verdict:"]
        for verdict in Verdict.all {
            if let count = recordCounts[verdict], count > 0 { lines.append("  \(verdict): \(count)") }
        }
        return lines.count == 2 ? lines + ["  none"] : lines
    }

    private var findingLines: [String] {
        var lines = findings.map { "  \($0.place.escapingControls): \($0.reason.escapingControls) (\($0.verdict))" }
        if !lines.isEmpty { lines = ["", "Of the whole:"] + lines }
        let worse = records.filter { $0.verdict != .intact }
        if !worse.isEmpty { lines += ["", "Records that are not simply intact:"] }
        for record in worse {
            let name = (record.stream ?? "(no record can be named)").escapingControls
            lines.append("  \(name): \(record.verdict)")
            for finding in record.findings {
                lines.append("    entry \(finding.index): \(finding.reason.escapingControls) (\(finding.verdict))")
            }
        }
        if omitted > 0 { lines.append("  … and \(omitted) more that are not listed") }
        return lines
    }
}

extension AuditReport.Doubt {
    /// What is to be said of it, for people.
    var sentence: String {
        "\(entries) entries, the first of them entry \(first), are signed by the key \(key), which entry \(event) revoked "
            + "as compromised since \(since): somebody else may have signed them"
    }
}
