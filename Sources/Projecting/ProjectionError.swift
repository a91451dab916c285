public import Ledger

/// Why a projection cannot be read, opened or brought up to date. Equal when the codes are equal.
public struct ProjectionError: Error, Sendable {
    /// Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }

        /// A definition file breaks a rule; the reason names file and line.
        public static let invalidDefinition = Code(description: "invalidDefinition")
        /// An event's payload holds something else than a parameter asks for.
        public static let invalidValue = Code(description: "invalidValue")
        /// SQLite refused to run a statement of a projection for an event.
        public static let statementFailed = Code(description: "statementFailed")
        /// The file holds views of another ledger.
        public static let otherLedger = Code(description: "otherLedger")
        /// The views were built from more entries than the ledger has.
        public static let ledgerOlder = Code(description: "ledgerOlder")
        /// The views were built from other entries than the ledger has.
        public static let ledgerDiffers = Code(description: "ledgerDiffers")
        /// The file is no SQLite file, or one that has no views of a ledger in it.
        public static let notViews = Code(description: "notViews")
        /// Something else moved a projection on at the same time.
        public static let inUse = Code(description: "inUse")
        /// A file is not there or cannot be read.
        public static let unreadable = Code(description: "unreadable")
        /// No projection has this name.
        public static let unknownProjection = Code(description: "unknownProjection")
        /// SQLite cannot read or write the file.
        public static let database = Code(description: "database")
        /// The ledger cannot be read; see ``ProjectionError/ledgerError``.
        public static let ledger = Code(description: "ledger")
    }

    public let code: Code
    /// What went wrong, where, and what to do about it.
    public let reason: String
    /// For ``Code/ledger``: what the ledger said.
    public let ledgerError: LedgerError?

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
        ledgerError = nil
    }

    init(_ error: LedgerError) {
        code = .ledger
        reason = error.reason
        ledgerError = error
    }

    /// An error of a definition file.
    static func invalid(_ file: String, line: Int, _ reason: String) -> ProjectionError {
        ProjectionError(.invalidDefinition, "\(file):\(line): \(reason)")
    }
}

extension ProjectionError: Equatable {
    public static func == (left: ProjectionError, right: ProjectionError) -> Bool { left.code == right.code }
}

extension ProjectionError: CustomStringConvertible {
    public var description: String { reason }
}
