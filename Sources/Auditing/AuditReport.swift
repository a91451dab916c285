public import Digests
public import EventFormat
public import Signing

/// One entry of which more is to be said than that it is intact.
public struct EntryFinding: Hashable, Sendable {
    public let index: EntryIndex
    /// The name of its stream; nil when the entry cannot be read.
    public let stream: String?
    public let verdict: Verdict
    /// What was found, as a sentence for people.
    public let reason: String

    public init(_ verdict: Verdict, at index: EntryIndex, of stream: String?, _ reason: String) {
        self.verdict = verdict
        self.index = index
        self.stream = stream
        self.reason = reason
    }
}

/// Something wrong that belongs to no single entry.
public struct GeneralFinding: Hashable, Sendable {
    /// Where: a file below the prefix, or `policy`.
    public let place: String
    /// What was found, as a sentence for people.
    public let reason: String
    /// What follows from it for the ledger as a whole.
    public let verdict: Verdict

    public init(_ verdict: Verdict, at place: String, _ reason: String) {
        self.verdict = verdict
        self.place = place
        self.reason = reason
    }
}

/// What is to be said of one record.
public struct RecordVerdict: Hashable, Sendable {
    /// The name of its stream; nil stands for entries that cannot be read.
    public let stream: String?
    /// The worst verdict of its entries.
    public let verdict: Verdict
    /// How many of its entries are there.
    public let entries: UInt64
    /// What was found, entry by entry; empty when it is intact.
    public let findings: [EntryFinding]
}

/// What an audit found, what it checked and what it did not.
public struct AuditReport: Sendable {
    /// A cosignature that holds.
    public struct Cosigner: Hashable, Sendable {
        public let name: String
        /// When the witness says it signed, seconds since 1970.
        public let time: UInt64

        public init(name: String, time: UInt64) {
            self.name = name
            self.time = time
        }
    }

    /// A timestamp of RFC 3161 that was checked.
    public struct Timestamp: Hashable, Sendable {
        /// The size of the checkpoint that it is of.
        public let size: UInt64
        /// Who made it, and when, in seconds since 1970; nil when it does not hold.
        public let statement: Statement?

        /// What an authority states.
        public struct Statement: Hashable, Sendable {
            public let authority: String
            public let time: Int64

            public init(authority: String, time: Int64) {
                self.authority = authority
                self.time = time
            }
        }

        public init(size: UInt64, statement: Statement?) {
            self.size = size
            self.statement = statement
        }
    }

    /// Entries that a key signed when it was perhaps in other hands: it was revoked later, as compromised since before.
    public struct Doubt: Hashable, Sendable {
        public let key: KeyID
        /// The `key.revoked`.
        public let event: EntryIndex
        /// The moment that it names.
        public let since: EventFormat.Timestamp
        /// The first of the entries.
        public let first: EntryIndex
        /// How many they are.
        public let entries: UInt64
    }

    /// Something that was looked at, and how much of it.
    public struct Check: Hashable, Sendable {
        public let what: String
        public let count: UInt64

        public init(_ what: String, _ count: UInt64) {
            self.what = what
            self.count = count
        }
    }

    /// The most records, and the most general findings, that a report lists.
    public static let maximumCount = 10_000

    /// The path or address that was audited.
    public var subject = ""
    /// `archive` or `tiles`.
    public var kind = ""
    public var origin: String?
    /// The size and root that the checkpoint states.
    public var size: UInt64 = 0
    public var root: Digest?
    /// Whether the checkpoint satisfies the policy: the log's signature and the quorum of witnesses.
    public var isTrusted = false
    /// The vkey of the policy's log that signed the checkpoint.
    public var logKey: String?
    public var cosigners: [Cosigner] = []
    /// The SHA-256 of the policy's text, when the caller gave it.
    public var policyDigest: Digest?
    /// When the audit began.
    public var begun = EventFormat.Timestamp.epoch
    public var timestamps: [Timestamp] = []
    /// What compromised keys signed; it changes no verdict.
    public var doubts: [Doubt] = []
    public var findings: [GeneralFinding] = []
    /// The records that are not intact, or all when asked for, in the order in which they first appear.
    public var records: [RecordVerdict] = []
    /// How many records and general findings more there are than are listed.
    public var omitted: UInt64 = 0
    /// How many records have each verdict.
    public var recordCounts: [Verdict: UInt64] = [:]
    /// How many entries have each verdict.
    public var entryCounts: [Verdict: UInt64] = [:]
    public var checked: [Check] = []
    /// What was not checked, and why, a sentence each.
    public var notChecked: [String] = []
    /// Wall-clock time.
    public var seconds = 0.0

    public init() {}

    /// The worst that was found of any record or of the whole.
    public var verdict: Verdict {
        let worst = max(
            findings.map(\.verdict).max() ?? .intact,
            recordCounts.filter { $0.value > 0 }.keys.max() ?? .intact)
        return isTrusted ? worst : max(worst, .unverifiable)
    }
}
