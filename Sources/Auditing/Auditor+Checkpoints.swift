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
        let signed: SignedCheckpoint
        /// Whether one of the policy's logs signed it.
        let isSigned: Bool
    }

    /// Compares the roots that earlier checkpoints state with the entries; returns the greatest size that agrees.
    func hold(_ earlier: [Earlier], to reading: Reading, _ report: inout AuditReport) -> UInt64 {
        var agreed: UInt64 = 0
        for checkpoint in earlier {
            guard let root = reading.walk.rootsAtSizes[checkpoint.size] else {
                report.findings.append(
                    GeneralFinding(.unverifiable, at: checkpoint.place, "the root of so many entries is not known"))
                continue
            }
            if root == checkpoint.root {
                if checkpoint.isSigned { agreed = max(agreed, checkpoint.size) }
                checkLogKey(checkpoint, reading.signatures.history, &report)
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

    /// Compares with what the caller knows of the ledger.
    func holdToKnown(_ reading: Reading, _ size: UInt64, _ report: inout AuditReport) {
        for known in options.known {
            let place = "known \(known.size)"
            func find(_ verdict: Verdict, _ reason: String) {
                report.findings.append(GeneralFinding(verdict, at: place, reason))
            }
            if known.size > size {
                find(.missing, "the ledger once had \(known.size) entries; here are \(size)")
            } else if let root = reading.walk.rootsAtSizes[known.size] {
                guard root != known.root else { continue }
                find(
                    .forked,
                    "the first \(known.size) entries lead to the root \(root.hex), not \(known.root.hex): this is another "
                        + "history")
            } else {
                find(.unverifiable, "the root of so many entries is not known")
            }
        }
    }

    /// Asks the ledger's own events whether a key that may sign checkpoints has signed (A12).
    private func checkLogKey(_ earlier: Earlier, _ history: KeyHistory?, _ report: inout AuditReport) {
        guard let history else { return }
        let size = EntryIndex(earlier.size)
        if let gap = history.gap, size > gap.index {
            return report.notChecked.append(
                "\(earlier.place): whether a log key in force signed it, since keys are not known at its size")
        }
        guard history.keys.contains(where: { $0.role == .log && $0.introduced < size }) else { return }
        let note = earlier.signed.note
        let origin = String(decoding: earlier.signed.checkpoint.origin.bytes, as: UTF8.self)
        let isSigned = history.keyring(at: size).keys(.log).contains { record in
            guard let name = try? KeyName(origin), let key = try? NoteKey(name: name, publicKey: record.key) else {
                return false
            }
            return note.signatures.contains { line in
                line.name == key.name && line.keyID == key.id && key.verify(line.signature, over: note.text)
            }
        }
        guard !isSigned else { return }
        report.findings.append(
            GeneralFinding(
                .unverifiable, at: earlier.place,
                "no log key that the ledger's own events had in force at its size has signed it"))
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
        let known = keys.keys.contains { $0.role == .log && $0.introduced < EntryIndex(head.size) }
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
