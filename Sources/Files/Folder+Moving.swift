internal import CShims
internal import Glibc

/// What stands under a name.
public enum FileKind: Hashable, Sendable {
    case file(size: UInt64)
    case folder
    /// A symbolic link, a device, a pipe …
    case other
}

extension Folder {
    /// The permissions of what stands at `path`, and through symbolic links: the lowest nine bits of its mode.
    public static func mode(of path: String) throws(FileError) -> UInt32 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last("looking at", path) }
        return UInt32(status.st_mode) & 0o777
    }

    /// Gives what stands at `path` the permissions `mode`, whatever the umask.
    public static func setMode(_ mode: UInt32, of path: String) throws(FileError) {
        guard unsafe chmod(path, mode_t(mode)) == 0 else { throw .last("setting the mode of", path) }
    }

    /// What stands at `path`, without following a symbolic link there; nil when nothing does.
    public static func kind(of path: String) throws(FileError) -> FileKind? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .last("looking at", path)
        }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file(size: UInt64(status.st_size))
        case S_IFDIR: .folder
        default: .other
        }
    }

    /// Gives what is at `path` the name `new` on the same file system, in place of a file that is there. Not flushed.
    public static func move(_ path: String, to new: String) throws(FileError) {
        guard unsafe rename(path, new) == 0 else { throw .last("renaming \(path) to", new) }
    }

    /// Removes the folder at `path` when it is empty, and says whether it was.
    @discardableResult
    public static func removeIfEmpty(_ path: String) throws(FileError) -> Bool {
        if unsafe rmdir(path) == 0 || errno == ENOENT { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw .last("removing the folder", path) }
        return false
    }

    /// Writes to disk all that is not yet there of the file system that holds `path` (syncfs(2)): after writing or
    /// renaming many files that is one wait instead of one a file.
    ///
    /// Linux reports a failing disk here since 5.8 (2020); before, it may not.
    public static func flushFileSystem(of path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("opening the folder", path) }
        defer { _ = close(descriptor) }
        guard CShims_syncfs(descriptor) == 0 else { throw .last("flushing the file system of", path) }
    }
}
