internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import EventLog
internal import Files
internal import Keyring
internal import Merkle
internal import Publishing

/// One run of an ``ArchiveWriter``. Every call blocks, and belongs to one thread.
///
/// What a kill leaves, and who mends it:
///
/// 1. before `incoming/tagmanifest-sha256.txt` is there: the bag as it was, and drafts. The next run makes the same
///    drafts, finds those that are right already, and removes those that belong to a smaller size.
/// 2. afterwards: a decided update, which the next run puts in place before anything else (``ArchiveFinish``).
///
/// Drafts are not flushed one by one but all together before the decision.
final class ArchiveUpdate {
    let writer: ArchiveWriter
    let folder: String
    let log: EventLog
    let genesis: Genesis
    let progress: (CopyProgress) -> Void
    let store: CheckpointStore
    let finish: ArchiveFinish
    /// The archive as it was; nil: there was none.
    var old: ArchiveReader?
    /// Whether the archive's own files were all as they should be.
    var oldIsSound = true
    var tally = Tally()
    /// The documents that payloads name and that the archive is to gain, or all when it is compared with the ledger.
    var documents: Set<ContentName> = []
    /// Full bundles that are made anew, for payloads in them were removed.
    var remade: Set<UInt64> = []
    /// The size of the checkpoint that the archive ends on.
    var size = TreeSize(0)
    /// The keys and removals that the ledger's events tell of, also behind the checkpoint.
    var history: KeyHistory?
    /// Folders of `incoming/` that are there.
    var madeFolders: Set<String> = []

    struct Tally {
        var byteCount: UInt64 = 0
        var written: UInt64 = 0
        var replaced: UInt64 = 0
    }

    init(
        _ writer: ArchiveWriter, _ log: EventLog, _ genesis: Genesis, _ progress: @escaping (CopyProgress) -> Void
    ) {
        self.writer = writer
        folder = writer.folder
        self.log = log
        self.genesis = genesis
        self.progress = progress
        store = CheckpointStore(ledger: log.path)
        finish = ArchiveFinish(writer)
    }

    func run() throws(ArchivingError) -> ArchiveWriter.Summary {
        try checkFolder()
        let lock = try ArchivingError.filing { () throws(FileError) in
            try Folder.make(folder)
            return try FileLock(folder: folder, purpose: "archiving")
        }
        return try run(under: lock)
    }

    /// `lock` is borrowed, so that it is held until this is done.
    private func run(under lock: borrowing FileLock) throws(ArchivingError) -> ArchiveWriter.Summary {
        let finishedEarlier = try finish.run()
        try openOld()
        let contents = try gatherCheckpoints()
        size = contents.size
        let root = try checkRoot(size)
        history = try ArchivingError.reading { () throws(LogError) in try log.keyHistory() }
        var draft = try ArchivingError.filing { () throws(FileError) in
            try Folder.make("\(folder)/\(Bag.incoming)")
            return try ManifestDraft("\(folder)/\(Bag.incoming)/\(Manifest.file)", contents)
        }
        remade = Set(outdatedBundles)
        try stage(draft)
        try stageDocuments(&draft)
        let fileCount = contents.fileCount + draft.documentCount
        var summary = ArchiveWriter.Summary(
            size: contents.size, root: root, added: contents.size.rawValue - (old?.size.rawValue ?? 0),
            fileCount: fileCount, byteCount: tally.byteCount, written: tally.written,
            replaced: tally.replaced, finishedEarlier: finishedEarlier)
        if tally.written == 0, oldIsSound, old?.contents == contents, old?.manifest.fileCount == fileCount {
            try finish.removeIncoming()
            summary.added = 0
            return summary
        }
        try sweep(contents)
        try stageTagFiles(contents, root, fileCount)
        try decide()
        _ = try finish.run()
        return summary
    }

    /// Refuses a folder that has something else in it.
    private func checkFolder() throws(ArchivingError) {
        let kind = try ArchivingError.filing { () throws(FileError) in try Folder.kind(of: folder) }
        guard kind != nil else { return }
        let names = try ArchivingError.filing { () throws(FileError) in try Folder.names(in: folder) }
        // A first update that was killed has left what an archive has, in part.
        let own = TagManifest.requiredFiles + [Bag.incoming, Bag.payloadFolder, TagManifest.file]
        let isBegun = names.contains(Bag.incoming) && names.allSatisfy { own.contains($0) }
        guard names.isEmpty || names.contains(Bag.declarationFile) || isBegun else {
            throw ArchivingError(
                .unsuitableFolder, "\(folder) holds something that is no archive; choose a folder that is new or empty")
        }
    }

    /// The root of the tree of `size` entries, recomputed from its right edge and compared with the checkpoint.
    private func checkRoot(_ size: TreeSize) throws(ArchivingError) -> Digest {
        let root = try ArchivingError.publishing { () throws(PublishingError) in
            try TileSource(log).checkRoot(size: size)
        }
        let recorded = try ArchivingError.reading { () throws(LogError) in try log.root(size: size).root }
        precondition(root == recorded, "the recomputed root is compared with the stored one where it is made")
        return root
    }

    private func stage(_ draft: borrowing ManifestDraft) throws(ArchivingError) {
        try stageCheckpoints(draft)
        try stageKeyHistory(draft)
        let first = firstBundle
        for bundle in remade.sorted() { try stageBundles(from: bundle, below: bundle + 1, draft) }
        try stageBundles(from: first, draft)
        for level in 1..<max(1, draft.contents.levelCount) { try stageTiles(of: level, draft) }
        try keepOthers(before: first, draft)
    }

    /// The first bundle that is made anew.
    private var firstBundle: UInt64 {
        guard let old, !writer.rehash else { return 0 }
        return old.size.rawValue / 256
    }

    /// The first hash tile of a level that is made anew.
    func firstTile(of level: Int) -> UInt64 {
        guard let old, !writer.rehash else { return 0 }
        return old.contents.fullTileCount(level: level)
    }

    private func decide() throws(ArchivingError) {
        try ArchivingError.filing { () throws(FileError) in
            try Folder.flushFileSystem(of: folder)
        }
        let bytes = try tagManifest().bytes
        try writer.beforeChange("deciding")
        try ArchivingError.filing { () throws(FileError) in
            try DurableFile.replace("\(folder)/\(Bag.incoming)/\(TagManifest.file)", with: bytes.span)
        }
    }
}
