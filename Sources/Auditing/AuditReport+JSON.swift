internal import Digests
internal import EventFormat
public import JSON
internal import Signing

extension AuditReport {
    /// The report for machines: docs/trust.md lists the members.
    public var json: JSONObject {
        var object = JSONObject()
        object.add("verdict", verdict.description)
        object.add("sound", verdict.isSound)
        object.add("subject", subject)
        object.add("kind", kind)
        if let origin { object.add("origin", origin) } else { object.addNull("origin") }
        object.add("size", size)
        if let root { object.add("root", root.hex) } else { object.addNull("root") }
        object.add("trusted", isTrusted)
        if let logKey { object.add("logKey", logKey) } else { object.addNull("logKey") }
        if let policyDigest { object.add("policy", policyDigest.hex) } else { object.addNull("policy") }
        object.add("begun", begun.description)
        object.add(
            "cosigners",
            list(cosigners) { cosigner, item in
                item.add("name", cosigner.name)
                item.add("time", cosigner.time)
            })
        object.add(
            "timestamps",
            list(timestamps) { time, item in
                item.add("size", time.size)
                if let statement = time.statement {
                    item.add("authority", statement.authority)
                    item.add("time", statement.time)
                } else {
                    item.addNull("authority")
                    item.addNull("time")
                }
                item.add("holds", time.statement != nil)
            })
        object.add(
            "doubts",
            list(doubts) { doubt, item in
                item.add("key", doubt.key.description)
                item.add("event", doubt.event.rawValue)
                item.add("since", doubt.since.microseconds)
                item.add("first", doubt.first.rawValue)
                item.add("entries", doubt.entries)
            })
        object.add("entries", counts(entryCounts))
        object.add("records", counts(recordCounts))
        object.add(
            "findings",
            list(findings) { finding, item in
                item.add("place", finding.place)
                item.add("verdict", finding.verdict.description)
                item.add("reason", finding.reason)
            })
        object.add(
            "verdicts",
            list(records) { record, item in
                if let stream = record.stream { item.add("record", stream) } else { item.addNull("record") }
                item.add("verdict", record.verdict.description)
                item.add("entries", record.entries)
                item.add(
                    "findings",
                    list(record.findings) { finding, item in
                        item.add("index", finding.index.rawValue)
                        item.add("verdict", finding.verdict.description)
                        item.add("reason", finding.reason)
                    })
            })
        object.add("omitted", omitted)
        object.add(
            "checked",
            list(checked) { check, item in
                item.add("what", check.what)
                item.add("count", check.count)
            })
        var reasons = JSONArray()
        for reason in notChecked { reasons.append(reason) }
        object.add("notChecked", reasons)
        object.add("seconds", raw: String(seconds))
        return object
    }

    private func list<T>(_ values: [T], _ write: (T, inout JSONObject) -> Void) -> JSONArray {
        var array = JSONArray()
        for value in values {
            var item = JSONObject()
            write(value, &item)
            array.append(item)
        }
        return array
    }

    private func counts(_ counts: [Verdict: UInt64]) -> JSONObject {
        var object = JSONObject()
        for verdict in Verdict.all { object.add(verdict.description, counts[verdict] ?? 0) }
        return object
    }
}
