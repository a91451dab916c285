internal import Digests
public import EventFormat
internal import Signing

/// Checks the signatures of consecutive entries, but those of the stream `ledger`, which ``TrustReplay`` judges,
/// against a ``KeyHistory``.
///
/// A sweep may begin anywhere: several threads check a part of the ledger each, and ``join(_:)`` puts the parts
/// together, in their order, an append that crosses their border included. Memory: at most 20,000 entries of some
/// hundred bytes, beside the verdicts that were not taken. An entry costs its source digest when a key of its source
/// is known, and an append one signature.
public struct SignatureSweep: Sendable {
    /// The index of the entry to come.
    public internal(set) var next: EntryIndex

    /// Where the sweep began.
    let first: EntryIndex
    var history: KeyHistory
    /// Whether the run of unsigned entries may begin before the sweep does.
    var isOpen: Bool
    /// The first entry that cannot be read, when the sweep's first signature stands behind it: it may carry that of
    /// entries before the sweep.
    var leadingHole: EntryIndex?
    /// The entries since the last signature.
    var pending = RecentItems<Item>()
    /// The first signed append, when it begins before the sweep does.
    var deferred: Deferred?
    var list = VerdictList()
    private var memo = RequirementMemo()

    struct Item: Sendable {
        enum Kind: UInt8, Sendable {
            case event
            /// In the stream `ledger`.
            case ledger
            case unreadable
        }

        let index: EntryIndex
        let kind: Kind
        /// Where in the history's sources the source is; −1: no key of it is known.
        var source: Int32 = -1
        var requirement = Requirement(isSigned: false, reason: .otherwise)
        /// Zero when no key of the source is known.
        var digest = Digest.zero
    }

    struct Deferred: Sendable {
        var items: RecentItems<Item>
        let signature: AppendSignature
    }

    /// A sweep whose first entry will be `first`: the whole ledger from 0 or 1, or a part of it.
    public init(_ history: KeyHistory, from first: EntryIndex = 0) {
        self.history = history
        self.first = first
        next = first
        isOpen = first > 1
    }

    /// Gives up the history, so that the replay that makes it need not copy it to change it; takes no entry until
    /// ``follow(_:)``.
    mutating func release() { history = KeyHistory(genesis: history.genesis, identity: history.identity) }

    /// Takes the history as it has become.
    public mutating func follow(_ history: KeyHistory) {
        self.history = history
        memo.reset()
    }

    /// Takes in the next entry. O(size). One that bears another index than ``next`` is taken as one that cannot be
    /// read.
    public mutating func add(_ layout: EntryLayout, in bytes: Span<UInt8>) {
        guard layout.index == next else { return addUnreadable() }
        next = EntryIndex(next.rawValue + 1)
        guard layout.index > 0 else { return }
        if let gap = history.gap, layout.index > gap.index { return addUnknown(layout, in: bytes, gap) }
        if layout.matches(layout.stream, SignatureSweep.ledgerStream, in: bytes) {
            pending.append(Item(index: layout.index, kind: .ledger))
            return layout.append == nil ? trim() : close()
        }
        pending.append(item(layout, in: bytes))
        guard let append = layout.append else { return trim() }
        decide(AppendSignature(append, in: bytes))
    }

    /// Says that the next entry cannot be read; an append that covers it, or that may end with it, is unproven.
    public mutating func addUnreadable() {
        pending.append(Item(index: next, kind: .unreadable))
        next = EntryIndex(next.rawValue + 1)
        trim()
    }

    /// Says that none of the entries up to `index` can be read. For a sweep that began at 0 or 1, or was joined to one
    /// that did; the keys behind are not known.
    public mutating func skip(to index: EntryIndex) {
        precondition(first <= 1 && index > next, "a part of a ledger is joined to what stands before it")
        close(before: next)
        next = index
    }

    /// Says that no entry follows. For a sweep that began at 0 or 1, or was joined to one that did.
    public mutating func finish() {
        precondition(first <= 1, "a part of a ledger is joined to what stands before it, not finished")
        close()
    }

    /// The verdicts since the last call, in no particular order.
    public mutating func takeVerdicts() -> [SignatureVerdict] { list.take() }

    private static let ledgerStream = Array("ledger".utf8)

    private mutating func item(_ layout: EntryLayout, in bytes: Span<UInt8>) -> Item {
        let answer = memo.answer(layout, in: bytes, history)
        var item = Item(
            index: layout.index, kind: .event, source: answer.source, requirement: answer.requirement)
        if answer.source >= 0 { item.digest = layout.sourceDigest(in: bytes) }
        return item
    }

    /// An entry behind the gap: what it needed and whether its signature is right is not known.
    private mutating func addUnknown(_ layout: EntryLayout, in bytes: Span<UInt8>, _ gap: Gap) {
        close()
        guard !layout.matches(layout.stream, SignatureSweep.ledgerStream, in: bytes) else { return }
        list.add(SignatureVerdict(layout.index, layout.index, .unverifiable(gap.reason)))
    }
}
