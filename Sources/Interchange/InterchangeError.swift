internal import EventFormat

/// Why a file of events cannot be read or written.
///
/// Two errors are equal when their codes are: reasons are for people and may be reworded.
public struct InterchangeError: Error, Sendable {
    /// What kind of rule was broken. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The system does not let the file be opened or read.
        public static let unreadable = Code(description: "unreadable")
        /// The file ends too early.
        public static let truncated = Code(description: "truncated")
        /// Compressed bytes are damaged.
        public static let corrupt = Code(description: "corrupt")
        /// The text breaks the grammar of JSON or XML.
        public static let syntax = Code(description: "syntax")
        /// A line, an attribute, an event or a trace is larger than its limit.
        public static let tooLarge = Code(description: "tooLarge")
        /// Elements are nested deeper than the limit.
        public static let tooDeep = Code(description: "tooDeep")
        /// Something that the format requires is absent.
        public static let missing = Code(description: "missing")
        /// Something has a value that the format excludes.
        public static let invalid = Code(description: "invalid")
        /// The file uses a construct that is refused, such as a document type declaration.
        public static let unsupported = Code(description: "unsupported")
    }

    /// Where in which file.
    public struct Place: Hashable, Sendable, CustomStringConvertible {
        /// The file's path, or "standard input".
        public var file: String
        /// From 1.
        public var line: Int?
        /// From 1.
        public var column: Int?

        public init(file: String, line: Int? = nil, column: Int? = nil) {
            self.file = file
            self.line = line
            self.column = column
        }

        /// `receipts.jsonl:12:5`.
        public var description: String {
            var text = file.escapingControls
            if let line { text += ":\(line)" }
            if line != nil, let column { text += ":\(column)" }
            return text
        }
    }

    public let code: Code
    public let place: Place
    /// What is wrong and how to mend it, as a sentence for people.
    public let reason: String

    init(_ code: Code, _ reason: String, at place: Place) {
        self.code = code
        self.reason = reason
        self.place = place
    }

    /// The same error with a place in the file, unless it has one.
    func located(at place: Place) -> InterchangeError {
        self.place.line == nil ? InterchangeError(code, reason, at: place) : self
    }

    /// A field that the ledger's own rules exclude.
    init(_ error: FormatError, at place: Place) {
        self.init(error.code == .tooLarge ? .tooLarge : .invalid, error.reason, at: place)
    }
}

extension InterchangeError: Equatable {
    public static func == (left: InterchangeError, right: InterchangeError) -> Bool { left.code == right.code }
}

extension InterchangeError: CustomStringConvertible {
    public var description: String { "\(place): \(reason)" }
}
