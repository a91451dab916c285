internal import ArchiveFormat
internal import Digests
internal import Files
internal import Merkle

/// Puts in place what an update has left under `incoming/`, once it is decided: once the tag manifest is there.
///
/// Every step can be done again, so a run that is killed is repeated from the beginning. The old tag manifest is
/// replaced last: until then the bag is not valid, and says so.
struct ArchiveFinish {
    private let folder: String
    private let incoming: String
    private let beforeChange: @Sendable (String) throws(ArchivingError) -> Void

    init(_ writer: ArchiveWriter) {
        folder = writer.folder
        incoming = "\(writer.folder)/\(Bag.incoming)"
        beforeChange = writer.beforeChange
    }

    /// False when nothing was decided.
    func run() throws(ArchivingError) -> Bool {
        guard try exists("\(incoming)/\(TagManifest.file)") else { return false }
        try moveFiles()
        for file in TagManifest.requiredFiles where try exists("\(incoming)/\(file)") { try move(file) }
        try removeSuperseded()
        try flush()
        try move(TagManifest.file)
        try ArchivingError.filing { () throws(FileError) in try Folder.flush(folder) }
        try removeIncoming()
        return true
    }

    private func exists(_ path: String) throws(ArchivingError) -> Bool {
        try ArchivingError.filing { () throws(FileError) in try Folder.kind(of: path) } != nil
    }

    private func move(_ file: String) throws(ArchivingError) {
        try beforeChange("moving \(file)")
        try ArchivingError.filing { () throws(FileError) in
            try Folder.move("\(incoming)/\(file)", to: "\(folder)/\(file)")
        }
    }

    private func flush() throws(ArchivingError) {
        try ArchivingError.filing { () throws(FileError) in try Folder.flushFileSystem(of: folder) }
    }

    private func moveFiles() throws(ArchivingError) {
        guard try exists("\(incoming)/\(Bag.payloadFolder)") else { return }
        try walk(Bag.payloadFolder, in: incoming) { path, _ throws(ArchivingError) in
            try ArchivingError.filing { () throws(FileError) in
                try Folder.make(Folder.parent(of: "\(folder)/\(path)"))
            }
            try move(path)
        }
    }

    /// Removes partial files of smaller sizes and the key history before.
    private func removeSuperseded() throws(ArchivingError) {
        let manifest = try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
            var digest = Digest.zero
            return try Manifest(in: folder, digest: &digest) { error throws(ArchiveError) in throw error }
        }
        try walk(Bag.payloadFolder, in: folder, removingEmpty: true) { path, _ throws(ArchivingError) in
            guard let file = ArchiveFile(path: path) else { return }
            let isNamed = try ArchivingError.archive(in: folder) { () throws(ArchiveError) in
                try manifest.contains(file)
            }
            guard !isNamed else { return }
            try remove(path)
        }
    }

    private func remove(_ path: String) throws(ArchivingError) {
        try beforeChange("removing \(path)")
        try ArchivingError.filing { () throws(FileError) in try DurableFile.remove("\(folder)/\(path)") }
    }

    /// Removes `incoming/`, with whatever is left in it.
    func removeIncoming() throws(ArchivingError) {
        guard try exists(incoming) else { return }
        try walk(Bag.incoming, in: folder, removingEmpty: true) { path, _ throws(ArchivingError) in try remove(path) }
    }

    /// Shows `visit` everything that is no folder below `path` of `base`.
    func walk(
        _ path: String, in base: String, removingEmpty: Bool = false,
        _ visit: (String, FileKind) throws(ArchivingError) -> Void
    ) throws(ArchivingError) {
        var failure: ArchivingError?
        // What the walk throws is of the archive; what a visit throws stops it and is thrown from here.
        let stop = ArchiveError(.unreadable, path, "")
        do throws(ArchiveError) {
            try ArchiveTree.walk(
                path, in: base, { error throws(ArchiveError) in throw error },
                visit: { path, kind throws(ArchiveError) in
                    do throws(ArchivingError) { try visit(path, kind) } catch {
                        failure = error
                        throw stop
                    }
                },
                leave: { path, _ throws(ArchiveError) in
                    guard removingEmpty else { return }
                    do throws(FileError) { try Folder.removeIfEmpty("\(base)/\(path)") } catch {
                        failure = ArchivingError(error)
                        throw stop
                    }
                })
        } catch {
            throw failure ?? ArchivingError(error, in: folder)
        }
    }
}
