internal import Digests
internal import EventLog
internal import Ledger
internal import Merkle
internal import Transparency

/// Asks the witnesses of a policy to cosign one checkpoint, all at once.
///
/// A witness cosigns only what continues what it has seen, so each is sent the proof from the size that it knows: the
/// newest kept checkpoint that has its cosignature tells which, and where that is wrong the witness says its size
/// (C2SP tlog-witness, status 409) and is asked once more. Whoever has cosigned this size already is not asked again.
///
/// A witness may have several keys, answer with a cosignature by each, and stand in the policy once for each: what is
/// asked is an address, once, and whatever an answer has of any witness of the policy counts. Two requests to one
/// address would each move the size under the other.
struct WitnessRound: Sendable {
    /// How many kept checkpoints are looked at to learn what witnesses know.
    private static let lookBack = 32

    let ledger: Ledger
    let store: CheckpointStore
    let client: any WitnessClient
    /// The checkpoint as it is sent: with the log's own lines only.
    let checkpoint: SignedCheckpoint
    /// Where witnesses are asked for which the policy states no address.
    let urls: [NoteKey: String]

    /// Returns what became of each witness, in the policy's order, and the lines that hold.
    func ask(
        _ witnesses: [TrustPolicy.Witness], kept: SignedCheckpoint
    ) async throws(PublishingError) -> (reports: [WitnessReport], lines: [NoteSignature]) {
        let known = try knownSizes(witnesses)
        var held: [NoteKey: NoteSignature] = [:]
        for witness in witnesses { held[witness.key] = cosignature(of: witness, in: kept) }
        let asked = addresses(of: witnesses.filter { held[$0.key] == nil && $0.key.canVerify })
        let answers = await withTaskGroup(of: (String, Answer).self) { group in
            for (url, those) in asked {
                let old = those.compactMap { known[$0.key] }.max() ?? 0
                group.addTask { (url, await ask(url, from: old)) }
            }
            var answers: [String: Answer] = [:]
            for await (url, answer) in group { answers[url] = answer }
            return answers
        }
        for case .lines(let lines) in answers.values {
            for witness in witnesses where held[witness.key] == nil {
                held[witness.key] = try? cosignature(of: witness, among: lines)
            }
        }
        let reports = witnesses.map { witness in
            if let line = held[witness.key] {
                return WitnessReport(witness, .cosigned(time: line.cosignature?.time ?? 0))
            }
            return WitnessReport(witness, .missing(reason(for: witness, answers)))
        }
        return (reports, witnesses.compactMap { held[$0.key] })
    }

    /// What came of asking at one address.
    private enum Answer: Sendable {
        /// It cosigned; whose lines these are, and whether they hold, is not known yet.
        case lines([NoteSignature])
        case missing(String)
    }

    /// The addresses at which `witnesses` are asked, each with those that are asked there.
    private func addresses(of witnesses: [TrustPolicy.Witness]) -> [String: [TrustPolicy.Witness]] {
        var addresses: [String: [TrustPolicy.Witness]] = [:]
        for witness in witnesses {
            if let url = address(of: witness) { addresses[url, default: []].append(witness) }
        }
        return addresses
    }

    /// Where add-checkpoint of the witness is; nil when neither the policy nor `urls` states it.
    private func address(of witness: TrustPolicy.Witness) -> String? {
        guard let url = witness.url ?? urls[witness.key] else { return nil }
        return url.hasSuffix("/") ? "\(url)add-checkpoint" : "\(url)/add-checkpoint"
    }

    /// Why there is no cosignature of `witness`.
    private func reason(for witness: TrustPolicy.Witness, _ answers: [String: Answer]) -> String {
        guard witness.key.canVerify else {
            return "its key is of a type that this version cannot verify, \(witness.key.type)"
        }
        guard let url = address(of: witness), let answer = answers[url] else {
            return "the policy states no address to ask it at"
        }
        switch answer {
        case .missing(let reason): return reason
        case .lines(let lines):
            do throws(TransparencyError) {
                _ = try cosignature(of: witness, among: lines)
                return "its answer has no cosignature by the key of the policy"
            } catch {
                return "its cosignature does not hold: \(error)"
            }
        }
    }

    /// The line of `witness` among `lines` of an answer. Throws when it does not hold, and when there is none.
    private func cosignature(
        of witness: TrustPolicy.Witness, among lines: [NoteSignature]
    ) throws(TransparencyError) -> NoteSignature? {
        cosignature(of: witness, in: try checkpoint.adding(lines, by: [witness.key]))
    }

    /// The line of `witness` in `note` that holds; nil when there is none.
    private func cosignature(of witness: TrustPolicy.Witness, in note: SignedCheckpoint) -> NoteSignature? {
        try? note.note.verifiedSignatures(by: [witness.key]).first?.signature
    }

    /// The size of the newest kept checkpoint that each witness has cosigned.
    private func knownSizes(_ witnesses: [TrustPolicy.Witness]) throws(PublishingError) -> [NoteKey: TreeSize] {
        var known: [NoteKey: TreeSize] = [:]
        for size in try store.sizes().suffix(WitnessRound.lookBack).reversed() where size < checkpoint.checkpoint.size {
            guard known.count < witnesses.count, let before = try? store.checkpoint(size) else { break }
            for witness in witnesses where known[witness.key] == nil {
                if cosignature(of: witness, in: before) != nil { known[witness.key] = size }
            }
        }
        return known
    }

    private func ask(_ url: String, from old: TreeSize) async -> Answer {
        var size = old
        for attempt in 1...2 {
            let reply: WitnessReply
            do throws(PublishingError) { reply = try await send(from: size, to: url) } catch {
                return .missing(error.reason)
            }
            switch meaning(of: reply) {
            case .answer(let answer): return answer
            case .knows(let latest):
                guard latest <= checkpoint.checkpoint.size else {
                    return .missing(
                        "it has seen a tree of \(latest) entries, more than the \(checkpoint.checkpoint.size) of this "
                            + "ledger: the ledger is an older copy, or somebody else signs with its key")
                }
                guard attempt == 1 else {
                    return .missing("it says that it knows \(latest) entries, and then another size")
                }
                size = latest
            }
        }
        preconditionFailure("the second attempt always ends the asking")
    }

    private func send(from old: TreeSize, to url: String) async throws(PublishingError) -> WitnessReply {
        let size = checkpoint.checkpoint.size
        var hashes: [Digest] = []
        if old > 0, old < size {
            do throws(LedgerError) { hashes = try await ledger.consistencyProof(from: old, to: size).hashes } catch {
                throw PublishingError(error)
            }
        }
        let body = try PublishingError.noting { () throws(TransparencyError) in
            try AddCheckpointRequest(old: old, hashes: hashes, checkpoint: checkpoint).bytes
        }
        return await client.post(body, to: url)
    }

    private enum Meaning {
        case answer(Answer)
        case knows(TreeSize)
    }

    private func meaning(of reply: WitnessReply) -> Meaning {
        guard case .answered(let status, let body) = reply else {
            guard case .unanswered(let reason) = reply else { preconditionFailure("a reply is one of two") }
            return .answer(.missing(reason))
        }
        let answer: WitnessAnswer
        do throws(TransparencyError) { answer = try WitnessAnswer(status: status, body: body) } catch {
            return .answer(.missing("its answer is none: \(error)"))
        }
        let origin = checkpoint.checkpoint.origin
        switch answer {
        case .conflict(let latest): return .knows(latest)
        case .cosigned(let lines): return .answer(.lines(lines))
        case .unknownLog(let reason):
            return .answer(
                .missing("it does not know the log \(origin) (404, \(reason)); give its operator the log's vkey"))
        case .unsigned(let reason):
            return .answer(.missing("it does not accept the log's signature (403, \(reason)); does it know this key?"))
        case .inconsistent(let reason):
            return .answer(
                .missing(
                    "it says that the ledger does not continue the tree that it has seen (422, \(reason)): a fork?"))
        case .malformed(let reason): return .answer(.missing("it does not take the request (400, \(reason))"))
        case .failed(let status, let reason): return .answer(.missing("it answered with status \(status), \(reason)"))
        }
    }
}

extension WitnessReport {
    init(_ witness: TrustPolicy.Witness, _ outcome: Outcome) {
        self.init(name: witness.name, url: witness.url, outcome: outcome)
    }
}
