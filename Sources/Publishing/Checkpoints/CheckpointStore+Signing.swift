public import EventFormat
public import EventLog
internal import Keyring
internal import Ledger
internal import Merkle
public import Signing
public import Transparency

extension CheckpointStore {
    /// Signs the tree of all entries that `log` has now, keeps the checkpoint and returns it, with the cosignatures
    /// that one of the same size has already.
    ///
    /// Never signs what does not continue the checkpoint that was last given out: the root of that one is recomputed
    /// from the ledger's tree, and a ledger that has fewer entries or others is refused (C2SP tlog-checkpoint: a log
    /// "MUST NOT" sign an inconsistent tree). The caller holds the lock. Throws ``PublishingError``:
    /// - `ledger` with `behindPublished` or `differsFromPublished`: nothing was signed;
    /// - `damaged`: the tree's tiles and its root disagree;
    /// - `unsuitableKey`: the ledger's events do not let the key sign checkpoints, it is not of Ed25519, or the signer
    ///   fails.
    public func sign(
        _ log: EventLog, by signer: some Signer, of origin: Origin
    ) throws(PublishingError) -> SignedCheckpoint {
        try PublishingError.reading { () throws(LedgerError) in try PublishedCheckpoint.check(log, origin: origin) }
        try checkKey(signer.publicKey, log)
        if let last = try published(), try checkpoint(last.checkpoint.size) == nil { try keep(last) }
        let size = try PublishingError.reading { () throws(LedgerError) in TreeSize(try log.size()) }
        let root = try TileSource(log).checkRoot(size: size)
        let signed: SignedCheckpoint
        do throws(TransparencyError) {
            signed = try Checkpoint(origin: origin, size: size, root: root).signed(by: signer)
        } catch {
            throw PublishingError(.unsuitableKey, "the checkpoint was not signed: \(error)")
        }
        try guardAgainst(signed)
        return try keep(signed)
    }

    /// A ledger whose events have introduced log keys is signed for by one that is in force, and never by a key of
    /// another role; one without log keys by any.
    private func checkKey(_ key: PublicKey, _ log: EventLog) throws(PublishingError) {
        let (history, next) = try PublishingError.reading { () throws(LedgerError) in
            (try log.keyHistory(), EntryIndex(try log.size()))
        }
        if let gap = history.gap {
            throw .damaged("which keys may sign is not known from entry \(gap.index) on: \(gap.reason)")
        }
        let record = history.record(of: key.id)
        if let record, record.role == .log, record.isInForce(at: next) { return }
        guard record == nil, !history.keys.contains(where: { $0.role == .log }) else {
            let state = record.map { $0.role == .log ? "a log key that is no more in force" : "\($0.role)" }
            let inForce = history.keyring(at: next).keys(.log).map(\.id.description).joined(separator: ", ")
            throw PublishingError(
                .unsuitableKey,
                "the key \(key.id) is \(state ?? "not one that the ledger's events have introduced"); checkpoints are "
                    + "signed with a log key in force (\(inForce.isEmpty ? "there is none" : inForce)): have an authority "
                    + "introduce one (key.introduced, role log)")
        }
    }
}
