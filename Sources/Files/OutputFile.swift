internal import Glibc

/// The place that somebody names for a result.
public enum OutputFile {
    /// Writes `bytes` to what `path` names. A regular file is replaced whole, as by ``DurableFile``, and so is the one
    /// that a symbolic link leads to; into a device, a pipe or a terminal they are written.
    ///
    /// Throws `notFound` for a link that leads nowhere, and what ``DurableFile/replace(_:with:mode:flushingFolder:)``
    /// throws.
    public static func write(_ bytes: Span<UInt8>, to path: String) throws(FileError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return try DurableFile.replace(path, with: bytes) }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        if isLink, unsafe stat(path, &status) != 0 { throw .last("following the link", path) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: try DurableFile.replace(isLink ? Folder.resolved(path) : path, with: bytes)
        case S_IFDIR: throw FileError(.notAFile, "\(path) is a folder; name a file")
        default: try pour(bytes, into: path)
        }
    }

    private static func pour(_ bytes: Span<UInt8>, into path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .last("opening", path) }
        defer { _ = close(descriptor) }
        guard DurableFile.pour(bytes, into: descriptor) else { throw .last("writing", path) }
    }
}
