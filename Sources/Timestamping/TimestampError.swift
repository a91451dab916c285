/// Why a time-stamp is not right, or could not be checked.
///
/// Two errors are equal when their codes are: the reason is for people.
public struct TimestampError: Error, Sendable {
    public let code: Code

    /// What was found, and what to do about it.
    public let reason: String

    public init(_ code: Code, _ reason: String = "") {
        self.code = code
        self.reason = reason
    }
}

extension TimestampError {
    /// What went wrong; more may be added, so a switch needs a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        private init(_ description: String) { self.description = description }

        /// The bytes are no request of the kind that is made here.
        public static let malformedRequest = Code("malformedRequest")
        /// The bytes are no response, or one that is cut off, too long or contradicts itself.
        public static let malformedResponse = Code("malformedResponse")
        /// The text holds no certificates in PEM, or one that cannot be read.
        public static let malformedAnchors = Code("malformedAnchors")
        /// The authority made no time-stamp.
        public static let refused = Code("refused")
        /// The time-stamp is of other bytes.
        public static let wrongImprint = Code("wrongImprint")
        /// The time-stamp answers another request.
        public static let wrongNonce = Code("wrongNonce")
        /// The time-stamp was made under another policy.
        public static let wrongPolicy = Code("wrongPolicy")
        /// The authority's certificate leads to no trust anchor, was not valid at the time, or is not for
        /// time-stamping.
        public static let untrusted = Code("untrusted")
        /// The signature or what it covers is wrong.
        public static let wrongSignature = Code("wrongSignature")
        /// libcrypto had no memory.
        public static let failed = Code("failed")
    }
}

extension TimestampError: Hashable, CustomStringConvertible {
    public static func == (left: TimestampError, right: TimestampError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    public var description: String { "\(code): \(reason)" }
}
