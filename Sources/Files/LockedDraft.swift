internal import Glibc

/// A large file that is written in parts and gets its place when it is whole, beside others that do the same.
///
/// It stands in a folder of drafts under a name of its own and is locked as long as its writer lives; so what a crash
/// has left there can be told from what is being written, and ``removeAbandoned(in:)`` removes it.
public struct LockedDraft: ~Copyable, Sendable {
    private let path: String
    private let descriptor: Int32
    private var isPlaced = false

    /// Makes an empty draft in `folder`, which is there, on the file system of the place that it will get.
    public init(in folder: String) throws(FileError) {
        (path, descriptor) = try LockedDraft.make(in: folder)
    }

    deinit {
        if !isPlaced { _ = unsafe unlink(path) }
        _ = close(descriptor)
    }

    private static func make(in folder: String) throws(FileError) -> (String, Int32) {
        while true {
            let path = "\(folder)/\(getpid())-\(UInt64.random(in: 0 ... .max))"
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .last("making", path) }
            var status = stat()
            // Whoever removes abandoned drafts may have been faster, and have locked or removed this one.
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                if unsafe fstat(descriptor, &status) == 0, status.st_nlink > 0 { return (path, descriptor) }
                _ = close(descriptor)
                continue
            }
            let error = FileError.last("locking", path)
            _ = close(descriptor)
            guard error == FileError(.locked, "") else { throw error }
        }
    }

    /// Writes `bytes` behind what has been written.
    public mutating func append(_ bytes: Span<UInt8>) throws(FileError) {
        guard DurableFile.pour(bytes, into: descriptor) else { throw .last("writing", path) }
    }

    /// Returns when what was written is on the disk.
    public func flush() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw .last("flushing", path) }
    }

    /// Gives the file its place, in place of one that is there, and returns when that outlasts a loss of power:
    /// `folders` are flushed, of which the place's own is one.
    ///
    /// `mode` are its permissions from then on, whatever the umask; before, it has those of its owner to read and write
    /// it. So who finds a file that its owner may not write knows that it will stay.
    public mutating func place(at place: String, mode: UInt32, flushing folders: [String]) throws(FileError) {
        guard fsync(descriptor) == 0 else { throw .last("flushing", path) }
        guard unsafe rename(path, place) == 0 else { throw .last("renaming to", place) }
        isPlaced = true
        for folder in folders { try Folder.flush(folder) }
        guard fchmod(descriptor, mode_t(mode)) == 0, fsync(descriptor) == 0 else { throw .last("flushing", place) }
    }

    /// Removes the drafts in `folder` that nobody is writing.
    public static func removeAbandoned(in folder: String) throws(FileError) {
        for name in try Folder.names(in: folder) {
            let path = "\(folder)/\(name)"
            // For reading: a draft that was about to get its place may be written by nobody any more.
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { _ = unsafe unlink(path) }
            _ = close(descriptor)
        }
    }
}
