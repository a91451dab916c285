internal import Digests
internal import EventFormat
internal import Files
internal import JSON
internal import Ledger
internal import Publishing
internal import Timestamping
internal import Transparency

extension Command {
    static let checkpoint = Command(
        "checkpoint", "Sign what the ledger has now, or list what was signed",
        usage: "LEDGER [--key KEY] [--passphrase-file F] [--json] | LEDGER --list [--anchors FILE] [--json]",
        details: """
            Signs a checkpoint (origin, size and root, as a signed note), keeps it in LEDGER/checkpoints and prints it. From
            then on the ledger is held to it: an older or another copy under the same LEDGER/published takes no events.
            Where the ledger's events name log keys, KEY must be one in force. To let others see it, use mohur publish.
            """,
        options: [
            .logKey, .passphrase, Option(flag: "list", "list the checkpoints that were signed"), .anchors, .json,
        ], operands: 1...1
    ) { arguments in
        guard !arguments.has("list") else { return try listCheckpoints(arguments) }
        guard !arguments.has("anchors") else { throw arguments.usage("--anchors goes with --list") }
        let signer = try arguments.logSigner()
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        let store = CheckpointStore(ledger: arguments.operands[0])
        let lock = try store.lock(for: "signing a checkpoint")
        let origin = ledger.genesis.origin
        let signed = try await ledger.blocking { log throws(PublishingError) in
            try store.sign(log, by: signer, of: origin)
        }
        withExtendedLifetime(lock) {}
        await ledger.close()
        guard arguments.json else { return Output.text(signed.bytes) }
        var object = JSONObject()
        object.add("origin", "\(signed.checkpoint.origin)")
        object.add("entries", signed.checkpoint.size.rawValue)
        object.add("root", signed.checkpoint.root.hex)
        object.add("checkpoint", String(decoding: signed.bytes, as: UTF8.self))
        Output.line(object.bytes)
    }

    @MainActor
    private static func listCheckpoints(_ arguments: Arguments) throws {
        guard !arguments.has("key") else { throw arguments.usage("--list signs nothing and takes no --key") }
        let store = CheckpointStore(ledger: arguments.operands[0])
        try TrustFiles.requireLedger(arguments.operands[0])
        let anchors = try arguments.string("anchors").map(TrustFiles.anchors)
        let published = try store.published()?.checkpoint.size
        var failures = 0
        for size in try store.sizes() {
            guard let kept = try store.checkpoint(size) else { continue }
            var line = CheckpointLine(kept, isLast: size == published)
            do throws(PublishingError) {
                line.isTimestamped = try store.timestamp(size) != nil
                if let anchors { line.timestamp = try store.verifyTimestamp(size, anchors: anchors) }
            } catch {
                line.trouble = error.reason
                failures += 1
            }
            if arguments.json { Output.line(line.json.bytes) } else { Output.line(line.text) }
        }
        if failures > 0 { throw Failure(.refused, "\(failures.counting("timestamp does", "timestamps do")) not hold") }
    }
}

/// A checkpoint of the list.
private struct CheckpointLine {
    let kept: SignedCheckpoint
    let isLast: Bool
    var isTimestamped = false
    var timestamp: VerifiedTimestamp?
    var trouble: String?

    init(_ kept: SignedCheckpoint, isLast: Bool) {
        self.kept = kept
        self.isLast = isLast
    }

    /// Those that signed beside the log: as the lines say, for no key is at hand to verify them with.
    private var others: [NoteSignature] {
        kept.note.signatures.filter { !kept.checkpoint.origin.matches($0.name) }
    }

    var text: String {
        var text = "\(kept.checkpoint.size)\t\(kept.checkpoint.root)"
        if isLast { text += "\tlast given out" }
        if !others.isEmpty {
            text += "\tcosigned: \(others.map { $0.name.description.escapingControls }.joined(separator: ", "))"
        }
        if let timestamp {
            text += "\ttimestamped \(timestamp.text) by \(timestamp.authority.escapingControls)"
        } else if let trouble {
            text += "\tthe timestamp does not hold: \(trouble.escapingControls)"
        } else if isTimestamped {
            text += "\ttimestamped (not verified without --anchors)"
        }
        return text
    }

    var json: JSONObject {
        var object = JSONObject()
        object.add("entries", kept.checkpoint.size.rawValue)
        object.add("root", kept.checkpoint.root.hex)
        object.add("last", isLast)
        var names = JSONArray()
        for line in others { names.append(line.name.description) }
        object.add("cosigners", names)
        object.add("timestamped", isTimestamped)
        if let timestamp {
            object.add("time", timestamp.text)
            object.add("authority", timestamp.authority)
        }
        if let trouble { object.add("trouble", trouble) }
        return object
    }
}

extension VerifiedTimestamp {
    /// The time that is stated.
    var text: String {
        let time = try? Timestamp(microseconds: seconds * 1_000_000 + Int64(microseconds))
        return time?.description ?? "second \(seconds)"
    }
}
