public import EventFormat
public import EventLog
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
    /// - `unsuitableKey`: the key is not of Ed25519, or the signer fails.
    public func sign(
        _ log: EventLog, by signer: some Signer, of origin: Origin
    ) throws(PublishingError) -> SignedCheckpoint {
        try PublishingError.reading { () throws(LedgerError) in try PublishedCheckpoint.check(log, origin: origin) }
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
}
