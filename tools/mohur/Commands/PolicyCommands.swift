internal import EventFormat
internal import Files
internal import JSON
internal import Keyring
internal import Ledger

extension Command {
    static let policyAdopt = Command(
        "policy adopt", "Say which events must be signed, and which witnesses checkpoints need",
        usage:
            "LEDGER [--unsigned allowed|refused] [--source URI=RULE]… [--type T=RULE]… [--witnesses FILE] --key KEY [--passphrase-file F] [--json]",
        details: """
            The whole policy from the next entry on: what an earlier one said holds no more. RULE is signed or unsigned. For
            an event the rule of its type counts first (T itself before the longest prefix P.*), then that of its source,
            then that a source that was given a key signs, then --unsigned. FILE is a policy of C2SP tlog-policy.
            """,
        options: [
            Option("unsigned", "U", "whether other events may be unsigned: allowed (the default) or refused"),
            Option("source", "URI=RULE", "the rule for a source; may be repeated"),
            Option("type", "T=RULE", "the rule for a type, or for all with a prefix: decision.*; may be repeated"),
            Option("witnesses", "FILE", "the witnesses that a checkpoint needs, and their quorum"), .authorityKey,
            .passphrase, .json,
        ], operands: 1...1
    ) { arguments in
        let policy = try policy(arguments)
        if let witnesses = policy.witnesses?.policy {
            let ledger = try await Ledger.openForReading(arguments.operands[0])
            TrustFiles.warn(of: witnesses, logKeys: try await ledger.keyring().keys(.log).map(\.key))
            await ledger.close()
        }
        try await record([.policyAdopted(policy)], arguments)
    }

    static let policyShow = Command(
        "policy show", "Show the policy in force", usage: "LEDGER [--as-of INDEX] [--json]",
        options: [Option("as-of", "INDEX", "the policy for this entry"), .json], operands: 1...1
    ) { arguments in
        let asOf = try arguments.number("as-of")
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        let history = try await ledger.keyHistory()
        let size = try await ledger.size()
        let adopted = history.policy(at: EntryIndex(asOf ?? size))
        await ledger.close()
        guard !arguments.json else {
            var object = JSONObject()
            if let adopted {
                object.add("adopted", adopted.adopted.rawValue)
                object.add(
                    "policy", raw: String(decoding: TrustEvent.policyAdopted(adopted.policy).payload, as: UTF8.self))
            } else {
                object.addNull("adopted")
            }
            return Output.line(object.bytes)
        }
        guard let adopted else {
            return Output.line(
                "no policy was adopted: events may be unsigned, but those of a source that was given a key")
        }
        Output.line("adopted at entry \(adopted.adopted)")
        show(adopted.policy)
    }

    @MainActor
    private static func show(_ policy: LedgerPolicy) {
        Output.line("unsigned  \(policy.allowsUnsigned ? "allowed" : "refused")")
        for (source, rule) in policy.sources.sorted(by: { $0.key < $1.key }) {
            Output.line("source    \(rule.rawValue.padded(to: 8))  \(source.text.escapingControls)")
        }
        for (type, rule) in policy.types.sorted(by: { $0.key < $1.key }) {
            Output.line("type      \(rule.rawValue.padded(to: 8))  \(type.text.escapingControls)")
        }
        guard let witnesses = policy.witnesses else { return }
        Output.line("witnesses")
        for line in witnesses.text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
            Output.line("  \(String(line).escapingControls)")
        }
    }

    private static func policy(_ arguments: Arguments) throws -> LedgerPolicy {
        let unsigned = arguments.string("unsigned") ?? "allowed"
        guard unsigned == "allowed" || unsigned == "refused" else {
            throw arguments.usage("--unsigned takes allowed or refused, not \"\(unsigned.escapingControls)\"")
        }
        var policy = LedgerPolicy(allowsUnsigned: unsigned == "allowed")
        for text in arguments.strings("source") {
            let (name, rule) = try rule("source", text, arguments)
            guard policy.sources.updateValue(rule, forKey: try arguments.source(name, "--source")) == nil else {
                throw arguments.usage("--source names \(name.escapingControls) twice")
            }
        }
        for text in arguments.strings("type") {
            let (name, rule) = try rule("type", text, arguments)
            let pattern: TypePattern
            do throws(KeyringError) { pattern = try TypePattern(name) } catch {
                throw arguments.usage("--type: \(error.reason)")
            }
            guard policy.types.updateValue(rule, forKey: pattern) == nil else {
                throw arguments.usage("--type names \(name.escapingControls) twice")
            }
        }
        if let path = arguments.string("witnesses") {
            let bytes = try InputFile.read(path, atMost: 1 << 16)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Failure(.refused, "\(path.escapingControls) is not UTF-8; it should be a policy of witnesses")
            }
            policy.witnesses = try WitnessPolicy(text)
        }
        return policy
    }

    /// `NAME=RULE`, cut at the last `=`, since a URI may have one too.
    private static func rule(
        _ option: String, _ text: String, _ arguments: Arguments
    ) throws -> (name: String, rule: LedgerPolicy.Rule) {
        guard let cut = text.lastIndex(of: "="),
            let rule = LedgerPolicy.Rule(rawValue: String(text[text.index(after: cut)...]))
        else {
            throw arguments.usage(
                "--\(option) takes NAME=signed or NAME=unsigned, not \"\(text.escapingControls)\"")
        }
        return (String(text[..<cut]), rule)
    }
}
