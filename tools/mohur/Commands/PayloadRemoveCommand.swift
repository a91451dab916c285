internal import EventFormat
internal import JSON
internal import Keyring
internal import Ledger

extension Command {
    static let payloadRemove = Command(
        "payload remove", "Remove payloads, and record by whose authority",
        usage: "LEDGER EVENT… --authority TEXT [--schedule TEXT] --key KEY [--passphrase-file F] [--json]",
        details: """
            EVENT is an event's id or its index. Records payload.removed, signed by an authority key, and then puts zeros in
            the place of the payloads; the entries stay, and go on committing to what is gone. What was interrupted is
            finished by doing it again. Documents that a payload names are removed by mohur content remove.

            Room of the data file that is not in use may keep a payload until it is written over: where that must not be,
            make a new copy (mohur backup), which has none of it, and put it in the ledger's place; make backups anew.
            Archives lose the payloads with the next checkpoint.
            """,
        options: [
            Option("authority", "TEXT", "by whose authority, for everybody to read (required)"),
            Option("schedule", "TEXT", "the retention schedule and its rule, when it is that"), .authorityKey,
            .passphrase, .json,
        ], operands: 2...10_000
    ) { arguments in
        let authority = try arguments.required("authority")
        let signer = try arguments.requiredSigner()
        let ledger = try await Ledger.openForWriting(arguments.operands[0])
        var indexes: [EntryIndex] = []
        for text in arguments.operands.dropFirst() { indexes.append(try await index(text, ledger, arguments)) }
        let count = try await ledger.remove(
            payloads: indexes, authority: authority, schedule: arguments.string("schedule"), signedBy: signer)
        let history = try await ledger.keyHistory()
        await ledger.close()
        let report = TrustReport(json: arguments.json)
        for index in indexes {
            report.show(history.removal(of: index), of: "the payload of entry \(index)") {
                $0.add("index", index.rawValue)
            }
        }
        report.showMissing(of: Set(indexes).count, removed: count)
    }

    /// The entry that an operand names.
    private static func index(
        _ text: String, _ ledger: Ledger, _ arguments: Arguments
    ) async throws -> EntryIndex {
        if let index = UInt64(text) { return EntryIndex(index) }
        guard let id = EventID(uuid: text) else {
            throw arguments.usage("EVENT is an event's id (a UUID) or an index, not \"\(text.escapingControls)\"")
        }
        guard let index = try await ledger.index(of: id) else { throw Failure(.refused, "no event has the id \(id)") }
        return index
    }
}
