internal import Digests
internal import Files
public import Merkle

/// Reads an archive in bounded memory, and says what of it is missing or not as it should be.
///
/// Every fault goes to the `report` of the call that meets it. A report that returns has the reading go on, as a
/// verifier wants it; one that throws stops it, as a restore wants it. Nothing is taken on trust: a file's bytes are
/// hashed as they are read, and the caller compares entries, tree and checkpoints (rules A7–A12 of docs/archive.md).
public final class ArchiveReader: Sendable {
    /// The archive's folder.
    public let folder: String
    /// The manifest, and with it which files the archive has.
    public let manifest: Manifest
    /// What `bag-info.txt` says; nil when it cannot be read, which was reported.
    public let info: BagInfo?
    /// What `tagmanifest-sha256.txt` says; nil when it cannot be read, which was reported.
    public let tagManifest: TagManifest?

    /// Opens the archive in `folder` and checks its tag files and the order of its manifest (A1, A2, A3).
    ///
    /// Throws what `report` throws, and by itself `noArchive`: there is no checkpoint, so that nothing can be said of
    /// it. O(files).
    public init(_ folder: String, _ report: ArchiveReport) throws(ArchiveError) {
        self.folder = folder
        try ArchiveReader.checkDeclaration(folder, report)
        info = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
            try BagInfo(parsing: try ArchiveReader.bytes(BagInfo.file, folder, ArchiveLimits.tagByteCount))
        }
        tagManifest = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
            try TagManifest(parsing: try ArchiveReader.bytes(TagManifest.file, folder, ArchiveLimits.tagByteCount))
        }
        var digest = Digest.zero
        manifest = try Manifest(in: folder, digest: &digest, report)
        try checkTagFiles(digest, report)
        try checkInfo(report)
    }

    /// Which files the archive has.
    public var contents: ArchiveContents { manifest.contents }

    /// The number of entries.
    public var size: TreeSize { manifest.contents.size }

    /// Whether there is an archive in `folder`, whole or not.
    public static func isArchive(_ folder: String) -> Bool {
        [Bag.declarationFile, Manifest.file, Bag.payloadFolder].contains { name in
            (try? Folder.kind(of: "\(folder)/\(name)")) != nil
        }
    }
}

// MARK: - Tag files

extension ArchiveReader {
    private static func checkDeclaration(_ folder: String, _ report: ArchiveReport) throws(ArchiveError) {
        guard Folder.isFolder(folder) else { throw ArchiveError(.noArchive, "", "there is no folder \(folder)") }
        let update = "\(Bag.incoming)/\(TagManifest.file)"
        if try exists(update, in: folder) {
            try report(
                ArchiveError(
                    .unfinished, Bag.incoming,
                    "an update of the archive was decided and not finished; run mohur archive on it again, or finish it "
                        + "by hand as docs/archive.md says"))
        }
        guard isArchive(folder) else {
            throw ArchiveError(.noArchive, "", "there is no archive in \(folder)")
        }
        _ = try reporting(report) { () throws(ArchiveError) in
            guard try bytes(Bag.declarationFile, folder, ArchiveLimits.tagByteCount) == Bag.declaration else {
                throw ArchiveError(.malformed, Bag.declarationFile, "is not the declaration of a bag of BagIt 1.0")
            }
        }
        if try exists(Bag.fetchFile, in: folder) {
            try report(ArchiveError(.unexpected, Bag.fetchFile, "an archive has no parts elsewhere"))
        }
    }

    private func checkTagFiles(_ manifestDigest: Digest, _ report: ArchiveReport) throws(ArchiveError) {
        for item in tagManifest?.items ?? [] {
            if item.file.utf8.elementsEqual(Manifest.file.utf8) {
                if manifestDigest != .zero, item.digest != manifestDigest {
                    try report(ArchiveReader.alteredTag(item.file))
                }
                continue
            }
            _ = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
                let stream = try HashedStream(item.file, in: folder, atMost: ArchiveLimits.otherTagByteCount)
                guard try stream.digest() == item.digest else { throw ArchiveReader.alteredTag(item.file) }
            }
        }
    }

    private static func alteredTag(_ file: String) -> ArchiveError {
        ArchiveError(.altered, file, "does not have the SHA-256 that \(TagManifest.file) states")
    }

    private func checkInfo(_ report: ArchiveReport) throws(ArchiveError) {
        guard let info else { return }
        if info.size != size {
            try report(
                ArchiveError(
                    .contradiction, BagInfo.file, "states \(info.size) entries; the greatest checkpoint is of \(size)"))
        }
    }

    /// Throws `unexpected` when `file` lies behind a symbolic link or anything else that is no folder, and `missing`
    /// when a folder that it lies in is not there.
    static func checkFolders(above file: String, in folder: String) throws(ArchiveError) {
        var path = ""
        for part in file.split(separator: "/").dropLast() {
            path += path.isEmpty ? "\(part)" : "/\(part)"
            let kind = try ArchiveError.wrapping(file) { () throws(FileError) in
                try Folder.kind(of: "\(folder)/\(path)")
            }
            guard let kind else { throw ArchiveError(.missing, file, "is not there") }
            guard kind == .folder else { throw ArchiveError(.unexpected, file, "\(path) is not a folder") }
        }
    }

    static func exists(_ file: String, in folder: String) throws(ArchiveError) -> Bool {
        try ArchiveError.wrapping(file) { () throws(FileError) in try Folder.kind(of: "\(folder)/\(file)") } != nil
    }

    static func bytes(_ file: String, _ folder: String, _ limit: Int) throws(ArchiveError) -> [UInt8] {
        var stream = try HashedStream(file, in: folder, atMost: limit)
        var bytes: [UInt8] = []
        _ = try stream.take(Int(stream.size), into: &bytes)
        return bytes
    }

    /// What `body` gives, or nil after reporting what it throws.
    static func reporting<R>(
        _ report: ArchiveReport, _ body: () throws(ArchiveError) -> R
    ) throws(ArchiveError) -> R? {
        do throws(ArchiveError) { return try body() } catch {
            try report(error)
            return nil
        }
    }
}
