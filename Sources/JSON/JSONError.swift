/// Why bytes are no JSON text that this module accepts, or a text no JSON Pointer.
///
/// Two errors are equal when their codes are: reasons are for people and may be reworded.
public struct JSONError: Error, Sendable {
    /// What kind of rule was broken. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The text ends before the value does.
        public static let truncated = Code(description: "truncated")
        /// A byte stands where the grammar of RFC 8259 has no place for it.
        public static let syntax = Code(description: "syntax")
        /// A string is not UTF-8, or names half of a surrogate pair.
        public static let invalidText = Code(description: "invalidText")
        /// An object has the same key twice.
        public static let duplicateKey = Code(description: "duplicateKey")
        /// Arrays and objects are nested deeper than the limit.
        public static let tooDeep = Code(description: "tooDeep")
        /// The text has more bytes than the limit.
        public static let tooLarge = Code(description: "tooLarge")
        /// Something follows the value.
        public static let trailingText = Code(description: "trailingText")
        /// A text is no JSON Pointer (RFC 6901).
        public static let invalidPointer = Code(description: "invalidPointer")
    }

    public let code: Code
    /// What is wrong and how to mend it, as a sentence for people.
    public let reason: String
    /// The offending byte's offset from 0.
    public let offset: Int
    /// The offending byte's line from 1; LF ends a line.
    public let line: Int
    /// The offending character's place in its line from 1, in Unicode scalars.
    public let column: Int

    init(_ code: Code, _ reason: String, at offset: Int, in input: Span<UInt8>) {
        self.code = code
        self.reason = reason
        self.offset = offset
        (line, column) = JSONText.place(of: offset, in: input)
    }
}

extension JSONError: Equatable {
    public static func == (left: JSONError, right: JSONError) -> Bool { left.code == right.code }
}

extension JSONError: CustomStringConvertible {
    public var description: String { "\(reason) (line \(line), column \(column), byte \(offset))" }
}
