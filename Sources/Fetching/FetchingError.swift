/// Why nothing could be fetched. Equal when the codes are equal.
public struct FetchingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The text is no URL that can be fetched.
        public static let invalidURL = Code(description: "invalidURL")
        /// No address is known for the host's name.
        public static let nameNotFound = Code(description: "nameNotFound")
        /// The host was not reached, or nobody listens there.
        public static let notReached = Code(description: "notReached")
        /// The connection was lost before the answer was whole, or what came was no HTTP.
        public static let connectionLost = Code(description: "connectionLost")
        /// No secure connection could be made: an unknown or wrong certificate, or none.
        public static let notSecure = Code(description: "notSecure")
        /// The answer was not whole in time.
        public static let timedOut = Code(description: "timedOut")
        /// The answer is larger than the caller allows.
        public static let tooLarge = Code(description: "tooLarge")
        /// The answer sends on to a place that is not followed.
        public static let redirected = Code(description: "redirected")
        /// The answer has another status than the caller expects.
        public static let status = Code(description: "status")
        /// The task that fetched was cancelled.
        public static let cancelled = Code(description: "cancelled")
        /// Any other failure.
        public static let failed = Code(description: "failed")
    }

    public let code: Code
    /// What failed, and of which URL.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }

    public static func == (left: FetchingError, right: FetchingError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
