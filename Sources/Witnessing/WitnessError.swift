public import Files

/// Why a witness cannot be made, opened or asked. Equal when the codes are equal.
public struct WitnessError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The folder is no witness's.
        public static let notFound = Code(description: "notFound")
        /// A witness is there already.
        public static let alreadyExists = Code(description: "alreadyExists")
        /// Another process serves or changes this witness.
        public static let inUse = Code(description: "inUse")
        /// A name, a key or a list of logs is not as it must be.
        public static let invalid = Code(description: "invalid")
        /// What the witness has kept of a log was changed or is missing.
        public static let damaged = Code(description: "damaged")
        /// A file could not be read or written.
        public static let inputOutput = Code(description: "inputOutput")
    }

    public let code: Code
    /// What went wrong, where, and what to do about it.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .locked: .inUse
            case .notFound: .notFound
            case .exists: .alreadyExists
            default: .inputOutput
            }
        self.init(code, error.reason)
    }

    public var description: String { reason }

    public static func == (left: WitnessError, right: WitnessError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
