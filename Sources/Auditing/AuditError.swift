/// Why an audit could not be run at all. What is wrong with a record is a ``EntryFinding``, not an error.
public struct AuditError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// There is neither an archive nor a tree of tiles.
        public static let notFound = Code(description: "notFound")
        /// A file or a server could not be read, so that nothing can be said of what it holds.
        public static let unreadable = Code(description: "unreadable")
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
