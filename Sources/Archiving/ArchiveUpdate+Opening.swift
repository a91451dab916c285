internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import EventLog
internal import Files
internal import Merkle
internal import Transparency

// What the archive was, and whether it is one of this ledger.

extension ArchiveUpdate {
    private static let advice =
        "; run mohur archive with --rehash to compare all of it with the ledger and write anew what differs, or archive "
        + "into another folder"

    /// Opens the archive, if there is one, and refuses it when it is not of this ledger.
    func openOld() throws(ArchivingError) {
        guard ArchiveReader.isArchive(folder) else { return }
        do throws(ArchiveError) {
            let reader = try ArchiveReader(folder) { error throws(ArchiveError) in try note(error) }
            try reader.checkNames { error throws(ArchiveError) in try note(error) }
            old = reader
        } catch {
            throw ArchivingError(error, in: folder, advice: ArchiveUpdate.advice)
        }
        try refuseForeignFiles()
        try checkSameLedger()
    }

    /// Without `rehash` the first fault ends the run.
    private func note(_ error: ArchiveError) throws(ArchiveError) {
        guard writer.rehash else { throw error }
        oldIsSound = false
    }

    /// What no archive has is not ours to remove.
    private func refuseForeignFiles() throws(ArchivingError) {
        guard writer.rehash else { return }
        try finish.walk(Bag.payloadFolder, in: folder) { path, kind throws(ArchivingError) in
            guard ArchiveFile(path: path) == nil || kind == .other else { return }
            throw ArchivingError(
                .unsuitableFolder,
                "\(folder)/\(path) is not a file of an archive; move it elsewhere, then archive again")
        }
    }

    private func checkSameLedger() throws(ArchivingError) {
        guard let old else { return }
        if let info = old.info {
            guard info.origin == genesis.origin.text, info.incarnation == "\(genesis.incarnation)" else {
                throw ArchivingError(
                    .otherLedger,
                    "the archive in \(folder) is of \(info.origin), \(info.incarnation); the ledger is \(genesis.origin), "
                        + "\(genesis.incarnation); choose another folder")
            }
        }
        let size = try ArchivingError.reading { () throws(LogError) in TreeSize(try log.size()) }
        guard old.size <= size else {
            throw ArchivingError(
                .behindArchive,
                "the archive in \(folder) has \(old.size) entries, the ledger \(size): the ledger is an older copy, or "
                    + "entries were taken from it; restore it from the archive with mohur restore")
        }
        for checkpoint in old.contents.checkpoints {
            guard let kept = try archived(checkpoint.size) else { continue }
            try check(kept.checkpoint, "the archive in \(folder)")
        }
    }

    /// The checkpoint of `size` in the archive; nil when there is none, or it is not as it should be and `rehash` is
    /// set.
    func archived(_ size: TreeSize) throws(ArchivingError) -> SignedCheckpoint? {
        guard let old, old.contents.contains(.checkpoint(size)) else { return nil }
        do throws(ArchiveError) {
            guard
                let bytes = try old.bytes(
                    of: .checkpoint(size), { error throws(ArchiveError) in throw error })
            else { return nil }
            do throws(TransparencyError) { return try SignedCheckpoint(bytes) } catch {
                throw ArchiveError(.malformed, ArchiveFile.checkpoint(size).path, "is not a checkpoint: \(error)")
            }
        } catch {
            guard writer.rehash else { throw ArchivingError(error, in: folder, advice: ArchiveUpdate.advice) }
            oldIsSound = false
            return nil
        }
    }

    /// Compares a checkpoint with the ledger.
    func check(_ checkpoint: Checkpoint, _ place: String) throws(ArchivingError) {
        guard checkpoint.origin == LogOrigin(genesis.origin) else {
            throw ArchivingError(
                .otherLedger, "\(place) has a checkpoint of \(checkpoint.origin), not \(genesis.origin)")
        }
        let recorded = try ArchivingError.reading { () throws(LogError) in
            try log.root(size: checkpoint.size).root
        }
        guard recorded == checkpoint.root else {
            throw ArchivingError(
                .otherLedger,
                "\(place) has a checkpoint of \(checkpoint.size) entries, and the ledger has others: one of the two was "
                    + "rewritten; keep both as evidence, and compare them with what witnesses have seen")
        }
    }
}
