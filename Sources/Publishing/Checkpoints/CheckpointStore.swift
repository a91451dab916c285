public import Files
internal import Ledger
public import Merkle
public import Transparency

/// The checkpoints that a ledger has given out, in files of its directory beside the LMDB file.
///
/// ```
/// published                     the last one, with the log's own signature: the guard (``PublishedCheckpoint``)
/// checkpoints/<size>.checkpoint each one, with all cosignatures that were gathered; 20 digits, so that names sort
/// checkpoints/<size>.tsq .tsr   a timestamp of it: request and response (RFC 3161)
/// publish.lock                  held by whoever signs or adds to these files
/// ```
///
/// Each file is whole or not there (``DurableFile``). Checkpoints are never removed: what the ledger once said, it must
/// be able to prove. What a crash leaves while a checkpoint is made (``sign(_:by:of:)``), and who mends it:
///
/// 1. before `published` is replaced: nothing; nobody has seen the checkpoint.
/// 2. before it is in `checkpoints`: the guard is ahead of the list, which harms nobody, for nobody has seen the
///    checkpoint either. The next signing puts it into the list first.
/// 3. before a witness's answer is kept: the witness has cosigned and says so again when it is asked for the same size,
///    or is asked for a larger one.
/// 4. before the tree is published: the tree stays at the size before (``TileTree``); the next publishing goes on.
public struct CheckpointStore: Sendable {
    /// The ledger's directory.
    public let ledger: String

    /// The checkpoints of the ledger in the directory `ledger`.
    public init(ledger: String) { self.ledger = ledger }

    private var folder: String { "\(ledger)/\(PublishedCheckpoint.folderName)" }

    /// The file of a checkpoint, or of what belongs to it.
    func file(_ size: TreeSize, _ ending: String = "checkpoint") -> String {
        PublishedCheckpoint.file(of: size, ledger: ledger, ending: ending)
    }

    /// Takes the lock that whoever signs or adds holds, until it is let go. Throws `file` when another process has it.
    public func lock(for purpose: String) throws(PublishingError) -> FileLock {
        do throws(FileError) {
            return try FileLock("\(ledger)/publish.lock", purpose: purpose)
        } catch {
            throw PublishingError(error)
        }
    }

    /// The sizes of the checkpoints, ascending.
    public func sizes() throws(PublishingError) -> [TreeSize] {
        try PublishingError.reading { () throws(LedgerError) in try PublishedCheckpoint.sizes(ledger: ledger) }
    }

    /// The checkpoint of `size` with what was gathered; nil when there is none. Throws `unreadableCheckpoint`.
    public func checkpoint(_ size: TreeSize) throws(PublishingError) -> SignedCheckpoint? {
        let file = file(size)
        let bytes = try PublishingError.filing { () throws(FileError) in
            try DurableFile.readIfPresent(file, atMost: SignedNote.maximumByteCount)
        }
        guard let bytes else { return nil }
        let checkpoint: SignedCheckpoint
        do throws(TransparencyError) {
            checkpoint = try SignedCheckpoint(bytes)
        } catch {
            throw PublishingError(
                .unreadableCheckpoint, "\(file) is not a checkpoint: \(error); put it back from a copy, or remove it")
        }
        guard checkpoint.checkpoint.size == size else {
            throw PublishingError(
                .unreadableCheckpoint, "\(file) is a checkpoint of \(checkpoint.checkpoint.size) entries")
        }
        return checkpoint
    }

    /// The last checkpoint that was given out, with the log's signature only; nil when there is none.
    public func published() throws(PublishingError) -> SignedCheckpoint? {
        try PublishingError.reading { () throws(LedgerError) in try PublishedCheckpoint.read(ledger: ledger) }
    }

    /// The smallest checkpoint of at least `size` entries, which is the earliest that covers them; nil when none does.
    public func earliest(covering size: TreeSize) throws(PublishingError) -> SignedCheckpoint? {
        guard let found = try sizes().first(where: { $0 >= size }) else { return nil }
        return try checkpoint(found)
    }

    /// Keeps a checkpoint, together with the signature lines of the one of the same size that is kept already, and
    /// returns both as one. The caller holds the lock.
    ///
    /// Throws `differsFromPublished` when another root of that size is kept.
    @discardableResult
    public func keep(_ checkpoint: SignedCheckpoint) throws(PublishingError) -> SignedCheckpoint {
        let size = checkpoint.checkpoint.size
        var kept = checkpoint
        if let before = try self.checkpoint(size) {
            guard before.note.text == checkpoint.note.text else {
                throw PublishingError(
                    .differsFromPublished,
                    "\(file(size)) is a checkpoint of other entries than the ledger's; keep it as evidence, run mohur "
                        + "verify, and restore a copy that has the entries")
            }
            kept = try PublishingError.noting { () throws(TransparencyError) in
                try SignedCheckpoint(before.note.adding(checkpoint.note.signatures))
            }
            if kept == before { return kept }
        }
        let bytes = kept.bytes
        try PublishingError.filing { () throws(FileError) in
            try Folder.make(folder)
            try DurableFile.replace(file(size), with: bytes.span)
        }
        return kept
    }

    /// Makes `checkpoint` the last one that was given out. The caller holds the lock and has compared it with the one
    /// before.
    func guardAgainst(_ checkpoint: SignedCheckpoint) throws(PublishingError) {
        if try published() == checkpoint { return }
        let bytes = checkpoint.bytes
        try PublishingError.filing { () throws(FileError) in
            try DurableFile.replace("\(ledger)/\(PublishedCheckpoint.fileName)", with: bytes.span)
        }
    }
}
