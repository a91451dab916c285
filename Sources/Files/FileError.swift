internal import Glibc

/// Why a file could not be read or written.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// There is no such file or folder.
        public static let notFound = Code(description: "notFound")
        /// Something is there already.
        public static let exists = Code(description: "exists")
        /// It may not be read or written by this user.
        public static let noPermission = Code(description: "noPermission")
        /// The disk, or the user's share of it, is full.
        public static let diskFull = Code(description: "diskFull")
        /// The file is larger than the reader allows.
        public static let tooLarge = Code(description: "tooLarge")
        /// A folder, a device or another thing that is no regular file.
        public static let notAFile = Code(description: "notAFile")
        /// Its permissions let others reach it than may.
        public static let openToOthers = Code(description: "openToOthers")
        /// Somebody else holds the lock.
        public static let locked = Code(description: "locked")
        /// Its bytes are not those that it is to have.
        public static let damaged = Code(description: "damaged")
        /// Any other failure of the system.
        public static let inputOutput = Code(description: "inputOutput")
    }

    public let code: Code
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }

    public static func == (left: FileError, right: FileError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// The failure of the last system call, which was to do `action` on `path`.
    static func last(_ action: String, _ path: String) -> FileError {
        let number = errno
        // strerror returns a text of the C library that stays as it is until the thread's next call of it.
        let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return FileError(code(of: number), "\(action) \(path) failed: \(text)")
    }

    private static func code(of number: Int32) -> Code {
        switch number {
        case ENOENT, ENOTDIR: .notFound
        case EEXIST: .exists
        case EACCES, EPERM, EROFS: .noPermission
        case ENOSPC, EDQUOT: .diskFull
        case EISDIR, ENXIO, ENODEV: .notAFile
        case EWOULDBLOCK: .locked
        default: .inputOutput
        }
    }
}
