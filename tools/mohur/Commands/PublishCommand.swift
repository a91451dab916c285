internal import Digests
internal import EventFormat
internal import JSON
internal import Keyring
internal import Ledger
internal import Merkle
internal import Publishing
internal import Transparency

extension Command {
    static let publish = Command(
        "publish", "Sign a checkpoint, have it cosigned, and write the tree for a web server",
        usage:
            "LEDGER DIR [--key KEY] [--passphrase-file F] [--policy FILE] [--allow-missing-witnesses] [--prune-partials] [--json]",
        details: """
            DIR gets the files of C2SP tlog-tiles: checkpoint, tile/<level>/<n>, tile/entries/<n>. Serve it with any web server.
            It holds entries and hashes, never payloads. Run again, only what is new is written; a run that was interrupted
            is completed by the next.

            The witnesses of the policy, or of the ledger's own, are asked first. When too few of them cosign, DIR stays
            as it is, and it is said who is missing and why.
            """,
        options: [
            .logKey, .passphrase, .policy,
            Option(flag: "allow-missing-witnesses", "publish although too few witnesses have cosigned"),
            Option(flag: "prune-partials", "remove partial tiles whose full tile is there"), .json,
        ], operands: 2...2
    ) { arguments in
        let signer = try arguments.logSigner()
        try TrustFiles.refuseLedger(of: arguments.operands[1])
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        var settings = Publisher(ledger, into: arguments.operands[1], client: HTTPWitnessClient())
        settings.policy = try arguments.string("policy").map(TrustFiles.policy)
        let keyring = try await ledger.keyring()
        if let policy = settings.policy ?? keyring.policy?.policy.witnesses?.policy {
            TrustFiles.warn(of: policy, logKeys: [signer.publicKey] + keyring.keys(.log).map(\.key))
        }
        settings.allowsMissingWitnesses = arguments.has("allow-missing-witnesses")
        settings.prunesPartials = arguments.has("prune-partials")
        let progress = ProgressLine("publishing")
        let publisher = settings
        let publication = try await TrustFiles.leavingNoEmptyFolder(arguments.operands[1]) {
            try await publisher.publish(signedBy: signer) { progress.show($0, of: $1) }
        }
        progress.finish()
        await ledger.close()
        if arguments.json { Output.line(publication.json.bytes) } else { show(publication, arguments.operands[1]) }
    }

    @MainActor
    private static func show(_ publication: Publisher.Publication, _ folder: String) {
        let tree = publication.checkpoint.checkpoint
        let added = tree.size.rawValue - publication.before.rawValue
        Output.line(
            "published \(tree.size.rawValue.counting("entry", "entries")), \(added.grouped) of them new, in "
                + "\(folder.escapingControls); root \(tree.root)")
        for witness in publication.witnesses {
            let name = "\(witness.name)".escapingControls
            switch witness.outcome {
            case .cosigned(let time): Output.line("cosigned by \(name) at \(Timestamp.text(seconds: time))")
            case .missing(let reason): Output.line("\(name) did not cosign: \(reason.escapingControls)")
            }
        }
        if !publication.isQuorumMet { Output.line("TOO FEW WITNESSES: the policy is not met") }
        if publication.prunedCount > 0 {
            Output.line("removed \(publication.prunedCount.counting("partial tile", "partial tiles"))")
        }
    }
}

extension Publisher.Publication {
    var json: JSONObject {
        var object = JSONObject()
        object.add("entries", checkpoint.checkpoint.size.rawValue)
        object.add("added", checkpoint.checkpoint.size.rawValue - before.rawValue)
        object.add("root", checkpoint.checkpoint.root.hex)
        var list = JSONArray()
        for witness in witnesses {
            var item = JSONObject()
            item.add("witness", "\(witness.name)")
            if let url = witness.url { item.add("url", url) } else { item.addNull("url") }
            switch witness.outcome {
            case .cosigned(let time): item.add("cosigned", Timestamp.text(seconds: time))
            case .missing(let reason):
                item.addNull("cosigned")
                item.add("reason", reason)
            }
            list.append(item)
        }
        object.add("witnesses", list)
        object.add("quorum", isQuorumMet)
        object.add("pruned", prunedCount)
        return object
    }
}
