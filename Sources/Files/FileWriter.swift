internal import Glibc

/// A file that is written in parts, in order or at any place, without flushing: for drafts that are flushed together,
/// by ``Folder/flushFileSystem(of:)``, before anything depends on them.
public struct FileWriter: ~Copyable, Sendable {
    /// As given.
    public let path: String
    /// The end of what has been appended.
    public private(set) var size: UInt64 = 0
    private let descriptor: Int32

    /// Makes an empty file at `path`, in place of one that is there.
    public init(_ path: String, mode: UInt32 = 0o644) throws(FileError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode_t(mode))
        guard descriptor >= 0 else { throw .last("making", path) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// Writes `bytes` behind what has been appended.
    public mutating func append(_ bytes: Span<UInt8>) throws(FileError) {
        try write(bytes, at: size)
        size += UInt64(bytes.count)
    }

    /// Writes `bytes` at `offset`, whatever is there.
    public borrowing func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(FileError) {
        var done = 0
        while done < bytes.count {
            // The call reads the span during the call only.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress! + done, buffer.count - done,
                    off_t(truncatingIfNeeded: offset) + done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("writing", path)
            }
            done += count
        }
    }
}
