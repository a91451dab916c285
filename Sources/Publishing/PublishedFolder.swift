public import EventFormat
public import EventLog
public import Files
internal import Ledger
public import Merkle
public import Transparency

/// The folder that a web server hands out: a ``TileTree`` and, beside it, the file `checkpoint`, which says how large
/// the tree is.
///
/// The checkpoint is replaced last, by one renaming, when all that it needs is there and would outlast a loss of power:
/// at every moment a reader finds a checkpoint and the whole tree that it names.
public struct PublishedFolder: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    private var file: String { "\(path)/checkpoint" }

    /// The folder's tree.
    public var tree: TileTree { TileTree(path: path) }

    /// Makes the folder where it is missing, and takes the lock on it until it is let go. `ledger` is the directory of
    /// the ledger.
    ///
    /// Throws `unsuitableFolder` when the ledger's own files are in it or below: a web server would hand out payloads.
    public func lock(against ledger: String) throws(PublishingError) -> FileLock {
        do throws(FileError) {
            try Folder.make(path)
            let (place, own) = (try Folder.resolved(path), try Folder.resolved(ledger))
            guard place == own || own.hasPrefix(place == "/" ? place : "\(place)/") else {
                return try FileLock(folder: path, purpose: "publishing")
            }
        } catch { throw PublishingError(error) }
        throw PublishingError(
            .unsuitableFolder,
            "the ledger \(ledger) lies in \(path): who serves that folder would hand out the payloads; choose a folder "
                + "of its own")
    }

    /// The checkpoint that readers find; nil when nothing was published. Throws `unreadableCheckpoint`.
    public func checkpoint() throws(PublishingError) -> SignedCheckpoint? {
        let bytes = try PublishingError.filing { () throws(FileError) in
            try DurableFile.readIfPresent(file, atMost: SignedNote.maximumByteCount)
        }
        guard let bytes else { return nil }
        do throws(TransparencyError) {
            return try SignedCheckpoint(bytes)
        } catch {
            throw PublishingError(
                .unreadableCheckpoint,
                "\(file) is not a checkpoint: \(error); publish into an empty folder, or put it back from a copy")
        }
    }

    /// The size that readers find, 0 when nothing was published. Throws `ledger` with `behindPublished` or
    /// `differsFromPublished` when it is of another log or of entries that `log` has not.
    public func size(checkedWith log: EventLog, origin: Origin) throws(PublishingError) -> TreeSize {
        guard let published = try checkpoint()?.checkpoint else { return 0 }
        try PublishingError.reading { () throws(LedgerError) in
            try PublishedCheckpoint.check(log, origin: origin, against: published, of: file)
        }
        return published.size
    }

    /// Makes `checkpoint` the one that readers find. The caller has grown the tree to its size.
    public func show(_ checkpoint: SignedCheckpoint) throws(PublishingError) {
        let bytes = checkpoint.bytes
        try PublishingError.filing { () throws(FileError) in
            let staging = try Staging(below: path)
            try staging.place([try staging.stage(bytes.span, for: "checkpoint")])
            try staging.remove()
        }
    }
}
