internal import Archiving
internal import Digests
internal import EventFormat
internal import EventLog
internal import JSON
internal import Merkle

extension Command {
    static let restore = Command(
        "restore", "Rebuild a ledger from its archive, verified before it serves",
        usage: "DIR LEDGER [--policy FILE] [--json]",
        details: """
            Makes LEDGER, which must not exist or be empty, from the archive in DIR: the same entries and payloads, byte for
            byte, and the same root. Everything is recomputed first; when anything is not as it should be, nothing is made.
            With --policy the newest checkpoint must satisfy it; without, the log keys count that the ledger's own events
            name. A run that is interrupted leaves a directory LEDGER.restoring-…, which may be deleted.
            """,
        options: [.policy, .json], operands: 2...2
    ) { arguments in
        var restorer = ArchiveRestorer(archive: arguments.operands[0], ledger: arguments.operands[1])
        restorer.policy = try arguments.string("policy").map(TrustFiles.policy)
        let progress = ProgressLine("restoring")
        let summary = try await restorer.restore { progress.show($0.done, of: $0.total) }
        progress.finish()
        guard arguments.json else { return show(summary, arguments.operands[1]) }
        var object = JSONObject()
        object.add("origin", summary.origin)
        object.add("incarnation", summary.incarnation)
        object.add("entries", summary.size.rawValue)
        object.add("root", summary.root.hex)
        if let key = summary.logKey { object.add("logKey", key) } else { object.addNull("logKey") }
        var witnesses = JSONArray()
        for name in summary.witnesses { witnesses.append(name) }
        object.add("witnesses", witnesses)
        object.add("checkpoints", summary.checkpointCount)
        Output.line(object.bytes)
    }

    @MainActor
    private static func show(_ summary: ArchiveRestorer.Summary, _ path: String) {
        Output.line(
            "restored \(summary.origin) with \(summary.size.rawValue.counting("entry", "entries")) in "
                + "\(path.escapingControls); root \(summary.root)")
        if let key = summary.logKey {
            Output.line("the newest checkpoint is signed by \(key.escapingControls)")
        } else {
            Output.line(
                "note: neither the ledger nor a policy names a log key: the checkpoint's signature was not checked")
        }
        for name in summary.witnesses { Output.line("cosigned by \(name.escapingControls)") }
    }
}
