internal import Digests
internal import EventFormat
internal import JSON
internal import Ledger
internal import Signing

extension Command {
    static let create = Command(
        "create", "Make a new ledger", usage: "LEDGER --origin ORIGIN [--authority PUBLIC]… [--json]",
        details: """
            LEDGER is a directory that does not exist or is empty. ORIGIN names the ledger for ever: a lowercase URL
            without its scheme, such as records.example.gov/permits.

            Authority keys say which keys, sources and policy the ledger trusts. A ledger that begins without one never
            has signatures, and never can.
            """,
        options: [
            Option("origin", "ORIGIN", "the ledger's name (required)"),
            Option("authority", "PUBLIC", "the public key of an authority, a PEM file; may be repeated"), .json,
        ], operands: 1...1
    ) { arguments in
        let origin = try origin(arguments)
        let authorities = try arguments.strings("authority").map { try PublicKey(file: $0) }
        try TrustFiles.refuseLedger(of: arguments.operands[0])
        let ledger = try await Ledger.create(at: arguments.operands[0], origin: origin, authorities: authorities)
        let summary = try await ledger.summary()
        if arguments.json {
            var object = JSONObject()
            object.add("origin", origin.text)
            object.add("incarnation", ledger.genesis.incarnation.description)
            object.add("entries", summary.size)
            object.add("root", summary.root.hex)
            Output.line(object.bytes)
        } else {
            Output.line("created \(arguments.operands[0]) with the origin \(origin)")
        }
        await ledger.close()
    }

    private static func origin(_ arguments: Arguments) throws(UsageError) -> Origin {
        let text = try arguments.required("origin")
        do throws(FormatError) {
            return try Origin(text)
        } catch {
            throw arguments.usage("--origin: \(error)")
        }
    }
}
