/// Why the log refused a request or could not serve it. Equal when the codes are equal.
public struct LogError: Error, Sendable {
    /// Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }

        /// No ledger is there.
        public static let notFound = Code(description: "notFound")
        /// Something is there already.
        public static let alreadyExists = Code(description: "alreadyExists")
        /// The caller may not read or write the files.
        public static let notPermitted = Code(description: "notPermitted")
        /// What an append expected of streams does not hold.
        public static let expectationFailed = Code(description: "expectationFailed")
        /// An event's id is recorded with other content, or stands twice in one append.
        public static let idConflict = Code(description: "idConflict")
        /// Some events of an append are recorded and some are not.
        public static let partlyRecorded = Code(description: "partlyRecorded")
        /// A payload names a content that the ledger does not have.
        public static let contentMissing = Code(description: "contentMissing")
        /// The content was removed under a recorded event.
        public static let contentRemoved = Code(description: "contentRemoved")
        /// A value breaks the format.
        public static let invalid = Code(description: "invalid")
        /// An append or a value is larger than allowed.
        public static let tooLarge = Code(description: "tooLarge")
        /// The disk is full; nothing was recorded.
        public static let diskFull = Code(description: "diskFull")
        /// The map that was chosen when the ledger was created is full; nothing was recorded.
        public static let mapFull = Code(description: "mapFull")
        /// The disk failed and it is not known whether the events are recorded.
        public static let outcomeUnknown = Code(description: "outcomeUnknown")
        /// The disk failed; nothing was recorded or read.
        public static let inputOutput = Code(description: "inputOutput")
        /// Stored bytes contradict each other.
        public static let damaged = Code(description: "damaged")
        /// All places for readers are taken.
        public static let tooManyReaders = Code(description: "tooManyReaders")
        /// The log was closed.
        public static let closed = Code(description: "closed")
        /// The ledger was opened for reading only.
        public static let readOnly = Code(description: "readOnly")
        /// The task that was reading was cancelled.
        public static let cancelled = Code(description: "cancelled")
        /// The ledger's policy asks for a signature of an event that has none.
        public static let signatureRequired = Code(description: "signatureRequired")
        /// A signature is not one of the key that it names over the append.
        public static let signatureInvalid = Code(description: "signatureInvalid")
        /// The key of a signature may not sign the append: it is unknown, has ended, or speaks for another source.
        public static let notAuthorised = Code(description: "notAuthorised")
        /// One of the ledger's own events breaks its form or contradicts the keys that the ledger has.
        public static let keyringRefused = Code(description: "keyringRefused")
        /// The signer could not sign; nothing was recorded.
        public static let signingFailed = Code(description: "signingFailed")
        /// What was asked for lies outside what is recorded.
        public static let outOfRange = Code(description: "outOfRange")
    }

    public let code: Code
    /// What went wrong, where, and what to do about it.
    public let reason: String
    /// For ``Code/expectationFailed``: every check that failed.
    public let failedChecks: [FailedCheck]

    public init(_ code: Code, _ reason: String, failedChecks: [FailedCheck] = []) {
        self.code = code
        self.reason = reason
        self.failedChecks = failedChecks
    }
}

extension LogError: Equatable {
    public static func == (left: LogError, right: LogError) -> Bool { left.code == right.code }
}

extension LogError: CustomStringConvertible {
    public var description: String { reason }
}
