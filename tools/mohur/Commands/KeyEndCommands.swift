internal import EventFormat
internal import Keyring
internal import Signing

extension Command {
    static let keyRotate = Command(
        "key rotate", "Put a new key in the place of an old one",
        usage: "LEDGER OLD NEW --key KEY [--passphrase-file F] [--json]",
        details: """
            OLD is a key's id or its public key's PEM file, NEW a public key's PEM file. From the next entry on the new key
            has the role of the old one, which signs no more. What the old one has signed stays right.
            """,
        options: [.authorityKey, .passphrase, .json], operands: 3...3
    ) { arguments in
        let old = try KeyReference.id(arguments.operands[1])
        let new = try PublicKey(file: arguments.operands[2])
        try await record([.keyRotated(old: old, new: new)], arguments)
    }

    static let keyRevoke = Command(
        "key revoke", "End a key",
        usage: "LEDGER OLD --reason TEXT [--compromised-since TIME] --key KEY [--passphrase-file F] [--json]",
        details: """
            OLD is a key's id or its public key's PEM file. From the next entry on it signs no more. A source whose last key
            ends appends nothing until it has a new one, or a policy lets it go unsigned. With --compromised-since
            verification remarks on what the key has signed from that moment on.
            """,
        options: [
            Option("reason", "TEXT", "why, for everybody to read (required)"),
            Option("compromised-since", "TIME", "since when somebody else may have had the key (RFC 3339)"),
            .authorityKey, .passphrase, .json,
        ], operands: 2...2
    ) { arguments in
        let reason = try arguments.required("reason")
        let since = try arguments.time("compromised-since")
        guard since.map({ $0 <= Timestamp.now }) ?? true else {
            throw arguments.usage("--compromised-since lies in the future; what is recorded cannot be put right")
        }
        guard !reason.isEmpty else { throw arguments.usage("--reason says nothing") }
        let id = try KeyReference.id(arguments.operands[1])
        try await record([.keyRevoked(id, reason: reason, compromisedSince: since)], arguments)
    }
}
