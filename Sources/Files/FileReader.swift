internal import Glibc

/// A regular file that is open for reading, in parts and at any place.
///
/// A symbolic link is refused, not followed, where it is the path's last part. The file may shrink while it is read:
/// then fewer bytes come.
public final class FileReader: Sendable {
    /// As given.
    public let path: String
    /// The number of bytes when it was opened.
    public let size: UInt64
    private let descriptor: Int32

    /// Throws `notFound`, `notAFile` for anything but a regular file, `noPermission` …
    public init(_ path: String) throws(FileError) {
        let (descriptor, size) = try FileReader.open(path)
        self.path = path
        self.size = size
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    private static func open(_ path: String) throws(FileError) -> (Int32, UInt64) {
        // O_NONBLOCK: opening a pipe must not wait for its writer.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw errno == ELOOP ? FileError(.notAFile, "\(path) is a symbolic link") : .last("opening", path)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let error = FileError.last("looking at", path)
            _ = close(descriptor)
            throw error
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            _ = close(descriptor)
            throw FileError(.notAFile, "\(path) is not a regular file")
        }
        return (descriptor, UInt64(status.st_size))
    }

    /// Appends up to `count` bytes from `offset` on to `bytes`, fewer only when the file ends before; returns how many.
    @discardableResult
    public func read(_ count: Int, at offset: UInt64, into bytes: inout [UInt8]) throws(FileError) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        var done = 0
        while done < count {
            // The call writes into the array's own room behind what is there, during the call only.
            let got = unsafe bytes.withUnsafeMutableBytes { room in
                let place = off_t(truncatingIfNeeded: offset) + done
                return unsafe pread(descriptor, room.baseAddress! + start + done, count - done, place)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .last("reading", path)
            }
            if got == 0 { break }
            done += got
        }
        bytes.removeLast(count - done)
        return done
    }
}
