internal import Archiving
internal import Digests
internal import EventFormat
internal import Files
internal import JSON
internal import Ledger
internal import Merkle
internal import Publishing
internal import Transparency

extension Command {
    static let archive = Command(
        "archive", "Write the legal record: plain files that need no program of Mohur's",
        usage: "LEDGER DIR [--key KEY] [--passphrase-file F] [--rehash] [--json]",
        details: """
            DIR becomes a bag (BagIt, RFC 8493) of entries, payloads, hashes, checkpoints and timestamps, which ends on the
            newest checkpoint of LEDGER, or with --key on one that is signed now. Run again, only what is new is written; a
            run that was interrupted is completed by the next, and until it is decided DIR is what it was before.

            What is in DIR: docs/archive.md, and README.txt in it.
            """,
        options: [
            .key, .passphrase,
            Option(flag: "rehash", "compare every file of DIR with LEDGER, and write anew what differs"), .json,
        ], operands: 2...2
    ) { arguments in
        try TrustFiles.refuseLedger(of: arguments.operands[1])
        let signer = try arguments.signer()
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        if let signer {
            let store = CheckpointStore(ledger: arguments.operands[0])
            let lock = try store.lock(for: "signing a checkpoint")
            let origin = ledger.genesis.origin
            _ = try await ledger.blocking { log throws(PublishingError) in
                try store.sign(log, by: signer, of: origin)
            }
            withExtendedLifetime(lock) {}
        }
        let writer = writer(arguments)
        let progress = ProgressLine("archiving")
        let summary = try await TrustFiles.leavingNoEmptyFolder(arguments.operands[1]) {
            try await writer.update(from: ledger) { progress.show($0.done, of: $0.total) }
        }
        progress.finish()
        await ledger.close()
        if arguments.json { Output.line(summary.json.bytes) } else { show(summary, arguments.operands[1]) }
    }

    private static func writer(_ arguments: Arguments) -> ArchiveWriter {
        var writer = ArchiveWriter(folder: arguments.operands[1])
        writer.rehash = arguments.has("rehash")
        return writer
    }

    @MainActor
    private static func show(_ summary: ArchiveWriter.Summary, _ folder: String) {
        if summary.finishedEarlier { Output.line("an update that was interrupted has been finished first") }
        let files = summary.written.counting("file", "files")
        let replaced = summary.replaced > 0 ? ", \(summary.replaced.grouped) of them in place of others" : ""
        Output.line(
            "archived \(summary.size.rawValue.counting("entry", "entries")) in \(folder.escapingControls) "
                + "(\(summary.added.grouped) new; \(files) written\(replaced)), root \(summary.root)")
    }
}

extension ArchiveWriter.Summary {
    fileprivate var json: JSONObject {
        var object = JSONObject()
        object.add("entries", size.rawValue)
        object.add("added", added)
        object.add("root", root.hex)
        object.add("files", fileCount)
        object.add("bytes", byteCount)
        object.add("written", written)
        object.add("replaced", replaced)
        object.add("finished", finishedEarlier)
        return object
    }
}

extension Command {
    static let restore = Command(
        "restore", "Make a ledger of an archive, verified before it gets its name",
        usage: "DIR LEDGER [--policy FILE] [--anchors FILE] [--json]",
        details: """
            LEDGER is a directory that does not exist or is empty. Every file of DIR is compared with its manifest, the entries with
            each other, the tree with the checkpoints, and these with the keys that the ledger's own events name and with
            the policy; with --anchors the timestamps are verified, too. LEDGER then has the same entries, payloads and
            root; its checkpoints, timestamps and contents are put back. What was removed under a recorded event is not missed.
            """,
        options: [.policy, .anchors, .json], operands: 2...2
    ) { arguments in
        try TrustFiles.refuseLedger(of: arguments.operands[1])
        let policy = try arguments.string("policy").map(TrustFiles.policy)
        if let policy { TrustFiles.warn(of: policy) }
        let anchors = try arguments.string("anchors").map(TrustFiles.anchors)
        let restorer = ArchiveRestorer(
            archive: arguments.operands[0], ledger: arguments.operands[1], policy: policy, anchors: anchors)
        let progress = ProgressLine("restoring")
        let summary = try await restorer.restore { progress.show($0.done, of: $0.total) }
        progress.finish()
        if summary.logKey == nil {
            Output.error(
                "mohur: the log's signature was not checked: the ledger's events name no log key, and no policy was given"
            )
        }
        if summary.timestampCount > 0, !summary.areTimestampsVerified {
            let timestamps = summary.timestampCount.counting("timestamp was", "timestamps were")
            Output.error("mohur: \(timestamps) not verified: give the authorities' certificates with --anchors")
        }
        guard arguments.json else {
            let cosigned = summary.witnesses.map(\.escapingControls).joined(separator: ", ")
            Output.line(
                "restored \(summary.size.rawValue.counting("entry", "entries")) to \(arguments.operands[1].escapingControls), "
                    + "root \(summary.root)\(cosigned.isEmpty ? "" : "; cosigned by \(cosigned)")")
            if summary.timestampCount > 0, summary.areTimestampsVerified {
                Output.line("verified \(summary.timestampCount.counting("timestamp", "timestamps"))")
            }
            return
        }
        var object = JSONObject()
        object.add("origin", summary.origin)
        object.add("incarnation", summary.incarnation)
        object.add("entries", summary.size.rawValue)
        object.add("root", summary.root.hex)
        object.add("checkpoints", UInt64(summary.checkpointCount))
        object.add("timestamps", UInt64(summary.timestampCount))
        object.add("contents", summary.documentCount)
        object.add("timestampsVerified", summary.areTimestampsVerified)
        if let key = summary.logKey { object.add("logKey", key) } else { object.addNull("logKey") }
        var names = JSONArray()
        for name in summary.witnesses { names.append(name) }
        object.add("witnesses", names)
        Output.line(object.bytes)
    }
}
