public import Digests
internal import EventFormat
public import EventLog
public import Ledger
public import Merkle

/// Writes a ledger's archive, or brings it up to date (docs/archive.md).
///
/// The archive ends on the newest checkpoint that the ledger keeps, and holds what the ledger had at that size, however
/// much is appended meanwhile. What is there already and as the archive's manifest states is not written again. An
/// update is made under `incoming/`, decided by one renaming, and then put in place; whatever is killed when, the next
/// update goes on from there (``ArchiveUpdate``).
public struct ArchiveWriter: Sendable {
    /// The archive's folder.
    public let folder: String
    /// Whether every file is compared with the ledger, from the first entry on, and replaced when it differs.
    public var rehash = false
    /// Called before each change to the file system: what it throws ends the run as a kill there would.
    package var beforeChange: @Sendable (_ what: String) throws(ArchivingError) -> Void = { _ throws(ArchivingError) in
    }

    public init(folder: String) {
        self.folder = folder
    }

    /// What an update did.
    public struct Summary: Hashable, Sendable {
        /// The number of entries that the archive holds.
        public var size: TreeSize
        public var root: Digest
        /// The entries that it did not hold before.
        public var added: UInt64
        /// Files below `data/`.
        public var fileCount: UInt64
        /// Their bytes.
        public var byteCount: UInt64
        /// Files written.
        public var written: UInt64
        /// Those of the files written that were there before and not as they should be.
        public var replaced: UInt64
        /// Whether an earlier update had been decided and was put in place first.
        public var finishedEarlier: Bool
    }

    /// Brings the archive up to date with `ledger`, and makes it when it is not there.
    ///
    /// `progress` is called on a thread that may block. Throws ``ArchivingError``: `noCheckpoint`, `otherLedger`,
    /// `behindArchive`, `damaged`, `archive` when a file of the archive is not as it should be and `rehash` is not set,
    /// `unsuitableFolder`, `file`, `ledger`. O(what is new), and O(files) for looking at names and sizes.
    public func update(
        from ledger: Ledger, _ progress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) async throws(ArchivingError) -> Summary {
        let genesis = ledger.genesis
        return try await ledger.blocking { [self] log throws(ArchivingError) in
            try ArchiveUpdate(self, log, genesis, progress).run()
        }
    }

    /// Puts in place an update that was decided and not finished, for which no ledger is needed; false when there was
    /// none. Blocks.
    @discardableResult
    public func finish() throws(ArchivingError) -> Bool {
        try ArchiveFinish(self).run()
    }
}
