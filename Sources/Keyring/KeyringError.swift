/// Why a trust event, a signature or an append is not accepted, or what is wrong with one that is recorded.
///
/// Two errors are equal when their codes are: reasons are for people and may be reworded.
public struct KeyringError: Error, Sendable {
    /// What kind of rule was broken. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The payload of a trust event is not what its type asks for.
        public static let malformed = Code(description: "malformed")
        /// The stream `ledger` has no event of this type.
        public static let unknownType = Code(description: "unknownType")
        /// A trust event that no authority key in force has signed.
        public static let notAuthorised = Code(description: "notAuthorised")
        /// A key was introduced already: an id stands for one key, in one role, once.
        public static let keyReused = Code(description: "keyReused")
        /// No event has introduced the key.
        public static let unknownKey = Code(description: "unknownKey")
        /// The key was not introduced yet, or had ended.
        public static let keyNotInForce = Code(description: "keyNotInForce")
        /// The key has another role than its use here.
        public static let wrongRole = Code(description: "wrongRole")
        /// The key belongs to another source than an event that it signed.
        public static let wrongSource = Code(description: "wrongSource")
        /// The last authority key cannot end by revocation.
        public static let lastAuthority = Code(description: "lastAuthority")
        /// The source or the witness is registered already.
        public static let alreadyRegistered = Code(description: "alreadyRegistered")
        /// The signature is not one of the key over the append.
        public static let wrongSignature = Code(description: "wrongSignature")
        /// The number of entries that a signature says it covers cannot be right.
        public static let wrongCount = Code(description: "wrongCount")
        /// No signature, where the policy in force asks for one.
        public static let unsigned = Code(description: "unsigned")
    }

    public let code: Code
    /// What is wrong, where, and what to do about it, as a sentence for people.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension KeyringError: Hashable {
    public static func == (left: KeyringError, right: KeyringError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension KeyringError: CustomStringConvertible {
    public var description: String { reason }
}
