public import Files
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
/// 3. the tree grows: entry bundles, then hash tiles from the lowest level up (``TileTree``);
/// 4. the folder's checkpoint is replaced (``PublishedFolder``).
///
/// Each step keeps what a reader of the folder's checkpoint needs. An interrupted run is completed by the next.
public struct Publisher: Sendable {
    public let ledger: Ledger
    public let folder: PublishedFolder
    /// Whether partial tiles are removed whose full tile is there.
    public var prunesPartials = false

    public init(_ ledger: Ledger, into folder: String) {
        self.ledger = ledger
        self.folder = PublishedFolder(path: folder)
    }

    /// What a publishing did.
    public struct Publication: Sendable {
        /// What readers find now.
        public let checkpoint: SignedCheckpoint
        /// The size that they found before, 0 when there was none.
        public let before: TreeSize
        /// How many partial tiles and bundles were removed.
        public let prunedCount: Int
    }

    private var store: CheckpointStore { CheckpointStore(ledger: ledger.path) }

    /// Publishes all entries that the ledger has now; `progress` is called with how many of the new ones are done and
    /// how many there are.
    ///
    /// Throws ``PublishingError``; the folder's checkpoint is then the one before.
    public func publish(
        signedBy signer: some Signer, _ progress: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    ) async throws(PublishingError) -> Publication {
        let locks = try Locks(store, folder, ledger.path)
        let before = try await size()
        let signed = try await sign(signer)
        let pruned = try await show(signed, before, progress)
        withExtendedLifetime(locks) {}
        return Publication(checkpoint: signed, before: before, prunedCount: pruned)
    }

    /// Held while a ledger is published.
    private struct Locks: ~Copyable {
        let store: FileLock
        let folder: FileLock

        init(_ store: CheckpointStore, _ folder: PublishedFolder, _ ledger: String) throws(PublishingError) {
            self.store = try store.lock(for: "publishing")
            self.folder = try folder.lock(against: ledger)
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
