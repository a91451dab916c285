internal import Glibc

/// Files that are whole or not there, whenever the machine stops.
///
/// A file is written beside its place under another name, flushed, and renamed; then its folder is flushed. A crash
/// leaves the old file or the new one, and perhaps a file named `.NAME.writing-…` beside it, which may be deleted.
public enum DurableFile {
    /// Puts a file of `bytes` at `path`, in place of the one there.
    ///
    /// `mode`: its permissions, whatever the umask. `flushingFolder` false leaves the folder's flush to the caller, who
    /// writes many files and then calls ``Folder/flush(_:)`` once: until then a crash may undo the renaming.
    public static func replace(
        _ path: String, with bytes: Span<UInt8>, mode: UInt32 = 0o644, flushingFolder: Bool = true
    ) throws(FileError) {
        let draft = try write(bytes, beside: path, mode)
        guard unsafe rename(draft, path) == 0 else { throw discard(draft, .last("renaming to", path)) }
        if flushingFolder { try Folder.flush(Folder.parent(of: path)) }
    }

    /// Puts a file of `bytes` at `path`, where nothing may be. Throws `exists` when something is.
    public static func create(_ path: String, with bytes: Span<UInt8>, mode: UInt32 = 0o644) throws(FileError) {
        let draft = try write(bytes, beside: path, mode)
        // link(2) fails where rename(2) would replace.
        guard unsafe link(draft, path) == 0 else { throw discard(draft, .last("making", path)) }
        _ = unsafe unlink(draft)
        do throws(FileError) { try Folder.flush(Folder.parent(of: path)) } catch {
            // It may not outlast a crash: as good as not made.
            throw discard(path, error)
        }
    }

    /// The bytes of the regular file at `path`. Throws `tooLarge` when there are more than `limit`, and `openToOthers`
    /// when one of the bits `forbidden` is among its permissions: those of the very file that is read.
    public static func read(
        _ path: String, atMost limit: Int, forbidding forbidden: UInt32 = 0
    ) throws(FileError) -> [UInt8] {
        // O_NONBLOCK: opening a pipe must not wait for its writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last("opening", path) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("looking at", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(.notAFile, "\(path) is not a regular file") }
        guard status.st_mode & forbidden == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw FileError(
                .openToOthers,
                "\(path) has mode 0\(mode), so that others than its owner can reach it: run chmod 600 \(path), and "
                    + "replace what it holds if others may have read it")
        }
        guard status.st_size <= limit else {
            throw FileError(.tooLarge, "\(path) has \(status.st_size) bytes; at most \(limit) are read")
        }
        return try read(descriptor, path, size: Int(status.st_size), limit)
    }

    /// The bytes of the regular file at `path`, nil when there is none. Throws `notFound` for a symbolic link that
    /// leads nowhere: something is meant to be there.
    public static func readIfPresent(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8]? {
        do throws(FileError) { return try read(path, atMost: limit) } catch {
            guard error == FileError(.notFound, "") else { throw error }
        }
        // A link that leads nowhere, or a file that has come since.
        return try Folder.kind(of: path) == nil ? nil : try read(path, atMost: limit)
    }

    /// Removes the file at `path`; nothing happens when there is none.
    public static func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("removing", path) }
    }

    /// Reads what is left of an open file, about `size` bytes. Throws `tooLarge` when there are more than `limit`.
    static func read(
        _ descriptor: Int32, _ path: String, size: Int, _ limit: Int
    ) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size + 1)
        var count = 0
        while true {
            // The call writes into the array's own room behind `count`, during the call only.
            let got = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe Glibc.read(descriptor, room.baseAddress! + count, room.count - count)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .last("reading", path)
            }
            if got == 0 { break }
            count += got
            guard count <= limit else { throw FileError(.tooLarge, "\(path) has more than \(limit) bytes") }
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Writes and flushes a draft of `path`, and returns its path.
    private static func write(_ bytes: Span<UInt8>, beside path: String, _ mode: UInt32) throws(FileError) -> String {
        let folder = Folder.parent(of: path)
        let draft = "\(folder)/.\(Folder.name(of: path)).writing-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try write(bytes, to: draft, mode, flushing: true)
        return draft
    }

    /// Writes a new file at `draft`; when that fails, none is there.
    static func write(
        _ bytes: Span<UInt8>, to draft: String, _ mode: UInt32, flushing: Bool
    ) throws(FileError) {
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode & 0o600))
        guard descriptor >= 0 else { throw .last("making", draft) }
        defer { _ = close(descriptor) }
        guard pour(bytes, into: descriptor) else { throw discard(draft, .last("writing", draft)) }
        guard fchmod(descriptor, mode_t(mode)) == 0, !flushing || fsync(descriptor) == 0 else {
            throw discard(draft, .last("flushing", draft))
        }
    }

    /// Writes all of `bytes`; false when that fails, for the reason that `errno` has.
    static func pour(_ bytes: Span<UInt8>, into descriptor: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            // The call reads the span during the call only.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return false }
            done += count
        }
        return true
    }

    private static func discard(_ draft: String, _ error: FileError) -> FileError {
        _ = unsafe unlink(draft)
        return error
    }
}
