internal import Glibc

/// Folders of the file system.
public enum Folder {
    /// Makes the folder `path` and those above it that are missing, and flushes what held them. Nothing happens when it
    /// is there.
    public static func make(_ path: String, mode: UInt32 = 0o755) throws(FileError) {
        if isFolder(path) { return }
        let parent = parent(of: path)
        if parent != path { try make(parent, mode: mode) }
        guard unsafe mkdir(path, mode_t(mode)) == 0 || (errno == EEXIST && isFolder(path)) else {
            throw .last("making the folder", path)
        }
        try flush(parent)
    }

    /// Flushes the folder's list of names to disk, so that files made, renamed or removed in it stay so.
    public static func flush(_ path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("opening the folder", path) }
        defer { _ = close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .last("flushing the folder", path) }
    }

    /// The names in the folder, `.` and `..` left out, in the order of their bytes. Throws `tooLarge` when there are
    /// more than `limit`.
    ///
    /// A name that is not UTF-8 comes mended, so that it is no name of anything: `mended` is called with it first.
    public static func names(
        in path: String, atMost limit: Int = 10_000_000, mended: (String) -> Void = { _ in }
    ) throws(FileError) -> [String] {
        guard let stream = unsafe opendir(path) else { throw .last("opening the folder", path) }
        defer { _ = unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            // readdir returns an entry that stays until the next call on this stream; the name is copied at once.
            guard let entry = unsafe readdir(stream) else { break }
            let (name, isMended) = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let name = unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                return unsafe (name, !name.utf8.elementsEqual(bytes.prefix { $0 != 0 }))
            }
            if name == "." || name == ".." { continue }
            guard names.count < limit else { throw FileError(.tooLarge, "\(path) has more than \(limit) names") }
            if isMended { mended(name) }
            names.append(name)
        }
        guard errno == 0 else { throw .last("reading the folder", path) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes the folder `path`, which must be empty; nothing happens when there is none.
    public static func removeEmpty(_ path: String) throws(FileError) {
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw .last("removing the folder", path) }
    }

    /// The absolute path of what `path` names, without symbolic links. Throws `notFound` when nothing is there.
    public static func resolved(_ path: String) throws(FileError) -> String {
        // realpath makes a text that is the caller's to free.
        guard let text = unsafe realpath(path, nil) else { throw .last("looking at", path) }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// Whether `path` is a folder, through symbolic links.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether `path` is a regular file, through symbolic links.
    public static func isFile(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The folder that holds `path`, by its bytes: a mark that combines with a slash does not hide it.
    public static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(Substring(path.utf8[..<slash]))
    }

    /// The last part of `path`, by its bytes.
    public static func name(of path: String) -> String {
        let bytes = path.utf8
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(Substring(bytes[bytes.index(after: slash)...]))
    }
}
