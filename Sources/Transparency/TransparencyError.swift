/// What is wrong with a note, key, checkpoint, policy, receipt, bundle, witness message or record history.
///
/// Two errors are equal when their codes are: reasons are for people and may be reworded.
public struct TransparencyError: Error, Sendable {
    /// What kind of rule was broken.
    public let code: Code

    /// What is wrong, where, and what to do about it, as a sentence for people.
    public let reason: String

    /// The number of the offending line, from 1, when the input was a text of lines.
    public let line: Int?

    init(_ code: Code, _ reason: String, line: Int? = nil) {
        self.code = code
        self.reason = reason
        self.line = line
    }
}

// MARK: - Codes

extension TransparencyError {
    /// Which check failed; more may be added, so a switch needs a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// More bytes, lines or items than the format or its stated bounds allow.
        public static let tooLarge = Code("tooLarge")
        /// A text is not UTF-8, or has a control character.
        public static let invalidText = Code("invalidText")
        /// The bytes are not a signed note.
        public static let malformedNote = Code("malformedNote")
        /// A key name is empty, or has a space or a plus.
        public static let malformedName = Code("malformedName")
        /// The text is not a verifier key.
        public static let malformedKey = Code("malformedKey")
        /// A verifier key carries another key ID than its name and key give.
        public static let wrongKeyID = Code("wrongKeyID")
        /// The signature algorithm is not one that this library verifies or signs with.
        public static let unsupportedAlgorithm = Code("unsupportedAlgorithm")
        /// Two trusted keys have the same name and key ID.
        public static let ambiguousKey = Code("ambiguousKey")
        /// A line that names a trusted key does not hold: the whole note is refused.
        public static let badSignature = Code("badSignature")
        /// No trusted key signed.
        public static let noKnownSignature = Code("noKnownSignature")
        /// The note's text is not a checkpoint.
        public static let malformedCheckpoint = Code("malformedCheckpoint")
        /// A checkpoint of no entries has another root than the empty tree's.
        public static let emptyTreeRoot = Code("emptyTreeRoot")
        /// A cosignature has no time, or one past 2^63 − 1.
        public static let cosignatureTime = Code("cosignatureTime")
        /// The signer failed, or the signature that it made does not hold.
        public static let signingFailed = Code("signingFailed")
        /// The text is not a policy.
        public static let malformedPolicy = Code("malformedPolicy")
        /// The checkpoint is of a log that is not trusted.
        public static let unknownLog = Code("unknownLog")
        /// Too few witnesses cosigned.
        public static let quorumNotMet = Code("quorumNotMet")
        /// The text is not a receipt.
        public static let malformedProof = Code("malformedProof")
        /// The receipt does not show that the entry is in the tree.
        public static let notIncluded = Code("notIncluded")
        /// The bytes are not a bundle of entries.
        public static let malformedBundle = Code("malformedBundle")
        /// The bytes are not a request to a witness, or one that no witness may be asked.
        public static let malformedRequest = Code("malformedRequest")
        /// The bytes are not a witness's answer.
        public static let malformedAnswer = Code("malformedAnswer")
        /// The text is not a record's history.
        public static let malformedRecord = Code("malformedRecord")
        /// The history's entries are not the unbroken chain of one stream.
        public static let brokenRecord = Code("brokenRecord")
        /// A payload is not the one that its entry commits to.
        public static let payloadMismatch = Code("payloadMismatch")
    }
}

// MARK: - Equality and text

extension TransparencyError: Hashable, CustomStringConvertible {
    public static func == (left: TransparencyError, right: TransparencyError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    public var description: String {
        if let line { "line \(line): \(reason)" } else { reason }
    }
}
