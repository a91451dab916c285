public import EventLog
internal import Files
public import Transparency

/// The checkpoint that a ledger has last given out: the guard of promise 11.
///
/// It stands in the file `published` of the ledger's directory, outside the LMDB file, with the log's own signature
/// and no other. Should it be missing, or be older than the newest of the checkpoints that are kept in `checkpoints`
/// beside it, the ledger is held to that one. Whoever signs a checkpoint replaces the file, durably, before anybody
/// else sees the checkpoint (`CheckpointStore` of Publishing). So a ledger that was put back to an older copy, or
/// written anew, is found out by its own directory: what others hold is more than it has, or something else.
public enum PublishedCheckpoint {
    /// The file in the ledger's directory.
    public static let fileName = "published"

    /// The folder of the checkpoints that were given out, in the ledger's directory.
    public static let folderName = "checkpoints"

    /// The checkpoint that the ledger in the directory `path` has last given out; nil when it has given out none.
    /// Throws `differsFromPublished` when the file holds no checkpoint, `inputOutput` or `notPermitted` when it cannot
    /// be read.
    public static func read(ledger path: String) throws(LedgerError) -> SignedCheckpoint? {
        try read("\(path)/\(fileName)")
    }

    /// The file of the kept checkpoint of `size`: 20 digits, so that names sort as sizes do.
    public static func file(of size: TreeSize, ledger path: String, ending: String = "checkpoint") -> String {
        let digits = String(size.rawValue)
        return "\(path)/\(folderName)/\(String(repeating: "0", count: 20 - digits.count))\(digits).\(ending)"
    }

    /// The sizes of the kept checkpoints, ascending. O(files in the folder). Throws `inputOutput` or `notPermitted`.
    public static func sizes(ledger path: String) throws(LedgerError) -> [TreeSize] {
        let folder = "\(path)/\(folderName)"
        var names: [String]?
        do throws(FileError) {
            guard try Folder.kind(of: folder) != nil else { return [] }
            if Folder.isFolder(folder) { names = try Folder.names(in: folder) }
        } catch { throw unreadable(error) }
        guard let names else {
            throw LedgerError(
                .differsFromPublished,
                "\(folder) is no folder, but checkpoints that were given out stand in one: put it back from a copy")
        }
        return names.compactMap { name in
            guard name.hasSuffix(".checkpoint"), name.utf8.count == 31,
                name.utf8.first.map({ (48...57).contains($0) }) == true
            else { return nil }
            return UInt64(name.prefix(20)).map { TreeSize($0) }
        }
    }

    private static func unreadable(_ error: FileError) -> LedgerError {
        LedgerError(error.code == .noPermission ? .notPermitted : .inputOutput, error.reason)
    }

    private static func read(_ file: String) throws(LedgerError) -> SignedCheckpoint? {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.readIfPresent(file, atMost: SignedNote.maximumByteCount)
        } catch {
            throw unreadable(error)
        }
        guard let bytes else { return nil }
        do throws(TransparencyError) {
            return try SignedCheckpoint(bytes)
        } catch {
            throw LedgerError(
                .differsFromPublished,
                "\(file) is not a checkpoint: \(error); put back the file from a copy, or the newest checkpoint that was "
                    + "published (the file checkpoint of the published tree)")
        }
    }

    /// Compares the log with what was last given out: ``fileName``, and the newest kept checkpoint when it is of more
    /// entries. Throws `behindPublished` when it has fewer entries, `differsFromPublished` when it has others, another
    /// origin, or a file holds no checkpoint. O(log n), and O(kept checkpoints) for their names.
    public static func check(_ log: EventLog, origin: Origin) throws(LedgerError) {
        let published = try read(ledger: log.path)?.checkpoint
        if let published { try check(log, origin: origin, against: published, of: "\(log.path)/\(fileName)") }
        guard let newest = try sizes(ledger: log.path).last, published.map({ $0.size < newest }) ?? true else { return }
        let file = file(of: newest, ledger: log.path)
        guard let kept = try read(file)?.checkpoint else { return }
        guard kept.size == newest else {
            throw LedgerError(
                .differsFromPublished,
                "\(file) is a checkpoint of \(kept.size) entries; put back the file that belongs there, or remove it")
        }
        try check(log, origin: origin, against: kept, of: file)
    }

    /// What appends are refused with; nil when nothing contradicts the log.
    static func refusal(of log: EventLog, _ origin: Origin) -> LedgerError? {
        do throws(LedgerError) { try check(log, origin: origin) } catch {
            return LedgerError(error.code, "nothing was recorded: \(error.reason)")
        }
        return nil
    }

    /// As ``check(_:origin:)``, with a checkpoint that stands in `file`.
    package static func check(
        _ log: EventLog, origin: Origin, against published: Checkpoint, of file: String
    ) throws(LedgerError) {
        guard published.origin == LogOrigin(origin) else {
            throw LedgerError(
                .differsFromPublished,
                "\(file) is a checkpoint of \(published.origin), but the ledger at \(log.path) is \(origin); "
                    + "somebody mixed up two ledgers' files")
        }
        let size = TreeSize(try log.size())
        guard published.size <= size else {
            throw LedgerError(
                .behindPublished,
                "the ledger at \(log.path) has \(size) entries, but a checkpoint of \(published.size) was given out "
                    + "(\(file)): this is an older copy. To add to it would fork what others hold. Restore the newest "
                    + "copy or archive that has them all; if they are lost, end this ledger and begin one of another "
                    + "origin")
        }
        guard try log.root(size: published.size).root == published.root else {
            throw LedgerError(
                .differsFromPublished,
                "the first \(published.size) entries of the ledger at \(log.path) are not those of the checkpoint "
                    + "that was given out (\(file)): it was rewritten, or is another incarnation. Keep it as evidence, "
                    + "run mohur verify, and restore a copy or archive that has the entries")
        }
    }
}

extension LogError.Code {
    /// A checkpoint of more entries than the ledger has was given out.
    public static let behindPublished = LogError.Code(description: "behindPublished")
    /// A checkpoint of other entries than the ledger's was given out.
    public static let differsFromPublished = LogError.Code(description: "differsFromPublished")
}
