internal import Digests
internal import EventFormat

extension AuditReport {
    /// The report as one HTML page that needs nothing else: no script, no font, no address.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(escaped(verdict.description)): \(escaped(subject))</title>
        <style>\(AuditReport.style)</style></head><body>
        <h1 class="\(verdict.isSound ? "good" : "bad")">\(escaped(verdict.description.uppercasedFirst))</h1>
        <p class="subject">\(escaped(subject))</p>
        \(bar)
        <table>\(headRows)</table>
        \(section("Of the whole", ["Where", "Verdict", "What was found"], findings.map {
            [$0.place, $0.verdict.description, $0.reason]
        }))
        \(section("Records that are not simply intact", ["Record", "Verdict", "Entry", "What was found"], recordRows))
        \(section("What was checked", ["What", "How many"], checked.map { [$0.what, String($0.count)] }))
        \(section("What was not checked", ["What, and why"], notChecked.map { [$0] }))
        </body></html>

        """
    }

    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}\
        h1{font-size:1.8rem;padding:.6rem 1rem;color:#fff;border-radius:.3rem}.good{background:#1b6e3c}\
        .bad{background:#a3211b}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
        th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}\
        .subject{font-family:monospace}code{font-size:.85rem}svg{width:100%;height:1.5rem;border-radius:.3rem}
        """

    private var headRows: String {
        var rows = [["Ledger", origin ?? "not known"]]
        if let root {
            rows.append(["Checkpoint", "\(size) entries, root \(root.hex)"])
        }
        rows.append(["Trust", isTrusted ? "The checkpoint satisfies the policy." : "NOT established: see below."])
        rows += trustLines.map { ["", $0.uppercasedFirst] }
        for cosigner in cosigners {
            rows.append(["Cosigned", "\(cosigner.name), \(UTCTime.text(Int64(clamping: cosigner.time)))"])
        }
        for time in timestamps {
            let what = time.statement.map { "\($0.authority): \(time.size) entries by \(UTCTime.text($0.time))" }
            rows.append(["Timestamp", what ?? "of \(time.size) entries: it does not hold"])
        }
        rows += doubts.map { ["Doubt", $0.sentence] }
        for verdict in Verdict.all {
            guard let count = recordCounts[verdict], count > 0 else { continue }
            rows.append(["Records \(verdict)", String(count)])
        }
        if omitted > 0 { rows.append(["Not listed", "\(omitted) more records or findings"]) }
        return rows.map { "<tr><th>\(escaped($0[0]))</th><td>\(escaped($0[1]))</td></tr>" }.joined(separator: "\n")
    }

    private var recordRows: [[String]] {
        records.filter { $0.verdict != .intact }.flatMap { record in
            record.findings.map { finding in
                [
                    record.stream ?? "(none can be named)", finding.verdict.description, String(finding.index.rawValue),
                    finding.reason,
                ]
            }
        }
    }

    /// The share of records with each verdict, as one bar; a share that exists is at least visible.
    private var bar: String {
        let total = recordCounts.values.reduce(0, +)
        guard total > 0 else { return "" }
        var (shapes, left) = ("", 0.0)
        for verdict in Verdict.all {
            guard let count = recordCounts[verdict], count > 0 else { continue }
            let width = max(0.5, Double(count) * 100 / Double(total))
            let title = "<title>\(escaped(verdict.description)): \(count) of \(total) records</title>"
            shapes += "<rect x=\"\(left)\" width=\"\(width)\" height=\"4\" fill=\"\(color(verdict))\">\(title)</rect>"
            left += width
        }
        return "<svg viewBox=\"0 0 \(left) 4\" preserveAspectRatio=\"none\" role=\"img\">\(shapes)</svg>"
    }

    private func color(_ verdict: Verdict) -> String {
        switch verdict {
        case .intact: "#1b6e3c"
        case .payloadErased, .removedUnderSchedule: "#7aa98c"
        case .unsigned, .unverifiable: "#d08a00"
        default: "#a3211b"
        }
    }

    private func section(_ title: String, _ heads: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let head = heads.map { "<th>\(escaped($0))</th>" }.joined()
        let body = rows.map { row in "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>" }
        return "<h2>\(escaped(title))</h2>\n<table><tr>\(head)</tr>\n\(body.joined(separator: "\n"))</table>"
    }

    /// Text as HTML shows it: what comes from audited bytes must not become markup, nor turn the writing direction.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case _ where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension String {
    fileprivate var uppercasedFirst: String { prefix(1).uppercased() + dropFirst() }
}
