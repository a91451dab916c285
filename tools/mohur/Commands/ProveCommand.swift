internal import Digests
internal import EventFormat
internal import JSON
internal import Ledger
internal import Merkle
internal import Publishing
internal import Transparency

extension Command {
    static let prove = Command(
        "prove", "Make a receipt that stands without the ledger",
        usage:
            "LEDGER --event ID|INDEX|--stream S|--consistency OLD [NEW] [--checkpoint SIZE] --output FILE [--payload FILE] [--json]",
        details: """
            Of an event: a .tlog-proof, its entry included. Of a stream: a .mohur-record, all its entries with their
            payloads, from the first. Of two checkpoints: a .mohur-consistency, that the one of NEW entries (the newest)
            continues that of OLD. Each is under a checkpoint that was signed, the newest that was cosigned, or that of
            --checkpoint; and each is verified before it is written. mohur check reads them all.
            """,
        options: [
            Option("event", "ID|INDEX", "the event's id, or its index"),
            Option("index", "N", "the event's index"),
            Option("stream", "S", "the whole history of this stream"),
            Option("consistency", "OLD", "that the checkpoint of NEW entries continues that of OLD"),
            Option("checkpoint", "SIZE", "under the checkpoint of SIZE entries"), .output,
            Option("payload", "FILE", "also write the event's payload envelope to FILE"), .json,
        ], operands: 1...2
    ) { arguments in
        let wanted = ["event", "index", "stream", "consistency"].filter(arguments.has)
        guard wanted.count == 1 else {
            throw arguments.usage("give one of --event, --index, --stream and --consistency")
        }
        guard arguments.operands.count == 1 || arguments.has("consistency") else {
            throw arguments.usage("a second operand, NEW, goes with --consistency")
        }
        guard !arguments.has("payload") || arguments.has("event") || arguments.has("index") else {
            throw arguments.usage("--payload goes with --event and --index; a history has its payloads in it")
        }
        let output = try arguments.required("output")
        guard arguments.string("payload") != output else {
            throw arguments.usage("--output and --payload name one file; they need two")
        }
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        let receipts = Receipts(of: ledger)
        switch wanted[0] {
        case "stream": try await proveStream(receipts, output, arguments)
        case "consistency": try await proveConsistency(receipts, output, arguments)
        default: try await proveEvent(ledger, receipts, output, arguments)
        }
        await ledger.close()
    }

    @MainActor
    private static func proveEvent(
        _ ledger: Ledger, _ receipts: Receipts, _ output: String, _ arguments: Arguments
    ) async throws {
        let index = try await eventIndex(ledger, arguments)
        let size = try await ledger.size()
        guard index.rawValue < size else {
            throw Failure(
                .refused, "the ledger has \(size.counting("entry", "entries")); there is no entry \(index)")
        }
        let proof = try await receipts.proof(of: index, size: arguments.size("checkpoint"))
        let checkpoint = try proof.signedCheckpoint().checkpoint
        if let file = arguments.string("payload") {
            guard let envelope = try await ledger.event(at: index).envelope else {
                throw Failure(.refused, "entry \(index) has no payload")
            }
            try TrustFiles.write(envelope, to: file)
        }
        try TrustFiles.write(proof.bytes, to: output)
        report(arguments, "the receipt of entry \(index)", output, checkpoint, ["index": index.rawValue])
    }

    @MainActor
    private static func proveStream(_ receipts: Receipts, _ output: String, _ arguments: Arguments) async throws {
        guard let stream = try arguments.stream("stream") else { return }
        let (history, newer) = try await receipts.history(of: stream, size: arguments.size("checkpoint"))
        try keep(history, newer, output, arguments)
    }

    @MainActor
    private static func keep(
        _ history: RecordHistory, _ newer: UInt64, _ output: String, _ arguments: Arguments
    ) throws {
        let checkpoint = try history.proof.signedCheckpoint().checkpoint
        try TrustFiles.write(history.bytes, to: output)
        let count = history.items.count
        report(
            arguments, "the history of \(count.counting("entry", "entries"))", output, checkpoint,
            ["entriesOfStream": UInt64(count), "newer": newer])
        if newer > 0, !arguments.json {
            Output.line(
                "\(newer.counting("newer entry is", "newer entries are")) not in it: no checkpoint has them yet")
        }
    }

    @MainActor
    private static func proveConsistency(_ receipts: Receipts, _ output: String, _ arguments: Arguments) async throws {
        guard let old = try arguments.size("consistency") else { return }
        guard old > 0 else { throw arguments.usage("--consistency takes an earlier checkpoint's size, at least 1") }
        let word = arguments.operands.count > 1 ? arguments.operands[1] : nil
        let new = word.flatMap { UInt64($0) }.map { TreeSize($0) }
        guard (word == nil) == (new == nil) else { throw arguments.usage("NEW is a number of entries") }
        let receipt = try await receipts.consistency(from: old, to: new ?? arguments.size("checkpoint"))
        try TrustFiles.write(receipt.bytes, to: output)
        report(
            arguments, "the proof that it continues the checkpoint of \(old) entries", output, receipt.new.checkpoint,
            ["old": old.rawValue])
    }

    private static func eventIndex(_ ledger: Ledger, _ arguments: Arguments) async throws -> EntryIndex {
        if let index = try arguments.number("index") { return EntryIndex(index) }
        let text = try arguments.required("event")
        if let index = UInt64(text) { return EntryIndex(index) }
        guard let id = EventID(uuid: text) else {
            throw arguments.usage("--event takes an event's id (a UUID) or an index, not \"\(text.escapingControls)\"")
        }
        guard let index = try await ledger.index(of: id) else { throw Failure(.refused, "no event has the id \(id)") }
        return index
    }

    @MainActor
    private static func report(
        _ arguments: Arguments, _ what: String, _ output: String, _ checkpoint: Checkpoint,
        _ numbers: KeyValuePairs<String, UInt64>
    ) {
        guard arguments.json else {
            return Output.line(
                "wrote \(what) to \(output.escapingControls), under the checkpoint of "
                    + checkpoint.size.rawValue.counting("entry", "entries"))
        }
        var object = JSONObject()
        object.add("file", output)
        for (key, number) in numbers { object.add(key, number) }
        object.add("entries", checkpoint.size.rawValue)
        object.add("root", checkpoint.root.hex)
        Output.line(object.bytes)
    }
}
