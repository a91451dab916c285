internal import EventFormat
internal import Keyring
internal import Signing

extension Command {
    static let sourceRegister = Command(
        "source register", "Make a source known, with its keys",
        usage: "LEDGER URI [--name NAME] [--public FILE]… --key KEY [--passphrase-file F] [--json]",
        details: """
            URI is what stands in the source's events. A source that was given a key must sign what it appends, unless the
            policy says otherwise. A source is registered once; further keys are introduced (mohur key introduce).
            """,
        options: [
            Option("name", "NAME", "what people call the source"),
            Option("public", "FILE", "a public key of the source, a PEM file; may be repeated"), .authorityKey,
            .passphrase, .json,
        ], operands: 2...2
    ) { arguments in
        let keys = try arguments.strings("public").map { try PublicKey(file: $0) }
        let source = try arguments.source(arguments.operands[1], "URI")
        try await record([.sourceRegistered(source, name: arguments.string("name"), keys: keys)], arguments)
    }
}
