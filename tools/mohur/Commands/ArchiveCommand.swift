internal import Archiving
internal import Digests
internal import EventLog
internal import JSON
internal import Ledger
internal import Merkle
internal import Publishing

extension Command {
    static let archive = Command(
        "archive", "Write a ledger's archive, the legal record, or bring it up to date",
        usage: "LEDGER DIR [--key KEY] [--passphrase-file F] [--rehash] [--json]",
        details: """
            DIR gets a bag (BagIt 1.0) of plain files: entries, payloads, hashes, checkpoints with cosignatures and
            timestamps, and the history of keys. It can be read and checked without this program (docs/archive.md), by
            mohur-verify and by tools/verify.py. It ends on the ledger's newest checkpoint; --key signs one of all entries
            first. Run again, only what is new is written; a run that was interrupted is completed by the next.
            """,
        options: [
            .key, .passphrase,
            Option(flag: "rehash", "compare every file with the ledger, and replace those that differ"), .json,
        ], operands: 2...2
    ) { arguments in
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        if let signer = try arguments.signer() {
            let store = CheckpointStore(ledger: arguments.operands[0])
            let lock = try store.lock(for: "signing a checkpoint")
            let origin = ledger.genesis.origin
            _ = try await ledger.blocking { log throws(PublishingError) in
                try store.sign(log, by: signer, of: origin)
            }
            withExtendedLifetime(lock) {}
        }
        var writer = ArchiveWriter(folder: arguments.operands[1])
        writer.rehash = arguments.has("rehash")
        let progress = ProgressLine("archiving")
        let summary = try await writer.update(from: ledger) { progress.show($0.done, of: $0.total) }
        progress.finish()
        await ledger.close()
        guard arguments.json else { return show(summary, arguments.operands[1]) }
        var object = JSONObject()
        object.add("entries", summary.size.rawValue)
        object.add("added", summary.added)
        object.add("root", summary.root.hex)
        object.add("files", summary.fileCount)
        object.add("bytes", summary.byteCount)
        object.add("written", summary.written)
        object.add("replaced", summary.replaced)
        Output.line(object.bytes)
    }

    @MainActor
    private static func show(_ summary: ArchiveWriter.Summary, _ folder: String) {
        if summary.finishedEarlier { Output.line("an earlier run had been interrupted; its update was put in place") }
        Output.line(
            "archived \(summary.size.rawValue.counting("entry", "entries")), \(summary.added.grouped) of them new, in "
                + "\(folder.escapingControls); root \(summary.root)")
        Output.line(
            "\(summary.fileCount.counting("file", "files")) of \(summary.byteCount.grouped) bytes; "
                + "\(summary.written.grouped) written, \(summary.replaced.grouped) of them in place of wrong ones")
    }
}
