/// Why an audit could not be run at all. What is wrong with a record is a ``EntryFinding``, not an error.
public struct AuditError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// There is neither an archive nor a tree of tiles.
        public static let notFound = Code(description: "notFound")
        /// A server did not answer, or nothing can be read at all.
        public static let unreadable = Code(description: "unreadable")
        /// There is something in a file's place that cannot be that file: a folder, or more bytes than it may have.
        public static let unfit = Code(description: "unfit")
        /// One file is kept from the reader: by permissions, by a failing disk, by a server that answers that it will
        /// not give it.
        public static let withheld = Code(description: "withheld")
        /// The policy cannot be used.
        public static let policy = Code(description: "policy")
    }

    public let code: Code
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }

    public static func == (left: AuditError, right: AuditError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
