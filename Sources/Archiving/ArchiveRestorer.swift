internal import ArchiveFormat
internal import Contents
public import Digests
internal import EventFormat
public import EventLog
internal import Files
internal import Keyring
internal import Ledger
public import Merkle
internal import Publishing
internal import Threading
public import Transparency

/// Rebuilds a ledger from its archive, verified before it gets its name.
///
/// Entries and envelopes are those of the archive, byte for byte; the store's own tables are made anew. Everything that
/// docs/archive.md asks for is checked on the way (A1–A13). A run that is interrupted leaves a directory named
/// `LEDGER.restoring-…`, which may be deleted, or the finished ledger.
public struct ArchiveRestorer: Sendable {
    /// The archive's folder.
    public let archive: String
    /// The directory of the ledger to make, which must not exist or be empty.
    public let ledger: String
    /// Which log and which witnesses must have signed the archive's last checkpoint; nil: the log's keys are those that
    /// the ledger itself has introduced, and no witness is asked for.
    public var policy: TrustPolicy?
    /// The certificates (PEM) that the authorities of timestamps must lead to; nil: timestamps are put back without
    /// being verified.
    public var anchors: [UInt8]?

    public init(archive: String, ledger: String, policy: TrustPolicy? = nil, anchors: [UInt8]? = nil) {
        self.archive = archive
        self.ledger = ledger
        self.policy = policy
        self.anchors = anchors
    }

    /// What was restored, and on whose word.
    public struct Summary: Hashable, Sendable {
        public var origin: String
        public var incarnation: String
        public var size: TreeSize
        public var root: Digest
        /// The vkey of the log's key that signed the last checkpoint; nil: neither the ledger nor a policy names one,
        /// so that the signature was not checked.
        public var logKey: String?
        /// The names of the policy's witnesses that cosigned it.
        public var witnesses: [String]
        /// Checkpoints restored.
        public var checkpointCount: Int
        /// Timestamps restored with them.
        public var timestampCount = 0
        /// Contents restored.
        public var documentCount: UInt64 = 0
        /// Whether these were verified, each by the anchors.
        public var areTimestampsVerified: Bool
    }

    /// Restores. `progress` is called on a thread that may block. Throws ``ArchivingError``: `archive` naming the file
    /// that is not as it should be, `notTrusted`, `ledger`, `file`. O(entries), in bounded memory.
    public func restore(
        _ progress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) async throws(ArchivingError) -> Summary {
        try await BlockingPool.shared.run { () throws(ArchivingError) in try run(progress) }
    }

    private func run(_ progress: (CopyProgress) -> Void) throws(ArchivingError) -> Summary {
        let reader = try ArchivingError.archive(in: archive) { () throws(ArchiveError) in
            let reader = try ArchiveReader(archive) { error throws(ArchiveError) in throw error }
            try reader.checkNames { error throws(ArchiveError) in throw error }
            return reader
        }
        var check = ArchiveCheck(reader)
        var draft = try newDraft()
        let summary: Summary
        do throws(ArchivingError) {
            try fill(&draft, &check, progress)
            var judged = try judge(&check, draft.size, draft.root)
            judged.timestampCount = try keepCheckpoints(of: check, in: draft.folder)
            judged.documentCount = try keepDocuments(check, in: draft.folder, progress)
            summary = judged
        } catch {
            discardBeside(draft.folder)
            draft.discard()
            throw error
        }
        let folder = draft.folder
        do throws(LogError) { try draft.publish() } catch {
            discardBeside(folder)
            LogDraft.discard(folder)
            throw ArchivingError(error)
        }
        try removeAgain(check.unremoved)
        return summary
    }

    /// Removes payloads that the archive has though its own events say that they are gone.
    private func removeAgain(_ entries: [EntryIndex]) throws(ArchivingError) {
        guard !entries.isEmpty else { return }
        do throws(LogError) {
            let log = try EventLog(opening: ledger)
            defer { log.close() }
            _ = try log.removePayloads(of: entries)
        } catch { throw ArchivingError(error) }
    }

    private func newDraft() throws(ArchivingError) -> LogDraft {
        do throws(LogError) { return try LogDraft(at: ledger) } catch { throw ArchivingError(error) }
    }

    /// Reads the archive from the first entry to the last.
    private func fill(
        _ draft: inout LogDraft, _ check: inout ArchiveCheck, _ progress: (CopyProgress) -> Void
    ) throws(ArchivingError) {
        let reader = check.reader
        var envelope: [UInt8] = []
        for index in 0..<reader.contents.bundleCount {
            guard let list = try entries(index, reader), var payloads = try payloads(index, reader) else { return }
            let bytes = list.bytes
            for range in list.ranges {
                let record = try ArchivingError.archive(in: archive) { () throws(ArchiveError) in
                    try payloads.next(&envelope)
                }
                let entry = bytes.span.extracting(range)
                let leaf = try check.add(entry, record ?? .none, &envelope)
                do throws(LogError) { try draft.add(entry, envelope: envelope.span, leaf: leaf) } catch {
                    throw ArchivingError(error)
                }
            }
            do throws(ArchiveError) { try payloads.finish { error throws(ArchiveError) in throw error } } catch {
                throw ArchivingError(error, in: archive)
            }
            progress(CopyProgress(done: draft.size, total: reader.size.rawValue))
        }
        do throws(LogError) { try draft.commit() } catch { throw ArchivingError(error) }
    }

    private func entries(_ index: UInt64, _ reader: ArchiveReader) throws(ArchivingError) -> EntryList? {
        try ArchivingError.archive(in: archive) { () throws(ArchiveError) in
            try reader.entries(bundle: index) { error throws(ArchiveError) in throw error }
        }
    }

    private func payloads(_ index: UInt64, _ reader: ArchiveReader) throws(ArchivingError) -> PayloadBundle? {
        try ArchivingError.archive(in: archive) { () throws(ArchiveError) in
            try reader.payloads(bundle: index) { error throws(ArchiveError) in throw error }
        }
    }
}

// MARK: - Who signed

extension ArchiveRestorer {
    /// Compares root and signatures of the last checkpoint (A9, A12).
    private func judge(
        _ check: inout ArchiveCheck, _ size: UInt64, _ root: Digest
    ) throws(ArchivingError) -> Summary {
        let history = try check.finish()
        let signed = try check.checkpoint(check.reader.size)
        guard let genesis = check.genesis, signed.checkpoint.size.rawValue == size, signed.checkpoint.root == root
        else {
            throw ArchivingError(.damaged, "the restored entries have another root than the archive's last checkpoint")
        }
        var summary = Summary(
            origin: genesis.origin.text, incarnation: "\(genesis.incarnation)", size: check.reader.size, root: root,
            logKey: nil, witnesses: [], checkpointCount: check.reader.contents.checkpoints.count,
            areTimestampsVerified: anchors != nil)
        for checkpoint in check.reader.contents.checkpoints {
            let other = try check.checkpoint(checkpoint.size)
            do throws(TransparencyError) {
                try LogKeys(history, genesis.origin, at: checkpoint.size).verify(other)
            } catch {
                throw ArchivingError(
                    .notTrusted,
                    "the archive in \(archive): \(ArchiveFile.checkpoint(checkpoint.size).path): \(error)")
            }
        }
        do throws(TransparencyError) {
            let keys = try LogKeys(history, genesis.origin, at: check.reader.size)
            summary.logKey = try keys.verify(signed)?.vkey
            if let policy {
                let result = try policy.check(signed)
                try result.requireQuorum()
                summary.logKey = result.log.vkey
                summary.witnesses = result.cosignatures.map(\.name.description)
            }
        } catch {
            throw ArchivingError(.notTrusted, "the archive's last checkpoint: \(error)")
        }
        return summary
    }

    /// Writes the ledger's checkpoints and its guard beside the data file; returns how many timestamps are among them.
    private func keepCheckpoints(of check: ArchiveCheck, in folder: String) throws(ArchivingError) -> Int {
        let reader = check.reader
        var timestampCount = 0
        let store = CheckpointStore(ledger: folder)
        for checkpoint in reader.contents.checkpoints {
            let signed = try check.checkpoint(checkpoint.size)
            _ = try ArchivingError.publishing { () throws(PublishingError) in try store.keep(signed) }
            guard checkpoint.isTimestamped else { continue }
            for file in [ArchiveFile.timestampRequest(checkpoint.size), .timestampResponse(checkpoint.size)] {
                let bytes = try ArchivingError.archive(in: archive) { () throws(ArchiveError) in
                    try reader.bytes(of: file) { error throws(ArchiveError) in throw error }
                }
                try replace("\(folder)/checkpoints/\(Folder.name(of: file.path))", with: bytes ?? [])
            }
            timestampCount += 1
            if let anchors { try verifyTimestamp(checkpoint.size, anchors, in: store) }
        }
        try keepGuard(try check.checkpoint(reader.size), in: folder)
        return timestampCount
    }

    private func verifyTimestamp(
        _ size: TreeSize, _ anchors: [UInt8], in store: CheckpointStore
    ) throws(ArchivingError) {
        do throws(PublishingError) { _ = try store.verifyTimestamp(size, anchors: anchors) } catch {
            guard error.fileError == nil else { throw ArchivingError(error) }
            throw ArchivingError(
                .notTrusted,
                "the archive in \(archive): \(ArchiveFile.timestampResponse(size).path): does not hold: \(error.reason)"
            )
        }
    }

    /// Stores the documents beside the data file, each held to its name, but for those that the ledger's events say are
    /// gone; returns how many there are.
    private func keepDocuments(
        _ check: ArchiveCheck, in folder: String, _ progress: (CopyProgress) -> Void
    ) throws(ArchivingError) -> UInt64 {
        let (reader, store) = (check.reader, ContentStore(ledger: folder))
        var count: UInt64 = 0
        for number in 0..<reader.manifest.documentCount {
            let name = try ArchivingError.archive(in: archive) { () throws(ArchiveError) in
                try reader.manifest.document(number)
            }
            progress(CopyProgress(done: number, total: reader.manifest.documentCount))
            guard check.history?.removal(of: name) == nil else { continue }
            let file = try ArchivingError.archive(in: archive) { () throws(ArchiveError) in try reader.document(name) }
            do throws(FileError) { try store.store(name, from: file) } catch {
                guard error.code != .damaged else {
                    throw ArchivingError(ArchiveError.altered(ArchiveFile.content(name).path), in: archive)
                }
                throw ArchivingError(error)
            }
            count += 1
        }
        return count
    }

    /// Removes what was written beside the data file, as far as that goes.
    private func discardBeside(_ folder: String) {
        ContentStore(ledger: folder).discard()
        let checkpoints = "\(folder)/checkpoints"
        for name in (try? Folder.names(in: checkpoints)) ?? [] { try? DurableFile.remove("\(checkpoints)/\(name)") }
        _ = try? Folder.removeIfEmpty(checkpoints)
        try? DurableFile.remove("\(folder)/\(PublishedCheckpoint.fileName)")
    }

    private func keepGuard(_ signed: SignedCheckpoint, in folder: String) throws(ArchivingError) {
        let origin = signed.checkpoint.origin
        let lines = signed.note.signatures.filter { origin.matches($0.name) }
        let bytes: [UInt8]
        do throws(TransparencyError) {
            bytes = try SignedNote(text: signed.note.text, signatures: lines).bytes
        } catch {
            throw ArchivingError(.notTrusted, "the archive's last checkpoint has no signature of its log: \(error)")
        }
        try replace("\(folder)/\(PublishedCheckpoint.fileName)", with: bytes)
    }

    private func replace(_ path: String, with bytes: [UInt8]) throws(ArchivingError) {
        try ArchivingError.filing { () throws(FileError) in try DurableFile.replace(path, with: bytes.span) }
    }
}
