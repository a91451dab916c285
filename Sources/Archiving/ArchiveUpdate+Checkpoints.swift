internal import ArchiveFormat
internal import EventLog
internal import Files
internal import Ledger
internal import Merkle
internal import Publishing
internal import Transparency

// Checkpoints and their timestamps, of the ledger and of the archive together, and the key history.

extension ArchiveUpdate {
    /// Which files the archive is to have: its own checkpoints and the ledger's.
    func gatherCheckpoints() throws(ArchivingError) -> ArchiveContents {
        let recorded = try ArchivingError.publishing { () throws(PublishingError) in try store.sizes() }
        var sizes = Set(recorded.filter { $0 > 0 })
        for checkpoint in old?.contents.checkpoints ?? [] { sizes.insert(checkpoint.size) }
        guard !sizes.isEmpty else {
            throw ArchivingError(
                .noCheckpoint,
                "the ledger at \(log.path) has no checkpoint that an archive could end on; give --key, or sign one with "
                    + "mohur checkpoint")
        }
        var checkpoints: [ArchiveContents.Checkpoint] = []
        for size in sizes.sorted() {
            let isTimestamped = try timestamp(of: size) != nil
            checkpoints.append(.init(size: size, isTimestamped: isTimestamped))
        }
        return try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
            try ArchiveContents(checkpoints: checkpoints)
        }
    }

    /// Request and response: those that the archive has, or else the ledger's.
    private func timestamp(of size: TreeSize) throws(ArchivingError) -> (request: [UInt8], response: [UInt8])? {
        if let old, old.contents.contains(.timestampRequest(size)),
            let request = try archivedBytes(.timestampRequest(size)),
            let response = try archivedBytes(.timestampResponse(size))
        {
            return (request, response)
        }
        let digits = String(size.rawValue)
        let name = "\(log.path)/checkpoints/\(String(repeating: "0", count: 20 - digits.count))\(digits)"
        return try ArchivingError.filing { () throws(FileError) in
            let limit = ArchiveLimits.checkpointByteCount
            guard let request = try DurableFile.readIfPresent("\(name).tsq", atMost: limit),
                let response = try DurableFile.readIfPresent("\(name).tsr", atMost: limit)
            else { return nil }
            return (request, response)
        }
    }

    private func archivedBytes(_ file: ArchiveFile) throws(ArchivingError) -> [UInt8]? {
        do throws(ArchiveError) {
            return try old?.bytes(of: file) { error throws(ArchiveError) in throw error }
        } catch {
            guard writer.rehash else { throw ArchivingError(error, in: folder) }
            oldIsSound = false
            return nil
        }
    }

    /// Stages checkpoints, each compared with the ledger's tree and with what its events say of signatures: none goes
    /// into an archive that a restore would refuse.
    func stageCheckpoints(_ draft: borrowing ManifestDraft) throws(ArchivingError) {
        for checkpoint in draft.contents.checkpoints {
            let size = checkpoint.size
            let note = try self.checkpoint(size)
            do throws(TransparencyError) {
                try LogKeys(history, genesis.origin, at: size).verify(note)
            } catch {
                throw ArchivingError(.notTrusted, "the checkpoint of \(size) entries: \(error)")
            }
            try produce(.checkpoint(size), note.bytes, draft)
            guard checkpoint.isTimestamped, let (request, response) = try timestamp(of: size) else { continue }
            try produce(.timestampRequest(size), request, draft)
            try produce(.timestampResponse(size), response, draft)
        }
    }

    /// The checkpoint of `size` with the signature lines that the archive and the ledger have.
    private func checkpoint(_ size: TreeSize) throws(ArchivingError) -> SignedCheckpoint {
        let stored = try ArchivingError.publishing { () throws(PublishingError) in try store.checkpoint(size) }
        if let stored { try check(stored.checkpoint, "the ledger's directory \(log.path)") }
        guard let archived = try archived(size) else {
            guard let stored else {
                throw ArchivingError(
                    .damaged,
                    "the archive's checkpoint of \(size) entries cannot be read, and the ledger does not keep one of "
                        + "that size; archive into another folder")
            }
            return stored
        }
        guard let stored else { return archived }
        guard stored.note.text == archived.note.text else {
            throw ArchivingError(
                .otherLedger, "the archive and the ledger have different checkpoints of \(size) entries; keep both")
        }
        do throws(TransparencyError) {
            return try SignedCheckpoint(archived.note.adding(stored.note.signatures))
        } catch {
            throw ArchivingError(.damaged, "the checkpoint of \(size) entries: \(error)")
        }
    }

    func stageKeyHistory(_ draft: borrowing ManifestDraft) throws(ArchivingError) {
        let size = draft.contents.size
        var file = KeyHistoryFile()
        var bytes = file.head(origin: genesis.origin, size: size)
        var next: Revision? = 0
        while let start = next {
            let page = try ArchivingError.reading { () throws(LogError) in
                try log.page(of: .ledger, from: start, below: EntryIndex(size.rawValue), limit: 512)
            }
            for event in page.events { bytes += file.line(of: event.entry, envelope: event.envelope) }
            next = page.next
        }
        bytes += file.end
        try produce(.keyHistory(size), bytes, draft)
    }
}
