public import EventFormat

/// One thing that is not as it was recorded.
public struct Finding: Hashable, Sendable {
    /// What is wrong. Open: later versions may add kinds.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The data file's own structure is damaged.
        public static let storage = Kind(description: "storage")
        /// An entry is not there.
        public static let missing = Kind(description: "missing")
        /// An entry is there twice.
        public static let duplicate = Kind(description: "duplicate")
        /// An entry's bytes are not of the format.
        public static let encoding = Kind(description: "encoding")
        /// An entry states another index than where it lies.
        public static let index = Kind(description: "index")
        /// An entry does not have the leaf hash that is recorded for it.
        public static let leaf = Kind(description: "leaf")
        /// An entry does not name the leaf hash of the entry before it.
        public static let chain = Kind(description: "chain")
        /// An entry was recorded before the entry before it.
        public static let time = Kind(description: "time")
        /// A payload does not have the digest or the size that its entry states, or is not there.
        public static let payload = Kind(description: "payload")
        /// A content that a payload names is not there, or does not have the bytes that its name says.
        public static let content = Kind(description: "content")
        /// An entry does not follow its stream's entry before it, or two follow the same one.
        public static let stream = Kind(description: "stream")
        /// A stored link into a stream's past leads elsewhere.
        public static let link = Kind(description: "link")
        /// A stored node of the tree is not the hash of its children.
        public static let tree = Kind(description: "tree")
        /// The index of ids does not agree with the entries.
        public static let id = Kind(description: "id")
        /// Entry 0 is not the beginning of a ledger.
        public static let genesis = Kind(description: "genesis")
        /// A signature is not right: altered, by a key that may not sign the entry, or over other entries.
        public static let signature = Kind(description: "signature")
        /// An entry is not signed although the policy in force asks for it.
        public static let unsigned = Kind(description: "unsigned")
        /// One of the ledger's own events about keys and policy breaks a rule, and has no effect.
        public static let key = Kind(description: "key")
        /// A checkpoint in the ledger's directory cannot be read.
        public static let checkpoint = Kind(description: "checkpoint")
        /// The root is not the one that was asked for, or that a checkpoint in the ledger's directory states.
        public static let root = Kind(description: "root")
    }

    /// The entry concerned; nil when no entry can be named.
    public let index: EntryIndex?
    public let kind: Kind
    /// What is wrong, as a sentence for people.
    public let detail: String

    public init(_ kind: Kind, at index: EntryIndex?, _ detail: String) {
        self.kind = kind
        self.index = index
        self.detail = detail
    }
}

extension Finding: CustomStringConvertible {
    public var description: String {
        let place = index.map { "entry \($0)" } ?? "the ledger"
        // What is said of signatures names its entries itself.
        return detail.hasPrefix("\(place):") ? "\(detail) (\(kind))" : "\(place): \(detail) (\(kind))"
    }
}

/// What a verification found.
public struct VerificationReport: Hashable, Sendable {
    public enum Verdict: String, Hashable, Sendable {
        /// Everything was recomputed and agrees.
        case intact
        /// Something does not agree: ``VerificationReport/findings``.
        case altered
    }

    /// The most findings that a report lists.
    public static let maximumFindingCount = 10_000

    public let verdict: Verdict
    /// The number of entries in the ledger when the verification began.
    public let entries: UInt64
    /// The root over these entries, from their leaf hashes; nil when some are missing.
    public let root: String?
    /// What is wrong, in the order of the entries; those of no entry first.
    public let findings: [Finding]
    /// How many findings more there were than are listed.
    public let omittedFindingCount: Int
    /// The signatures that were checked.
    public let signatures: UInt64
    /// The entries that right signatures cover.
    public let signedEntries: UInt64
    /// The contents that were compared with their names.
    public let contents: UInt64
    /// Seconds of wall-clock time.
    public let seconds: Double
    /// What was not checked, and why.
    public let remarks: [String]
}

/// Why a verification could not be run at all.
public struct VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// There is no ledger to verify.
        public static let notFound = Code(description: "notFound")
        /// The file may not be read.
        public static let notReadable = Code(description: "notReadable")
        /// The ledger was written to meanwhile, and nothing kept the writers from the pages that were read.
        public static let inUse = Code(description: "inUse")
    }

    public let code: Code
    public let reason: String

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }

    public static func == (left: VerificationError, right: VerificationError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
