/// One thing found wrong while reading: where it lies, what is wrong, and which keys may be missing because of it.
public struct Damage: Hashable, Sendable, CustomStringConvertible {
    /// The kinds of damage; the set may grow. The numbers are those of the invariants in `DataFile.swift`.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// A meta page is unusable, or the two contradict each other (invariants 1 to 3).
        public static let meta = Kind(description: "meta")
        /// A page number lies outside the file or beyond the snapshot's last page (invariant 4).
        public static let pageOutside = Kind(description: "pageOutside")
        /// A page does not carry the number of the place it lies at (invariant 5).
        public static let wrongNumber = Kind(description: "wrongNumber")
        /// A page's flags are not those of a page of its use (invariant 6).
        public static let wrongFlags = Kind(description: "wrongFlags")
        /// A page's `lower` or `upper` is impossible (invariant 7).
        public static let badBounds = Kind(description: "badBounds")
        /// A node lies outside its page, or its header is impossible (invariant 8).
        public static let badNode = Kind(description: "badNode")
        /// The nodes of a page do not fill its node area exactly (invariant 9).
        public static let badSizes = Kind(description: "badSizes")
        /// Keys are not strictly ascending (invariant 10).
        public static let keyOrder = Kind(description: "keyOrder")
        /// A key lies outside the range its parent page gives (invariant 11).
        public static let outsideParent = Kind(description: "outsideParent")
        /// A run of overflow pages is impossible or too short for its value (invariant 12).
        public static let badOverflow = Kind(description: "badOverflow")
        /// A page is reached a second time in one scan (invariant 13).
        public static let visitedTwice = Kind(description: "visitedTwice")
        /// The tree is deeper than 32 pages (invariant 14).
        public static let tooDeep = Kind(description: "tooDeep")
        /// Leaves lie at different depths, or not at the recorded one (invariant 14).
        public static let wrongDepth = Kind(description: "wrongDepth")
        /// The entries or pages found are not as many as the table's record says (invariant 15).
        public static let wrongCount = Kind(description: "wrongCount")
        /// A feature of LMDB that this reader refuses (sorted duplicates, a table inside a table).
        public static let unsupported = Kind(description: "unsupported")
    }

    public let kind: Kind
    /// The number of the page in which it was seen.
    public let page: UInt64
    /// What is wrong, with the numbers.
    public let reason: String
    /// The key of the entry concerned, when it could be read.
    public let key: [UInt8]?
    /// The last good key before the damage, when there is one: keys after it may be missing.
    public let lastKey: [UInt8]?
    /// The key, from a parent page, that all keys affected are less than; nil when no parent gives one.
    public let upperKey: [UInt8]?

    init(_ flaw: Flaw, key: [UInt8]? = nil, lastKey: [UInt8]? = nil, upperKey: [UInt8]? = nil) {
        kind = flaw.kind
        page = flaw.page
        reason = flaw.reason
        self.key = key
        self.lastKey = lastKey
        self.upperKey = upperKey
    }

    public var description: String { "page \(page): \(reason) (\(kind))" }
}

/// What is wrong with one page, as the page's own reader sees it.
struct Flaw: Error {
    let kind: Damage.Kind
    let page: UInt64
    let reason: String

    init(_ kind: Damage.Kind, page: UInt64, _ reason: String) {
        self.kind = kind
        self.page = page
        self.reason = reason
    }
}
