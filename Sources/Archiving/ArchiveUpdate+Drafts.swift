internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import EventLog
internal import Files
internal import Merkle

// Files under incoming/, and the manifest's lines.

extension ArchiveUpdate {
    /// Has the archive hold `file` with these bytes.
    func produce(
        _ file: ArchiveFile, _ bytes: [UInt8], _ draft: borrowing ManifestDraft
    ) throws(ArchivingError) {
        let digest = SHA256.hash(bytes.span)
        guard try !take(file, digest, UInt64(bytes.count), draft) else { return }
        let path = try draftPath(file)
        try writer.beforeChange("writing \(file.path)")
        try ArchivingError.filing { () throws(FileError) in
            var output = try FileWriter(path)
            try output.append(bytes.span)
        }
    }

    /// Enters `file` into the manifest. True when it is in its place, or among the drafts, already; otherwise it is
    /// counted as written, which the caller then does.
    func take(
        _ file: ArchiveFile, _ digest: Digest, _ size: UInt64, _ draft: borrowing ManifestDraft
    ) throws(ArchivingError) -> Bool {
        try ArchivingError.filing { () throws(FileError) in try draft.set(digest, of: file) }
        return try take(file, digest, size)
    }

    /// As ``take(_:_:_:_:)``, of a file whose line in the manifest is written later.
    func take(_ file: ArchiveFile, _ digest: Digest, _ size: UInt64) throws(ArchivingError) -> Bool {
        tally.byteCount += size
        if try isInPlace(file, digest, size) {
            try removeDraft(of: file)
            return true
        }
        tally.written += 1
        if try isOld(file), try kind("\(folder)/\(file.path)") != nil { tally.replaced += 1 }
        return try isSame(file, digest, size, in: "\(folder)/\(Bag.incoming)")
    }

    /// Where the draft of `file` is written; its folder is there.
    func draftPath(_ file: ArchiveFile) throws(ArchivingError) -> String {
        let path = "\(folder)/\(Bag.incoming)/\(file.path)"
        let parent = Folder.parent(of: path)
        if !madeFolders.contains(parent) {
            try ArchivingError.filing { () throws(FileError) in try Folder.make(parent) }
            if madeFolders.count > 10_000 { madeFolders = [] }
            madeFolders.insert(parent)
        }
        return path
    }

    func kind(_ path: String) throws(ArchivingError) -> FileKind? {
        try ArchivingError.filing { () throws(FileError) in try Folder.kind(of: path) }
    }

    /// Whether the archive has the file as it is to be. By the manifest and the size, or by its bytes when every file
    /// is to be compared.
    private func isInPlace(_ file: ArchiveFile, _ digest: Digest, _ size: UInt64) throws(ArchivingError) -> Bool {
        guard let old, try kind("\(folder)/\(file.path)") == .file(size: size) else { return false }
        let wasNamed = try isOld(file)
        guard writer.rehash || !wasNamed else {
            return try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
                try old.manifest.digest(of: file)
            } == digest
        }
        return try isSame(file, digest, size, in: folder)
    }

    /// Whether the archive's manifest names the file.
    private func isOld(_ file: ArchiveFile) throws(ArchivingError) -> Bool {
        guard let old else { return false }
        return try ArchivingError.archive(in: folder) { () throws(ArchiveError) in try old.manifest.contains(file) }
    }

    private func isSame(
        _ file: ArchiveFile, _ digest: Digest, _ size: UInt64, in base: String
    ) throws(ArchivingError) -> Bool {
        guard try kind("\(base)/\(file.path)") == .file(size: size) else { return false }
        // What cannot be read is written anew.
        return (try? ArchiveReader.digest(of: file, in: base)) == digest
    }

    func removeDraft(of file: ArchiveFile) throws(ArchivingError) {
        try ArchivingError.filing { () throws(FileError) in
            try DurableFile.remove("\(folder)/\(Bag.incoming)/\(file.path)")
        }
    }

    /// Takes a file over from the archive as it was.
    func keep(_ file: ArchiveFile, _ old: ArchiveReader, _ draft: borrowing ManifestDraft) throws(ArchivingError) {
        let digest = try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
            try old.manifest.digest(of: file)
        }
        guard let digest, case .file(let size)? = try kind("\(folder)/\(file.path)") else {
            throw ArchivingError(.damaged, "\(folder)/\(file.path) went away while the archive was brought up to date")
        }
        try ArchivingError.filing { () throws(FileError) in try draft.set(digest, of: file) }
        tally.byteCount += size
    }

    /// Removes drafts that an earlier run has left and that this one does not need.
    func sweep(_ contents: ArchiveContents) throws(ArchivingError) {
        guard try kind("\(folder)/\(Bag.incoming)/\(Bag.payloadFolder)") != nil else { return }
        try finish.walk(
            Bag.payloadFolder, in: "\(folder)/\(Bag.incoming)", removingEmpty: true
        ) { path, _ throws(ArchivingError) in
            if let file = ArchiveFile(path: path), contents.contains(file), !isKept(file) { return }
            if case .content(let name)? = ArchiveFile(path: path), documents.contains(name) { return }
            try writer.beforeChange("removing \(Bag.incoming)/\(path)")
            try ArchivingError.filing { () throws(FileError) in
                try DurableFile.remove("\(folder)/\(Bag.incoming)/\(path)")
            }
        }
    }

    /// Whether a file was taken over without being made, so that a draft of it is of an earlier run.
    private func isKept(_ file: ArchiveFile) -> Bool {
        guard let old, !writer.rehash else { return false }
        let bundles = old.size.rawValue / 256
        switch file {
        case .payloads(let index, _): return index < bundles && !remade.contains(index)
        case .tile(let tile):
            switch tile.content {
            case .entries, .hashes(level: 0): return tile.index < bundles && !remade.contains(tile.index)
            case .hashes(let level): return tile.index < firstTile(of: level)
            }
        default: return false
        }
    }
}

// MARK: - Tag files

extension ArchiveUpdate {
    /// Writes the tag files but for the tag manifest.
    func stageTagFiles(
        _ contents: ArchiveContents, _ root: Digest, _ fileCount: UInt64
    ) throws(ArchivingError) {
        let last = try ArchivingError.reading { () throws(LogError) in
            try log.page(from: EntryIndex(contents.size.rawValue - 1), limit: 1, withPayloads: false)
        }
        let until = last.events.first.map { ", the last recorded on \("\($0.recorded)".prefix(10))" } ?? ""
        let info = BagInfo(
            date: String("\(Timestamp.now)".prefix(10)), byteCount: tally.byteCount, fileCount: fileCount,
            origin: genesis.origin.text, incarnation: "\(genesis.incarnation)",
            description:
                "The ledger \(genesis.origin): \(contents.size) entries\(until). README.txt says how to read it.",
            agent: "mohur", size: contents.size, root: root, furtherLines: old?.info?.furtherLines ?? [])
        try write(Bag.declaration, Bag.declarationFile)
        try write(info.bytes, BagInfo.file)
        try write(ReadMe.bytes, Bag.readMe)
    }

    private func write(_ bytes: [UInt8], _ file: String) throws(ArchivingError) {
        try writer.beforeChange("writing \(file)")
        try ArchivingError.filing { () throws(FileError) in
            var output = try FileWriter("\(folder)/\(Bag.incoming)/\(file)")
            try output.append(bytes.span)
        }
    }

    /// The tag manifest of what is under `incoming/`, with the files that archivists have added to the bag.
    func tagManifest() throws(ArchivingError) -> TagManifest {
        let incoming = "\(folder)/\(Bag.incoming)"
        var items: [TagManifest.Item] = []
        for file in TagManifest.requiredFiles {
            var digest = Digest.zero
            if file == Manifest.file {
                // Read whole once more: what is decided has every line in its place.
                _ = try ArchivingError.archive(in: incoming) { () throws(ArchiveError) in
                    try Manifest(in: incoming, digest: &digest) { error throws(ArchiveError) in throw error }
                }
            } else {
                let bytes = try ArchivingError.filing { () throws(FileError) in
                    try DurableFile.read("\(incoming)/\(file)", atMost: ArchiveLimits.otherTagByteCount)
                }
                digest = SHA256.hash(bytes.span)
            }
            items.append(TagManifest.Item(file: file, digest: digest))
        }
        return TagManifest(items: items + (old?.tagManifest?.items.dropFirst(items.count) ?? []))
    }
}
