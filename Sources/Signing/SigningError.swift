/// Why a key could not be read, made or used.
///
/// Two errors are equal when their codes are: the reason is for people.
public struct SigningError: Error, Sendable {
    public let code: Code

    /// What was found, where, and what to do about it.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension SigningError {
    /// What went wrong; more may be added, so a switch needs a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(_ description: String) { self.description = description }

        /// The algorithm is none of ``SignatureAlgorithm/all``.
        public static let unknownAlgorithm = Code("unknownAlgorithm")
        /// The bytes are no public key of their algorithm.
        public static let malformedPublicKey = Code("malformedPublicKey")
        /// The bytes are a public key under which anybody can make signatures.
        public static let weakPublicKey = Code("weakPublicKey")
        /// The bytes are no private key, or one of another kind.
        public static let malformedPrivateKey = Code("malformedPrivateKey")
        /// The text is not one PEM block of the kind that was asked for.
        public static let malformedPEM = Code("malformedPEM")
        /// The key is encrypted and no passphrase was given.
        public static let passphraseMissing = Code("passphraseMissing")
        /// The passphrase does not open the key, or may not be used for a new one.
        public static let wrongPassphrase = Code("wrongPassphrase")
        /// The key is encrypted in a way that is not read here, or that would cost too much work.
        public static let encryption = Code("encryption")
        /// Others than the owner may read or write the key's file.
        public static let openToOthers = Code("openToOthers")
        /// A passphrase or a PIN is empty, too long or not where it was to be read from.
        public static let secretMissing = Code("secretMissing")
        /// There is no such file.
        public static let fileMissing = Code("fileMissing")
        /// Something is there already.
        public static let fileExists = Code("fileExists")
        /// The file could not be read or written.
        public static let inputOutput = Code("inputOutput")
        /// The library or the token that was to sign did not.
        public static let signingFailed = Code("signingFailed")
    }
}

extension SigningError: Hashable, CustomStringConvertible {
    public static func == (left: SigningError, right: SigningError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    public var description: String { "\(code): \(reason)" }
}
