internal import Glibc

extension Definition {
    /// Reads definition files. `paths` are files, or directories of which all files `*.sql` are read in the order of
    /// their names' bytes.
    ///
    /// Throws ``ProjectionError``: `unreadable` when a file or directory is not there, `invalidDefinition` when one
    /// breaks a rule.
    public static func load(_ paths: [String]) throws(ProjectionError) -> [Definition] {
        var definitions: [Definition] = []
        for path in paths {
            guard let names = list(path) else {
                definitions.append(try read(path))
                continue
            }
            let files = names.filter { $0.hasSuffix(".sql") && !$0.hasPrefix(".") }
            guard !files.isEmpty else {
                throw ProjectionError(
                    .unreadable, "the directory \(path) has no files *.sql; name one that has projections")
            }
            for name in files.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                definitions.append(try read("\(path)/\(name)"))
            }
        }
        return definitions
    }

    /// The names in the directory `path`; nil when it is no directory.
    ///
    /// Safety: the directory stays open until its last name is copied.
    private static func list(_ path: String) -> [String]? {
        guard let directory = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let item = unsafe readdir(directory) {
            names.append(
                unsafe withUnsafeBytes(of: item.pointee.d_name) {
                    unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    /// Safety: read() writes at most `capacity` bytes into an array of that size, and each call's count is checked.
    private static func read(_ path: String) throws(ProjectionError) -> Definition {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var text: [UInt8] = []
        while text.count <= maximumByteCount {
            let capacity = 64 << 10
            var status = 0
            let part = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                status = unsafe Glibc.read(descriptor, buffer.baseAddress, capacity)
                count = max(0, status)
            }
            if status < 0, errno != EINTR { throw unreadable(path) }
            if status == 0 { break }
            text += part
        }
        return try Definition(file: path, text: text)
    }

    private static func unreadable(_ path: String) -> ProjectionError {
        let message = unsafe String(cString: strerror(errno))
        return ProjectionError(
            .unreadable, "\(path) cannot be read: \(message); name a definition file or a directory of them")
    }
}
