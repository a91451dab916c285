/// What is to be said of a record or of one of its entries. Open: later versions may add verdicts.
///
/// Verdicts are ordered from the best to the worst: of several, the worst is a record's.
public struct Verdict: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String
    private let rank: Int

    private init(_ rank: Int, _ description: String) {
        self.rank = rank
        self.description = description
    }

    /// Everything was recomputed and agrees with the signed root.
    public static let intact = Verdict(0, "intact")
    /// The entry is intact; its payload was erased under a recorded event that says by whose authority.
    public static let payloadErased = Verdict(1, "intact, payload erased")
    /// The entry is intact; its payload was removed under a retention schedule that a recorded event names.
    public static let removedUnderSchedule = Verdict(2, "removed under schedule")
    /// The entry is intact, and the policy in force demanded a signature that it does not have.
    public static let unsigned = Verdict(3, "unsigned")
    /// It could not be checked: the reason says why.
    public static let unverifiable = Verdict(4, "unverifiable")
    /// Bytes that the ledger committed to are not there.
    public static let missing = Verdict(5, "missing")
    /// Another entry of the same ledger stands in its place.
    public static let reordered = Verdict(6, "reordered")
    /// Its bytes are not those that were recorded.
    public static let altered = Verdict(7, "altered")
    /// Two histories of the ledger exist: signed statements contradict each other or the entries.
    public static let forked = Verdict(8, "forked")

    /// All verdicts, the best first.
    public static let all: [Verdict] = [
        intact, payloadErased, removedUnderSchedule, unsigned, unverifiable, missing, reordered, altered, forked,
    ]

    /// Whether nothing is wrong: what is gone is gone under a recorded event.
    public var isSound: Bool { self <= .removedUnderSchedule }

    public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }
}
