internal import Digests
internal import EventFormat
internal import JSON
internal import Merkle
internal import Transparency
internal import Witnessing

extension Command {
    static let witnessInit = Command(
        "witness init", "Make a witness: a folder with its key and its name",
        usage: "DIR --name NAME [--url URL] [--json]",
        details: """
            DIR is a directory that does not exist or is empty. NAME names the witness for ever: a URL without its scheme,
            such as witness.oversight.example/w1. Prints the witness's vkey and the line that trust policies take. The key
            is made here and never leaves DIR.
            """,
        options: [
            Option("name", "NAME", "the witness's name (required)"),
            Option("url", "URL", "where logs will reach it, for the line of the policies"), .json,
        ], operands: 1...1
    ) { arguments in
        let text = try arguments.required("name")
        let name: KeyName
        do throws(TransparencyError) { name = try KeyName(text) } catch {
            throw arguments.usage("--name: \(error.reason)")
        }
        if let url = arguments.string("url") {
            guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.utf8.allSatisfy({ 0x21...0x7e ~= $0 })
            else { throw arguments.usage("--url takes an http or https URL, not \"\(url.escapingControls)\"") }
        }
        try TrustFiles.refuseLedger(of: "\(arguments.operands[0])/witness.key")
        let key = try WitnessFolder(arguments.operands[0]).make(name: name)
        let line = "witness \(name) \(key.vkey)" + (arguments.string("url").map { " \($0)" } ?? "")
        if arguments.json {
            var object = JSONObject()
            object.add("name", "\(name)")
            object.add("vkey", key.vkey)
            object.add("policyLine", line)
            Output.line(object.bytes)
        } else {
            Output.line(line)
        }
    }

    static let witnessAddLog = Command(
        "witness add-log", "Let a witness cosign a log's checkpoints", usage: "DIR VKEY… [--json]",
        details: """
            VKEY is the log's verifier key, of the type 1 (Ed25519); its name is the log's origin. Get it from the log's
            operator on a way that you trust. A witness that is being served takes it up by itself.
            """,
        options: [.json], operands: 2...1000
    ) { arguments in
        let folder = WitnessFolder(arguments.operands[0])
        let added = try folder.add(Array(arguments.operands.dropFirst()))
        let count = try folder.logs().logs.count
        if arguments.json {
            var object = JSONObject()
            object.add("added", added)
            object.add("logs", count)
            Output.line(object.bytes)
        } else {
            Output.line("added \(added.counting("key", "keys")); \(count.counting("log is", "logs are")) known")
        }
    }

    static let witnessStatus = Command(
        "witness status", "Show what a witness has cosigned last", usage: "DIR [--json]",
        details: "May run while the witness is served.", options: [.json], operands: 1...1
    ) { arguments in
        let folder = WitnessFolder(arguments.operands[0])
        let key = try folder.verifyingKey()
        let store = try WitnessStore(folder)
        let logs = try folder.logs().logs.map { ($0, try store.last(of: $0)) }
        if arguments.json { return Output.line(WitnessStatus.json(key, logs).bytes) }
        Output.line("witness  \(key.name)")
        Output.line("vkey     \(key.vkey)")
        if logs.isEmpty { Output.line("no log is known; add one with mohur witness add-log") }
        for (log, last) in logs { Output.line(WitnessStatus.line(log, last)) }
    }
}

/// What `mohur witness status` shows of a log.
private enum WitnessStatus {
    static func line(_ log: LogList.Log, _ last: CosignedCheckpoint?) -> String {
        let origin = "\(log.origin)".escapingControls
        guard let last else { return "\(origin)  nothing cosigned yet" }
        let head = last.checkpoint.checkpoint
        return
            "\(origin)  \(head.size.rawValue.counting("entry", "entries")), root \(head.root), cosigned \(time(last))"
    }

    static func json(_ key: NoteKey, _ logs: [(LogList.Log, CosignedCheckpoint?)]) -> JSONObject {
        var list = JSONArray()
        for (log, last) in logs {
            var object = JSONObject()
            object.add("origin", "\(log.origin)")
            object.add("originHash", log.origin.hash.hex)
            var keys = JSONArray()
            for key in log.keys { keys.append(key.vkey) }
            object.add("keys", keys)
            if let last {
                object.add("size", last.checkpoint.checkpoint.size.rawValue)
                object.add("root", last.checkpoint.checkpoint.root.hex)
                object.add("cosigned", time(last))
            } else {
                for name in ["size", "root", "cosigned"] { object.addNull(name) }
            }
            list.append(object)
        }
        var object = JSONObject()
        object.add("name", "\(key.name)")
        object.add("vkey", key.vkey)
        object.add("logs", list)
        return object
    }

    /// RFC 3339 in UTC; a time past the year 9999 as its seconds.
    private static func time(_ last: CosignedCheckpoint) -> String {
        guard let microseconds = Int64(exactly: last.time)?.multipliedReportingOverflow(by: 1_000_000),
            !microseconds.overflow, let time = try? Timestamp(microseconds: microseconds.partialValue)
        else { return "\(last.time)" }
        return "\(time)"
    }
}
