internal import Files

/// What is wrong with an archive, and with which of its files. Equal when code and file are equal.
public struct ArchiveError: Error, Sendable {
    /// What kind of fault it is. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }

        /// There is no archive in the folder.
        public static let noArchive = Code(description: "noArchive")
        /// A file of the archive is not there.
        public static let missing = Code(description: "missing")
        /// A file does not have the SHA-256 that the manifest states.
        public static let altered = Code(description: "altered")
        /// Something is there that the manifest does not name, or that no archive has.
        public static let unexpected = Code(description: "unexpected")
        /// A file breaks the rules of its format.
        public static let malformed = Code(description: "malformed")
        /// A file is larger than its kind may be.
        public static let tooLarge = Code(description: "tooLarge")
        /// A file cannot be read: permissions, or a failing disk.
        public static let unreadable = Code(description: "unreadable")
        /// Files contradict each other.
        public static let contradiction = Code(description: "contradiction")
        /// An update was decided and not finished.
        public static let unfinished = Code(description: "unfinished")
    }

    public let code: Code
    /// The path below the archive's folder, as far as the fault is one of a file; empty for the archive as a whole.
    public let file: String
    /// What was found and, where there is something, what to do about it.
    public let reason: String

    public init(_ code: Code, _ file: String, _ reason: String) {
        self.code = code
        self.file = file
        self.reason = reason
    }

    /// The failure of reading `file`.
    init(_ error: FileError, _ file: String) {
        switch error {
        case FileError(.notFound, ""): self.init(.missing, file, "is not there")
        case FileError(.notAFile, ""): self.init(.unexpected, file, "is not a regular file: \(error.reason)")
        case FileError(.tooLarge, ""): self.init(.tooLarge, file, error.reason)
        default: self.init(.unreadable, file, error.reason)
        }
    }

    /// Calls `body` and says of a failure that it was met in `file`.
    static func wrapping<R: ~Copyable>(
        _ file: String, _ body: () throws(FileError) -> R
    ) throws(ArchiveError) -> R {
        do throws(FileError) { return try body() } catch { throw ArchiveError(error, file) }
    }
}

extension ArchiveError: Hashable {
    public static func == (left: ArchiveError, right: ArchiveError) -> Bool {
        left.code == right.code && left.file == right.file
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(file)
    }
}

extension ArchiveError: CustomStringConvertible {
    public var description: String { file.isEmpty ? reason : "\(file): \(reason)" }
}

/// What is told of each fault that is found: to go on, it returns; to stop at the first, it throws it.
public typealias ArchiveReport = (ArchiveError) throws(ArchiveError) -> Void
