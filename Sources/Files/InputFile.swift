internal import Glibc

/// The place that somebody names for a small input.
public enum InputFile {
    /// The bytes of what `path` names: a regular file, as of ``DurableFile/read(_:atMost:forbidding:)``, or a pipe, a
    /// terminal or a device such as `/dev/stdin`, which is read to its end and waited for.
    ///
    /// Throws `tooLarge` when there are more than `limit`, `notAFile` for a folder or a socket.
    public static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last("opening", path) }
        guard [S_IFIFO, S_IFCHR].contains(status.st_mode & S_IFMT) else {
            return try DurableFile.read(path, atMost: limit)
        }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .last("opening", path) }
        defer { _ = close(descriptor) }
        return try DurableFile.read(descriptor, path, size: 4095, limit)
    }
}
