public import EventFormat
public import Signing

/// What the signatures of some consecutive entries are found to be.
public struct SignatureVerdict: Hashable, Sendable {
    public let entries: ClosedRange<EntryIndex>
    public let judgement: Judgement

    public enum Judgement: Hashable, Sendable {
        /// An append of these entries with a right signature of this key.
        case signed(KeyID)
        /// Unsigned, which the policy in force allows.
        case unsigned
        /// A rule is broken: which, and how.
        case faulty(KeyringError)
        /// A signature is required, and whether there is a right one cannot be told, because an entry that it covers,
        /// or that may carry it, cannot be read: the sentence says which.
        case unproven(String)
        /// It cannot be known, and why.
        case unverifiable(String)
    }

    init(_ first: EntryIndex, _ last: EntryIndex, _ judgement: Judgement) {
        entries = first...last
        self.judgement = judgement
    }

    /// The number of entries.
    public var count: UInt64 { entries.upperBound.rawValue - entries.lowerBound.rawValue + 1 }

    /// The error, when a rule is broken.
    public var fault: KeyringError? {
        if case .faulty(let error) = judgement { error } else { nil }
    }
}

/// Verdicts as they come, those that say the same of adjacent entries as one.
struct VerdictList: Sendable {
    private(set) var verdicts: [SignatureVerdict] = []

    mutating func add(_ verdict: SignatureVerdict) {
        if let last = verdicts.last, last.judgement == .unsigned, verdict.judgement == .unsigned,
            last.entries.upperBound.rawValue + 1 == verdict.entries.lowerBound.rawValue
        {
            verdicts[verdicts.count - 1] = SignatureVerdict(
                last.entries.lowerBound, verdict.entries.upperBound, .unsigned)
        } else if let last = verdicts.last, last.judgement == verdict.judgement, VerdictList.isUnknown(last.judgement),
            last.entries.upperBound.rawValue + 1 == verdict.entries.lowerBound.rawValue
        {
            verdicts[verdicts.count - 1] = SignatureVerdict(
                last.entries.lowerBound, verdict.entries.upperBound, last.judgement)
        } else {
            verdicts.append(verdict)
        }
    }

    private static func isUnknown(_ judgement: SignatureVerdict.Judgement) -> Bool {
        switch judgement {
        case .unproven, .unverifiable: true
        default: false
        }
    }

    mutating func add(_ others: [SignatureVerdict]) {
        for verdict in others { add(verdict) }
    }

    /// The verdicts since the last call.
    mutating func take() -> [SignatureVerdict] {
        let taken = verdicts
        verdicts = []
        return taken
    }
}

/// The last entries behind which a signature may come: a queue.
struct RecentItems<Item: Sendable>: Sendable {
    private var items: [Item] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { count == 0 }
    var all: ArraySlice<Item> { items[head...] }

    mutating func append(_ item: Item) { items.append(item) }

    mutating func append(_ others: RecentItems) { items.append(contentsOf: others.all) }

    /// Removes and returns the first `number`. O(number), on average.
    mutating func takeFirst(_ number: Int) -> ArraySlice<Item> {
        let taken = items[head..<head + number]
        head += number
        if head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return taken
    }

    mutating func takeAll() -> ArraySlice<Item> {
        let taken = items[head...]
        items = []
        head = 0
        return taken
    }
}
