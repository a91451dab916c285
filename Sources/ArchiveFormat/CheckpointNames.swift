internal import Digests
internal import Files
internal import Merkle

/// The checkpoints of an archive whose manifest is not as it must be: those that any line of it names, and those whose
/// files are there.
struct CheckpointNames {
    private var sizes: Set<TreeSize> = []
    private var stamped: Set<TreeSize> = []

    /// Looks at the manifest, whose SHA-256 goes to `digest` if it can be read, and into the folder.
    init(in folder: String, _ digest: inout Digest) throws(ArchiveError) {
        do throws(ArchiveError) {
            digest = try readManifest(in: folder)
        } catch {
            // What keeps it from being read was reported by whoever tried before.
        }
        try look(in: folder)
    }

    /// The files that an archive with these checkpoints has. Throws `noArchive` when there are none.
    func contents() throws(ArchiveError) -> ArchiveContents {
        guard !sizes.isEmpty else {
            throw ArchiveError(
                .noArchive, "", "it is no archive: \(Manifest.file) names no checkpoint, and data/checkpoints has none")
        }
        return try ArchiveContents(
            checkpoints: sizes.sorted().map { .init(size: $0, isTimestamped: stamped.contains($0)) })
    }

    private mutating func readManifest(in folder: String) throws(ArchiveError) -> Digest {
        var stream = try HashedStream(Manifest.file, in: folder, atMost: .max)
        var line: [UInt8] = []
        while let kind = try stream.next(into: &line, atMost: ArchiveLimits.lineByteCount) {
            guard case .whole = kind, let path = ManifestLine.parse(line)?.path else { continue }
            add(path)
        }
        return try stream.digest()
    }

    /// Takes what stands in `data/checkpoints`, unless a symbolic link leads there.
    private mutating func look(in folder: String) throws(ArchiveError) {
        let path = "data/checkpoints"
        let names = try ArchiveReader.reporting({ _ throws(ArchiveError) in }) { () throws(ArchiveError) in
            try ArchiveReader.checkFolders(above: "\(path)/any", in: folder)
            return try ArchiveError.wrapping(path) { () throws(FileError) in
                try Folder.names(in: "\(folder)/\(path)", atMost: ArchiveLimits.folderCount)
            }
        }
        for name in names ?? [] {
            let kind = try ArchiveError.wrapping(path) { () throws(FileError) in
                try Folder.kind(of: "\(folder)/\(path)/\(name)")
            }
            if case .file = kind { add("\(path)/\(name)") }
        }
    }

    private mutating func add(_ path: String) {
        switch ArchiveFile(path: path) {
        case .checkpoint(let size) where isPossible(size) && sizes.count < ArchiveLimits.checkpointCount:
            sizes.insert(size)
        case .timestampRequest(let size), .timestampResponse(let size):
            if stamped.count < ArchiveLimits.checkpointCount { stamped.insert(size) }
        default: break
        }
    }

    private func isPossible(_ size: TreeSize) -> Bool {
        size > 0 && size.rawValue <= ArchiveLimits.entryCount
    }
}
