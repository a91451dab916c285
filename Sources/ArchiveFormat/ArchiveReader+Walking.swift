public import Digests
internal import Files
internal import Merkle

extension ArchiveReader {
    /// Compares what is below `data/` with the manifest (A4), without reading files: reports what is there and should
    /// not be, what is no regular file, and what is missing, and compares numbers and sizes with `Payload-Oxum`.
    ///
    /// Returns the bundles that are to be looked at, ascending; nil: all. The size of an archive may be a lie: where
    /// there are more than 4,096 bundles, those of which nothing is there are not named one by one. O(files).
    @discardableResult
    public func checkNames(_ report: ArchiveReport) throws(ArchiveError) -> [UInt64]? {
        var tally = Tally()
        if try ArchiveReader.exists(Bag.payloadFolder, in: folder) {
            try ArchiveTree.walk(
                Bag.payloadFolder, in: folder, report,
                visit: { path, kind throws(ArchiveError) in try visit(path, kind, &tally, report) },
                leave: { path, count throws(ArchiveError) in
                    if count == 0, tally.emptyFolders.count < 1000 { tally.emptyFolders.append(path) }
                })
        } else {
            try report(ArchiveError(.missing, Bag.payloadFolder, "is not there"))
        }
        var bundles: [UInt64]?
        if tally.fileCount < contents.fileCount || tally.documentCount < manifest.documentCount {
            bundles = try presentBundles()
            try findMissing(bundles, report)
        }
        for path in tally.emptyFolders { try report(ArchiveError(.unexpected, path, "is an empty folder")) }
        guard let info, manifest.isInOrder, tally.fileCount == contents.fileCount,
            tally.documentCount == manifest.documentCount
        else { return bundles }
        if tally.byteCount != info.byteCount || manifest.fileCount != info.fileCount {
            try report(
                ArchiveError(
                    .contradiction, BagInfo.file,
                    "Payload-Oxum states \(info.byteCount) bytes in \(info.fileCount) files; there are "
                        + "\(tally.byteCount) in \(manifest.fileCount)"))
        }
        return bundles
    }

    /// Compares the SHA-256 of `file` with the manifest (A5). In bounded memory, whatever its size.
    public func checkDigest(of file: ArchiveFile, _ report: ArchiveReport) throws(ArchiveError) {
        _ = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
            let digest = try ArchiveReader.digest(of: file, in: folder)
            guard let expected = try manifest.digest(of: file) else { return }
            guard digest == expected else { throw ArchiveError.altered(file.path) }
        }
    }

    /// The SHA-256 of the file as it is. Throws `missing`, `unexpected` for what is no regular file, `tooLarge`,
    /// `unreadable`.
    public static func digest(of file: ArchiveFile, in folder: String) throws(ArchiveError) -> Digest {
        try HashedStream(file.path, in: folder, atMost: file.maximumByteCount).digest()
    }

    private struct Tally {
        /// Files that are no documents.
        var fileCount: UInt64 = 0
        var documentCount: UInt64 = 0
        var byteCount: UInt64 = 0
        /// Told behind the files that are missing from them.
        var emptyFolders: [String] = []
    }

    private func visit(
        _ path: String, _ kind: FileKind, _ tally: inout Tally, _ report: ArchiveReport
    ) throws(ArchiveError) {
        guard case .file(let size) = kind else {
            return try report(ArchiveError(.unexpected, path, "is neither a regular file nor a folder"))
        }
        guard let file = ArchiveFile(path: path), try manifest.contains(file) else {
            return try report(ArchiveError(.unexpected, path, "is not named by the manifest"))
        }
        if case .content = file { tally.documentCount += 1 } else { tally.fileCount += 1 }
        tally.byteCount &+= size
    }

    /// Reports the files that are not there, but for those of bundles that are not among `bundles`.
    private func findMissing(_ bundles: [UInt64]?, _ report: ArchiveReport) throws(ArchiveError) {
        for number in 0..<manifest.documentCount {
            try checkPresence(of: .content(try manifest.document(number)), report)
        }
        guard let bundles else {
            for file in contents { try checkPresence(of: file, report) }
            return
        }
        for file in contents.filesBeforeBundles { try checkPresence(of: file, report) }
        for number in bundles {
            for file in [contents.payloads(number), contents.tile(level: 0, index: number), contents.entries(number)] {
                try checkPresence(of: file, report)
            }
        }
    }

    private func checkPresence(of file: ArchiveFile, _ report: ArchiveReport) throws(ArchiveError) {
        let path = file.path
        _ = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
            try ArchiveReader.checkFolders(above: path, in: folder)
            guard try ArchiveReader.exists(path, in: folder) else {
                throw ArchiveError(.missing, path, "is not there")
            }
        }
    }

    /// The bundles of which entries, hashes or their hash in the tile above are there; nil when these are all, or so
    /// few that each is looked at in any case.
    private func presentBundles() throws(ArchiveError) -> [UInt64]? {
        guard contents.bundleCount > ArchiveLimits.namedBundleCount else { return nil }
        var present: Set<UInt64> = []
        let ignore: ArchiveReport = { _ throws(ArchiveError) in }
        for part in ["entries", "0", "1"] {
            let path = "\(Bag.payloadFolder)/tile/\(part)"
            guard (try? ArchiveReader.checkFolders(above: "\(path)/any", in: folder)) != nil else { continue }
            try ArchiveTree.walk(
                path, in: folder, ignore,
                visit: { path, kind throws(ArchiveError) in
                    guard case .file = kind, let file = ArchiveFile(path: path), contents.contains(file),
                        case .tile(let tile) = file
                    else { return }
                    if case .hashes(level: 1) = tile.content {
                        present.formUnion((0..<UInt64(tile.width)).map { tile.index * 256 + $0 })
                    } else {
                        present.insert(tile.index)
                    }
                }, leave: { _, _ throws(ArchiveError) in })
        }
        return UInt64(present.count) == contents.bundleCount ? nil : present.sorted()
    }
}
