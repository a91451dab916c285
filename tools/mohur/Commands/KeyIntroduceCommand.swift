internal import EventFormat
internal import Keyring
internal import Ledger
internal import Signing

extension Command {
    static let keyIntroduce = Command(
        "key introduce", "Let a key be trusted from the next entry on",
        usage:
            "LEDGER PUBLIC --role authority|source|log|witness [--source URI] [--url URL] --key KEY [--passphrase-file F] [--json]",
        details: """
            PUBLIC is a public key's PEM file, for a witness its verifier key (name+id+key). Roles: an authority says what
            the ledger trusts; a source signs what it appends; a log key signs checkpoints; a witness cosigns them.
            A key is introduced once, for one role.
            """,
        options: [
            Option("role", "ROLE", "what the key may do: authority, source, log or witness (required)"),
            Option("source", "URI", "the source that the key signs for (with --role source)"),
            Option("url", "URL", "where the witness is asked (with --role witness)"), .authorityKey, .passphrase, .json,
        ], operands: 2...2
    ) { arguments in
        let event = try introduction(arguments)
        try await record([event], arguments)
    }

    private static func introduction(_ arguments: Arguments) throws -> TrustEvent {
        let role = try arguments.required("role")
        let file = arguments.operands[1]
        guard role == "source" || !arguments.has("source") else {
            throw arguments.usage("--source goes with --role source")
        }
        guard role == "witness" || !arguments.has("url") else {
            throw arguments.usage("--url goes with --role witness")
        }
        switch role {
        case "authority": return .keyIntroduced(try PublicKey(file: file), role: .authority)
        case "log": return .keyIntroduced(try PublicKey(file: file), role: .log)
        case "source":
            let source = try arguments.source(try arguments.required("source"), "--source")
            return .keyIntroduced(try PublicKey(file: file), role: .source(source))
        case "witness":
            do throws(KeyringError) {
                return .witnessRegistered(try .init(vkey: file, url: arguments.string("url")))
            } catch {
                throw Failure(.refused, "the operand \(file.escapingControls) \(error.reason)")
            }
        default:
            throw arguments.usage(
                "--role takes authority, source, log or witness, not \"\(role.escapingControls)\"")
        }
    }

    /// Records trust events, signed by `--key`, and shows where.
    @MainActor
    static func record(_ events: [TrustEvent], _ arguments: Arguments) async throws {
        let signer = try arguments.requiredSigner()
        let ledger = try await Ledger.openForWriting(arguments.operands[0])
        let report = TrustReport(json: arguments.json)
        let places = try await ledger.record(events, signedBy: signer)
        for (event, place) in zip(events, places) { report.show(event, place) }
        await ledger.close()
    }
}
