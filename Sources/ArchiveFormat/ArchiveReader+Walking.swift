public import Digests
internal import Files

extension ArchiveReader {
    /// Compares what is below `data/` with the manifest (A4), without reading files: reports what is there and should
    /// not be, what is no regular file, and what is missing, and compares sizes with `Payload-Oxum`. O(files).
    public func checkNames(_ report: ArchiveReport) throws(ArchiveError) {
        var tally = Tally()
        if try ArchiveReader.exists(Bag.payloadFolder, in: folder) {
            try ArchiveTree.walk(
                Bag.payloadFolder, in: folder, report,
                visit: { path, kind throws(ArchiveError) in try visit(path, kind, &tally, report) },
                leave: { path, count throws(ArchiveError) in
                    if count == 0, tally.emptyFolders.count < 1000 { tally.emptyFolders.append(path) }
                })
        }
        if tally.fileCount < contents.fileCount { try findMissing(report) }
        for path in tally.emptyFolders { try report(ArchiveError(.unexpected, path, "is an empty folder")) }
        guard let info, tally.fileCount == contents.fileCount else { return }
        if tally.byteCount != info.byteCount {
            try report(
                ArchiveError(
                    .contradiction, BagInfo.file,
                    "Payload-Oxum states \(info.byteCount) bytes; the files have \(tally.byteCount)"))
        }
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
        var fileCount: UInt64 = 0
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
        guard let file = ArchiveFile(path: path), contents.contains(file) else {
            return try report(ArchiveError(.unexpected, path, "is not named by the manifest"))
        }
        tally.fileCount += 1
        tally.byteCount &+= size
    }

    private func findMissing(_ report: ArchiveReport) throws(ArchiveError) {
        for file in contents {
            let path = file.path
            if try !ArchiveReader.exists(path, in: folder) {
                try report(ArchiveError(.missing, path, "is not there"))
            }
        }
    }
}
