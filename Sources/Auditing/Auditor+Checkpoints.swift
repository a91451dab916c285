internal import Digests
internal import EventFormat
internal import Keyring
internal import Transparency

extension Auditor {
    /// A checkpoint older than the newest.
    struct Earlier: Sendable {
        let place: String
        let size: UInt64
        let root: Digest
        /// Whether one of the policy's logs signed it.
        let isSigned: Bool
    }

    /// Compares the roots that earlier checkpoints state with the entries; returns the greatest size that agrees.
    func hold(_ earlier: [Earlier], to walk: HistoryWalk, _ report: inout AuditReport) -> UInt64 {
        var agreed: UInt64 = 0
        for checkpoint in earlier {
            guard let root = walk.rootsAtSizes[checkpoint.size] else {
                report.findings.append(
                    GeneralFinding(.unverifiable, at: checkpoint.place, "the root of so many entries is not known"))
                continue
            }
            if root == checkpoint.root {
                if checkpoint.isSigned { agreed = max(agreed, checkpoint.size) }
                continue
            }
            let what =
                checkpoint.isSigned ? "the log signed two histories" : "it is not what the log can have stated"
            report.findings.append(
                GeneralFinding(
                    checkpoint.isSigned ? .forked : .altered, at: checkpoint.place,
                    "it states the root \(checkpoint.root.hex), but the first \(checkpoint.size) entries lead to "
                        + "\(root.hex): \(what)"))
        }
        return agreed
    }

    /// Holds the checkpoint's origin, and the key that signed it, to what the ledger says of itself.
    func checkGenesis(
        _ reading: Reading, _ head: CheckpointAudit.Head, at place: String, _ report: inout AuditReport
    ) {
        guard let keys = reading.signatures.history else { return }
        let origin = keys.genesis.origin.text
        if !head.signed.checkpoint.origin.bytes.elementsEqual(origin.utf8) {
            report.findings.append(
                GeneralFinding(
                    .altered, at: place,
                    "it is of \(head.signed.checkpoint.origin), but entry 0 says that the ledger is \(origin)"))
        }
        guard keys.gap == nil else { return }
        let known = keys.keys.contains { if case .log = $0.role { true } else { false } }
        guard known, let signer = head.result?.log else { return }
        let names = keys.keyring(at: EntryIndex(head.size)).keys(.log).compactMap { record in
            (try? KeyName(origin)).flatMap { name in try? NoteKey(name: name, publicKey: record.key) }
        }
        if !names.contains(signer) {
            report.findings.append(
                GeneralFinding(
                    .unverifiable, at: "checkpoint",
                    "the policy trusts the key that signed it, but by the ledger's own events no such log key is in "
                        + "force"))
        }
    }
}
