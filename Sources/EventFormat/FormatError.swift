/// What is wrong with bytes or values that claim to be Mohur's format.
///
/// Two errors are equal when their codes are: reasons are for people and may be reworded.
public struct FormatError: Error, Sendable {
    /// What kind of rule was broken. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The bytes end before the value does.
        public static let truncated = Code(description: "truncated")
        /// The bytes are not deterministic CBOR (RFC 8949 §4.2.1).
        public static let notCanonical = Code(description: "notCanonical")
        /// Another CBOR type stands where the format has this one.
        public static let wrongType = Code(description: "wrongType")
        /// A map key that version 1 does not know, or that stands twice or out of order.
        public static let unexpectedKey = Code(description: "unexpectedKey")
        /// A key that every entry must have is absent.
        public static let missingKey = Code(description: "missingKey")
        /// Bytes follow the value.
        public static let trailingBytes = Code(description: "trailingBytes")
        /// A text is not valid UTF-8.
        public static let invalidText = Code(description: "invalidText")
        /// A value has the right type and a value that the format excludes.
        public static let outOfRange = Code(description: "outOfRange")
        /// More bytes than the format allows.
        public static let tooLarge = Code(description: "tooLarge")
        /// A format version that this code does not know.
        public static let unknownVersion = Code(description: "unknownVersion")
    }

    public let code: Code
    /// What is wrong and how to mend it, as a sentence for people.
    public let reason: String
    /// The offset of the offending byte, when the input was bytes.
    public let offset: Int?

    public init(_ code: Code, _ reason: String, at offset: Int? = nil) {
        self.code = code
        self.reason = reason
        self.offset = offset
    }
}

extension FormatError: Equatable {
    public static func == (left: FormatError, right: FormatError) -> Bool { left.code == right.code }
}

extension FormatError: CustomStringConvertible {
    public var description: String {
        if let offset { "\(reason) (at byte \(offset))" } else { reason }
    }
}
