internal import ArchiveFormat
internal import Contents
internal import EventFormat
internal import EventLog
internal import Files
internal import Keyring
internal import Merkle

// The documents that payloads name.

extension ArchiveUpdate {
    /// Has the archive hold a document that the payload of entry `index` names, unless it has it or the ledger has
    /// recorded its removal before the checkpoint.
    func stage(_ name: ContentName, named index: UInt64) throws(ArchivingError) {
        guard !documents.contains(name), try !isKept(name), !isRemoved(name) else { return }
        let store = log.contents
        let (place, source) = try ArchivingError.filing { () throws(FileError) in
            (store.path(of: name), try store.byteCount(of: name))
        }
        guard let byteCount = source else { throw missing(name, index) }
        let file = ArchiveFile.content(name)
        if try !take(file, name.digest, byteCount) {
            let path = try draftPath(file)
            try writer.beforeChange("writing \(file.path)")
            try ArchivingError.filing { () throws(FileError) in
                var output = try FileWriter(path)
                try store.read(name) { part throws(FileError) in try output.append(part) }
            }
        } else if writer.rehash {
            // The archive's own file was compared; the ledger's is, too.
            guard try ArchivingError.filing({ () throws(FileError) in try store.isWhole(name) }) == true else {
                throw ArchivingError(
                    .damaged, "\(place) is damaged: its bytes are not \(name); store the document again")
            }
        }
        documents.insert(name)
    }

    /// Enters the documents into the manifest: those that were staged, and those of the archive as it was that are not
    /// made anew.
    func stageDocuments(_ draft: inout ManifestDraft) throws(ArchivingError) {
        var staged = documents.sorted()[...]
        if let old {
            for number in 0..<old.manifest.documentCount {
                let name = try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
                    try old.manifest.document(number)
                }
                while let next = staged.first, next < name { try add(staged.removeFirst(), to: &draft) }
                if staged.first == name || isRemoved(name) { continue }
                try keep(name)
                try add(name, to: &draft)
            }
        }
        for name in staged { try add(name, to: &draft) }
    }

    /// Takes a document over from the archive as it was; one that no payload names any more, too, when all is compared.
    private func keep(_ name: ContentName) throws(ArchivingError) {
        let file = ArchiveFile.content(name)
        guard case .file(let size)? = try kind("\(folder)/\(file.path)") else {
            throw ArchivingError(.damaged, "\(folder)/\(file.path) went away while the archive was brought up to date")
        }
        tally.byteCount += size
        guard writer.rehash else { return }
        let digest = try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
            try ArchiveReader.digest(of: file, in: folder)
        }
        guard digest == name.digest else {
            throw ArchivingError(
                .damaged,
                "\(folder)/\(file.path) is damaged, and no payload of the ledger names it: put the document back, or "
                    + "archive into another folder")
        }
    }

    private func add(_ name: ContentName, to draft: inout ManifestDraft) throws(ArchivingError) {
        do throws(FileError) { try draft.add(name) } catch { throw ArchivingError(error) }
    }

    /// Whether the archive as it was has the document, and it is not made anew.
    private func isKept(_ name: ContentName) throws(ArchivingError) -> Bool {
        guard let old, !writer.rehash else { return false }
        return try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
            try old.manifest.contains(.content(name))
        }
    }

    /// Whether an event before the checkpoint says that the document was removed.
    private func isRemoved(_ name: ContentName) -> Bool {
        guard let removal = history?.removal(of: name) else { return false }
        return removal.event.rawValue < size.rawValue
    }

    private func missing(_ name: ContentName, _ index: UInt64) -> ArchivingError {
        // It may have been removed since this run began.
        let known = (try? log.keyHistory()) ?? history
        let remedy =
            if let removal = known?.removal(of: name) {
                "it was removed under event \(removal.event), which stands behind the checkpoint of \(size) entries: "
                    + "sign a newer one (--key)"
            } else {
                "store the document again (mohur content add), or record by whose authority it is gone (mohur content "
                    + "remove)"
            }
        return ArchivingError(
            .damaged,
            "the payload of entry \(index) names the content \(name), which the ledger does not have: \(remedy)")
    }
}
