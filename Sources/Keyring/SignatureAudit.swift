public import EventFormat

/// Checks all signatures of a ledger in one pass over its entries, and makes its ``KeyHistory``.
///
/// ```swift
/// var audit = SignatureAudit()
/// for entry in entries { audit.add(entry.layout, in: entry.bytes.span) { entry.envelope } }
/// audit.finish()
/// let faults = audit.takeVerdicts().compactMap(\.fault)
/// ```
///
/// Entries are taken as they are: that they are chained, and in the tree, is for others to check. To use several
/// threads, make the history with ``TrustReplay`` first and check parts of the ledger with ``SignatureSweep``.
public struct SignatureAudit: Sendable {
    private var replay = TrustReplay()
    private var sweep: SignatureSweep?
    private var next = EntryIndex(0)

    public init() {}

    /// Who could sign what, as far as the entries have come; nil when entry 0 is no genesis.
    public var history: KeyHistory? { replay.history }

    /// Takes in the next entry, from 0 on. `envelope` is asked for in the stream `ledger` only; nil: it is missing. An
    /// entry that bears another index than its place is taken as one that cannot be read.
    public mutating func add(_ layout: EntryLayout, in bytes: Span<UInt8>, envelope: () -> [UInt8]?) {
        guard layout.index == next else { return addUnreadable() }
        next = EntryIndex(next.rawValue + 1)
        if layout.matches(layout.stream, Array(StreamName.ledger.text.utf8), in: bytes) {
            sweep?.release()
            replay.add(layout, in: bytes, envelope: envelope())
            if let history = replay.history { sweep?.follow(history) }
        }
        if sweep == nil, let history = replay.history { sweep = SignatureSweep(history, from: layout.index) }
        sweep?.add(layout, in: bytes)
    }

    /// Says that the next entry cannot be read: keys and policies are not known from there on.
    public mutating func addUnreadable() {
        replay.addUnreadable(at: next)
        next = EntryIndex(next.rawValue + 1)
        sweep?.addUnreadable()
        if let history = replay.history { sweep?.follow(history) }
    }

    /// Says that no entry follows.
    public mutating func finish() {
        replay.finish()
        sweep?.finish()
    }

    /// The verdicts since the last call, in no particular order. Every entry is in one, behind ``finish()``, unless
    /// entry 0 is no genesis or the entry cannot be read.
    public mutating func takeVerdicts() -> [SignatureVerdict] {
        replay.takeVerdicts() + (sweep?.takeVerdicts() ?? [])
    }
}
