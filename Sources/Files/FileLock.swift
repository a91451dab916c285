internal import Glibc

/// A lock that one process holds until it lets go or ends, however it ends (flock(2) on a file that stays).
///
/// The file's content means nothing, and it is never removed: a lock on a removed file would exclude nobody.
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Takes the lock on the file at `path`, which is made when it is missing. Throws `locked` when another holder has
    /// it for half a second on; `purpose` then says what is under way, such as "publishing".
    ///
    /// Half a second: a program that is just being started holds its parent's descriptors, and so its locks, until it
    /// has begun to run.
    public init(_ path: String, purpose: String) throws(FileError) {
        try self.init(opening: path, O_RDWR | O_CREAT, purpose)
    }

    /// Takes the lock on the folder `path` itself, which leaves no file in it. Otherwise as ``init(_:purpose:)``.
    public init(folder path: String, purpose: String) throws(FileError) {
        try self.init(opening: path, O_RDONLY | O_DIRECTORY, purpose)
    }

    /// Takes the lock on the file at `path`, which is made when it is missing, and waits for it as long as it takes:
    /// for locks that are held for moments.
    public init(waitingFor path: String) throws(FileError) {
        // Reading is enough to lock, and all that another user may be allowed.
        let descriptor = unsafe open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o660)
        guard descriptor >= 0 else { throw .last("opening", path) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let error = FileError.last("locking", path)
                _ = close(descriptor)
                throw error
            }
        }
        self.descriptor = descriptor
    }

    private init(opening path: String, _ flags: Int32, _ purpose: String) throws(FileError) {
        descriptor = try FileLock.lock(opening: path, flags, purpose)
    }

    private static func lock(opening path: String, _ flags: Int32, _ purpose: String) throws(FileError) -> Int32 {
        let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last("opening", path) }
        var attempts = 50
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR, attempts > 0 {
            attempts -= 1
            usleep(10_000)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = FileError.last("locking", path)
            _ = close(descriptor)
            guard error == FileError(.locked, "") else { throw error }
            throw FileError(.locked, "another process holds \(path) (\(purpose)); try again when it has ended")
        }
        return descriptor
    }

    deinit { _ = close(descriptor) }
}
