public import Files

/// What there is in folders of an archive.
public enum ArchiveTree {
    /// Shows `visit` everything that is no folder below `path` of `folder`, with paths from `folder` on, and `leave`
    /// each folder when it is done, with the number of names that it had. Symbolic links are not followed.
    ///
    /// Reports folders that cannot be read, or lie deeper than those of an archive do. Throws what the closures throw.
    public static func walk(
        _ path: String, in folder: String, _ report: ArchiveReport,
        visit: (_ path: String, _ kind: FileKind) throws(ArchiveError) -> Void,
        leave: (_ path: String, _ count: Int) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        try walk(path, in: folder, depth: 0, report, visit, leave)
    }

    private static func walk(
        _ path: String, in folder: String, depth: Int, _ report: ArchiveReport,
        _ visit: (String, FileKind) throws(ArchiveError) -> Void,
        _ leave: (String, Int) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        guard depth < ArchiveLimits.depth else {
            return try report(ArchiveError(.unexpected, path, "lies deeper than any file of an archive"))
        }
        var mended: Set<String> = []
        let names = try ArchiveReader.reporting(report) { () throws(ArchiveError) in
            try ArchiveError.wrapping(path) { () throws(FileError) in
                guard try Folder.kind(of: "\(folder)/\(path)") == .folder else {
                    throw FileError(.notAFile, "\(path) is no folder")
                }
                return try Folder.names(in: "\(folder)/\(path)", atMost: ArchiveLimits.folderCount) {
                    mended.insert($0)
                }
            }
        }
        guard let names else { return }
        for name in names {
            let inner = "\(path)/\(name)"
            guard !mended.contains(name) else {
                try report(
                    ArchiveError(.unexpected, inner, "has a name that is not UTF-8, which no file of an archive has"))
                continue
            }
            let kind = try ArchiveError.wrapping(inner) { () throws(FileError) in
                try Folder.kind(of: "\(folder)/\(inner)")
            }
            switch kind {
            case .folder: try walk(inner, in: folder, depth: depth + 1, report, visit, leave)
            case let kind?: try visit(inner, kind)
            case nil: break
            }
        }
        try leave(path, names.count)
    }
}
