/// Why a data file, a snapshot or an entry could not be read.
///
/// Two errors are equal when their codes are.
public struct DataFileError: Error, Sendable {
    /// What kind of failure it is; the set may grow.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The file is absent, unreadable, no regular file, or could not be mapped.
        public static let cannotOpen = Code(description: "cannotOpen")
        /// Neither meta page is one of LMDB 0.9's.
        public static let notADataFile = Code(description: "notADataFile")
        /// A table uses a feature this reader does not know (sorted duplicates, integer or reversed keys).
        public static let unsupported = Code(description: "unsupported")
        /// A page on the way to what was asked for is damaged.
        public static let damaged = Code(description: "damaged")
        /// No meta page holds the transaction asked for: a later one has replaced it, or it never was.
        public static let snapshotGone = Code(description: "snapshotGone")
    }

    public let code: Code
    /// What went wrong, where, and what can be done about it.
    public let reason: String
    /// The number of the page concerned, when one page is to blame.
    public let page: UInt64?

    init(_ code: Code, _ reason: String, page: UInt64? = nil) {
        self.code = code
        self.reason = reason
        self.page = page
    }

    init(_ flaw: Flaw) {
        let isUnsupported = flaw.kind == .unsupported
        self.init(isUnsupported ? .unsupported : .damaged, "page \(flaw.page): \(flaw.reason)", page: flaw.page)
    }
}

extension DataFileError: Hashable, CustomStringConvertible {
    public static func == (left: DataFileError, right: DataFileError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    public var description: String { "\(code): \(reason)" }
}
