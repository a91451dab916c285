internal import Glibc

/// The blocks of the file in which LMDB keeps its lock and its readers.
///
/// LMDB makes it without blocks and writes it through a map: on a full disk that ends the process with SIGBUS.
///
/// Safety: the path is a C string for the duration of a call only; the descriptor is closed before anything else can
/// use it.
enum LockFile {
    static let name = "lock.mdb"
    /// The size that LMDB 0.9 gives it for ``Environment/readerCount`` places: 64 bytes for each, and 128 before them.
    static let byteCount = 64 * (Int(Environment.readerCount) + 2)

    /// Reserves its blocks, making the file if need be. Throws ``LogError/Code/diskFull``; other troubles are LMDB's to
    /// report.
    ///
    /// Only before LMDB opens the file: closing any descriptor of it ends the process's locks on it.
    static func reserve(in directory: String) throws(LogError) {
        let descriptor = unsafe open("\(directory)/\(name)", O_RDWR | O_CREAT | O_CLOEXEC, 0o660)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return }
        // The size of a file that is there tells the number of places, so it is kept.
        let size = status.st_size > 0 ? status.st_size : byteCount
        let number = posix_fallocate(descriptor, 0, size)
        guard number == ENOSPC || number == EDQUOT else { return }
        throw LogError(.diskFull, "the disk of \(directory) is full; free space for \(name), then try again")
    }
}
