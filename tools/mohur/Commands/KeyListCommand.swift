internal import EventFormat
internal import JSON
internal import Keyring
internal import Ledger
internal import Signing
internal import Transparency

extension Command {
    static let keyList = Command(
        "key list", "List a ledger's keys, sources' and witnesses' included",
        usage: "LEDGER [--as-of INDEX] [--all] [--json]",
        details: "Without --all only the keys in force for the next entry, or for the entry INDEX.",
        options: [
            Option("as-of", "INDEX", "the keys for this entry"), Option(flag: "all", "those that have ended too"),
            .json,
        ], operands: 1...1
    ) { arguments in
        let asOf = try arguments.number("as-of")
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        let history = try await ledger.keyHistory()
        let size = try await ledger.size()
        let index = EntryIndex(asOf ?? size)
        await ledger.close()
        let witnesses = Dictionary(
            history.witnesses.map { ($0.witness.publicKey.id, $0.witness) }, uniquingKeysWith: { first, _ in first })
        for record in history.keys where record.introduced < index {
            guard arguments.has("all") || record.isInForce(at: index) else { continue }
            if arguments.json {
                Output.line(json(record, witnesses[record.id]).bytes)
            } else {
                show(record, witnesses[record.id])
            }
        }
    }

    @MainActor
    private static func show(_ record: KeyRecord, _ witness: TrustEvent.Witness?) {
        var text = "\(record.id)  \(record.key.algorithm)  \(record.role)"
        if let witness { text += " \(witness.noteKey.name)" }
        let first = record.introduced.rawValue + 1
        if let end = record.end {
            text += ", in force for entries \(first) to \(end.index)"
            switch end.cause {
            case .rotated(let new): text += ", then \(new)"
            case .revoked(let reason, let since):
                text += ", then revoked: \(reason)"
                if let since { text += " (compromised since \(since))" }
            }
        } else {
            text += ", in force from entry \(first) on"
        }
        Output.line(text.escapingControls)
    }

    private static func json(_ record: KeyRecord, _ witness: TrustEvent.Witness?) -> JSONObject {
        var object = JSONObject()
        object.add("id", record.id.hex)
        object.add("algorithm", record.key.algorithm.name)
        switch record.role {
        case .authority: object.add("role", "authority")
        case .log: object.add("role", "log")
        case .source(let source):
            object.add("role", "source")
            object.add("source", source.text)
        case .witness:
            object.add("role", "witness")
            if let witness { object.add("vkey", witness.vkey) }
            if let url = witness?.url { object.add("url", url) }
        }
        object.add("introduced", record.introduced.rawValue)
        guard let end = record.end else { return object }
        object.add("ended", end.index.rawValue)
        switch end.cause {
        case .rotated(let new): object.add("successor", new.hex)
        case .revoked(let reason, let since):
            object.add("reason", reason)
            if let since { object.add("compromisedSince", since.description) }
        }
        return object
    }
}
