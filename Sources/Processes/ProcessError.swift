/// What went wrong with a program that was started, or with the way in which this one was.
public struct ProcessError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The program could not be started.
        public static let notStarted = Code(name: "notStarted")
        /// It ended otherwise than it should.
        public static let failed = Code(name: "failed")
        /// A word of the command line is not UTF-8.
        public static let notUTF8 = Code(name: "notUTF8")
    }

    public let code: Code
    /// What failed, and what to do about it.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public static func == (left: ProcessError, right: ProcessError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    public var description: String { reason }
}
