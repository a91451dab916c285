internal import Digests
internal import Files

extension ArchiveReader {
    /// Compares what is below `data/` with the manifest (A4), without reading files: reports what is there and should
    /// not be, what is no regular file, and what is missing, and compares sizes with `Payload-Oxum`. O(files).
    public func checkNames(_ report: ArchiveReport) throws(ArchiveError) {
        var tally = Tally()
        if try ArchiveReader.exists(Bag.payloadFolder, in: folder) {
            try walk(Bag.payloadFolder, depth: 0, &tally, report)
        }
        if tally.fileCount < contents.fileCount { try findMissing(report) }
        guard let info, tally.fileCount == contents.fileCount else { return }
        if tally.byteCount != info.byteCount {
            try report(
                ArchiveError(
                    .contradiction, BagInfo.file,
                    "Payload-Oxum states \(info.byteCount) bytes; the files have \(tally.byteCount)"))
        }
    }

    /// Compares the SHA-256 of every file with the manifest (A5). `progress` is told how many files are done.
    public func checkDigests(
        _ progress: (UInt64) -> Void = { _ in }, _ report: ArchiveReport
    ) throws(ArchiveError) {
        var done: UInt64 = 0
        for file in contents {
            _ = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
                let stream = try HashedStream(file.path, in: folder, atMost: file.maximumByteCount)
                let digest = try stream.digest()
                guard let expected = try manifest.digest(of: file) else { return }
                guard digest == expected else { throw ArchiveError.altered(file.path) }
            }
            done += 1
            progress(done)
        }
    }

    private struct Tally {
        var fileCount: UInt64 = 0
        var byteCount: UInt64 = 0
    }

    private func walk(
        _ path: String, depth: Int, _ tally: inout Tally, _ report: ArchiveReport
    ) throws(ArchiveError) {
        guard depth < ArchiveLimits.depth else {
            return try report(ArchiveError(.unexpected, path, "lies deeper than any file of an archive"))
        }
        let names = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
            try ArchiveError.wrapping(path) { () throws(FileError) in
                guard try Folder.kind(of: "\(folder)/\(path)") == .folder else {
                    throw FileError(.notAFile, "\(path) is no folder")
                }
                return try Folder.names(in: "\(folder)/\(path)", atMost: ArchiveLimits.folderCount)
            }
        }
        guard let names else { return }
        if names.isEmpty { try report(ArchiveError(.unexpected, path, "is an empty folder")) }
        for name in names { try visit("\(path)/\(name)", depth: depth, &tally, report) }
    }

    private func visit(
        _ path: String, depth: Int, _ tally: inout Tally, _ report: ArchiveReport
    ) throws(ArchiveError) {
        let kind = try ArchiveError.wrapping(path) { () throws(FileError) in
            try Folder.kind(of: "\(folder)/\(path)")
        }
        switch kind {
        case .folder: try walk(path, depth: depth + 1, &tally, report)
        case .file(let size):
            guard let file = ArchiveFile(path: path), contents.contains(file) else {
                return try report(ArchiveError(.unexpected, path, "is not named by the manifest"))
            }
            tally.fileCount += 1
            tally.byteCount &+= size
        case .other: try report(ArchiveError(.unexpected, path, "is neither a regular file nor a folder"))
        case nil: break
        }
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
