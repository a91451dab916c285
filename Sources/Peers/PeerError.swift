/// What went wrong in a peer.
public struct PeerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The peer is not installed.
        public static let absent = Code(name: "absent")
        /// The peer did not do what it was asked.
        public static let failed = Code(name: "failed")
    }

    public let code: Code
    /// What failed, and what to do about it.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public static func == (left: PeerError, right: PeerError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    public var description: String { reason }
}
