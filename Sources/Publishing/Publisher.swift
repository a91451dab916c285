internal import Files
internal import Keyring
public import Ledger
public import Merkle
public import Signing
public import Transparency

/// Gives a ledger out: signs its checkpoint, has witnesses cosign it, and brings the folder that a web server hands out
/// up to date.
///
/// The order leaves no reader with a broken view, whenever the machine stops:
///
/// 1. the folder is compared with the ledger: nothing is signed for a folder that cannot be published in;
/// 2. the checkpoint is signed and becomes the guard (``CheckpointStore``), before anybody else sees it;
/// 3. the witnesses are asked, and what they answer is kept; without the quorum it ends here, and the folder stays as
///    it is;
/// 4. the tree grows: entry bundles, then hash tiles from the lowest level up (``TileTree``);
/// 5. the folder's checkpoint is replaced (``PublishedFolder``).
///
/// Each step keeps what a reader of the folder's checkpoint needs. An interrupted run is completed by the next.
public struct Publisher: Sendable {
    public let ledger: Ledger
    public let folder: PublishedFolder
    /// Which witnesses are asked, and how many of them are needed; nil: what the ledger's own policy says, and no
    /// witness where it says nothing. A witness without an address there is asked where the ledger's events say.
    public var policy: TrustPolicy?
    /// Whether a checkpoint is published for which too few witnesses have cosigned.
    public var allowsMissingWitnesses = false
    /// Whether partial tiles are removed whose full tile is there.
    public var prunesPartials = false
    private let client: any WitnessClient

    /// Publishes `ledger` into the folder; `client` carries requests to the witnesses.
    public init(_ ledger: Ledger, into folder: String, client: some WitnessClient) {
        self.ledger = ledger
        self.folder = PublishedFolder(path: folder)
        self.client = client
    }

    /// What a publishing did.
    public struct Publication: Sendable {
        /// What readers find now.
        public let checkpoint: SignedCheckpoint
        /// The size that they found before, 0 when there was none.
        public let before: TreeSize
        /// What became of each witness of the policy.
        public let witnesses: [WitnessReport]
        /// Whether the policy is met; true without one.
        public let isQuorumMet: Bool
        /// How many partial tiles and bundles were removed.
        public let prunedCount: Int
    }

    private var store: CheckpointStore { CheckpointStore(ledger: ledger.path) }

    /// Publishes all entries that the ledger has now; `progress` is called with how many of the new ones are done and
    /// how many there are.
    ///
    /// Throws ``PublishingError``; the folder's checkpoint is then the one before. `quorumNotMet` says of each witness
    /// why it is missing.
    public func publish(
        signedBy signer: some Signer, _ progress: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    ) async throws(PublishingError) -> Publication {
        let locks = try Locks(store, folder, ledger.path)
        let before = try await size()
        let signed = try await sign(signer)
        let (cosigned, reports, isQuorumMet) = try await gather(signed, signer.publicKey)
        let pruned = try await show(cosigned, before, progress)
        withExtendedLifetime(locks) {}
        return Publication(
            checkpoint: cosigned, before: before, witnesses: reports, isQuorumMet: isQuorumMet, prunedCount: pruned)
    }

    /// Held while a ledger is published.
    private struct Locks: ~Copyable {
        let store: FileLock
        let folder: FileLock

        init(_ store: CheckpointStore, _ folder: PublishedFolder, _ ledger: String) throws(PublishingError) {
            let first = try store.lock(for: "publishing")
            let second = try folder.lock(against: ledger)
            self.store = first
            self.folder = second
        }
    }

    private func size() async throws(PublishingError) -> TreeSize {
        let (folder, origin) = (folder, ledger.genesis.origin)
        return try await ledger.blocking { log throws(PublishingError) in
            try folder.size(checkedWith: log, origin: origin)
        }
    }

    private func sign(_ signer: some Signer) async throws(PublishingError) -> SignedCheckpoint {
        let (store, origin) = (store, ledger.genesis.origin)
        return try await ledger.blocking { log throws(PublishingError) in
            try store.sign(log, by: signer, of: origin)
        }
    }

    /// Asks the policy's witnesses, keeps their cosignatures and judges the quorum.
    private func gather(
        _ signed: SignedCheckpoint, _ key: PublicKey
    ) async throws(PublishingError) -> (SignedCheckpoint, [WitnessReport], isQuorumMet: Bool) {
        let ring: Keyring
        do throws(LedgerError) { ring = try await ledger.keyring() } catch { throw PublishingError(error) }
        guard let policy = policy ?? ring.policy?.policy.witnesses?.policy else { return (signed, [], true) }
        let log = try PublishingError.noting { () throws(TransparencyError) in
            try NoteKey(name: KeyName("\(signed.checkpoint.origin)"), publicKey: key)
        }
        let bare = try PublishingError.noting { () throws(TransparencyError) in try signed.keepingSignatures(of: [log])
        }
        let urls = Dictionary(
            ring.witnesses.compactMap { record in record.witness.url.map { (record.witness.noteKey, $0) } },
            uniquingKeysWith: { $1 })
        let round = WitnessRound(ledger: ledger, store: store, client: client, checkpoint: bare, urls: urls)
        let (reports, lines) = try await round.ask(policy.witnesses, kept: signed)
        let cosigned = try PublishingError.noting { () throws(TransparencyError) in
            try SignedCheckpoint(signed.note.adding(lines))
        }
        try store.keep(cosigned)
        let result = try PublishingError.noting { () throws(TransparencyError) in
            try policy.check(cosigned, alsoTrusting: [log])
        }
        guard result.isQuorumMet || allowsMissingWitnesses else {
            let missing = reports.filter { !$0.isCosigned }.map { "\n  \($0)" }.joined()
            throw PublishingError(
                .quorumNotMet,
                "\(folder.path) stays as it was, for too few witnesses cosigned the checkpoint of "
                    + "\(signed.checkpoint.size) entries: \(result.summary)\(missing)")
        }
        return (cosigned, reports, result.isQuorumMet)
    }

    /// Grows the tree and shows the checkpoint; returns how many partial tiles were removed.
    private func show(
        _ signed: SignedCheckpoint, _ before: TreeSize, _ progress: @escaping @Sendable (UInt64, UInt64) -> Void
    ) async throws(PublishingError) -> Int {
        let (store, folder, prunes, size) = (store, folder, prunesPartials, signed.checkpoint.size)
        return try await ledger.blocking { log throws(PublishingError) in
            let total = size.rawValue - before.rawValue
            let between = try store.sizes().filter { $0 > before && $0 < size }
            try folder.tree.grow(from: before, to: size, alsoServing: between, of: log) {
                progress(min($0, total), total)
            }
            try folder.show(signed)
            return prunes ? try folder.tree.prunePartials() : 0
        }
    }
}
