internal import Digests
internal import EventFormat
internal import Merkle

/// Takes the bundles in order and finds what does not agree between entries; the judging comes at the end, when it is
/// known which hashes the signed root vouches for.
struct HistoryAudit: Sendable {
    /// The most bundles that are kept for judging, and the most violations.
    static let suspectLimit = 2_000
    static let violationLimit = 20_000

    /// A rule between entries that does not hold.
    struct Violation: Sendable {
        let index: UInt64
        let stream: String?
        let verdict: Verdict
        let reason: String
        /// The entry before on which the judgement rests; when that one is not as recorded, this says nothing.
        let before: UInt64?
    }

    private(set) var size: UInt64 = 0
    private(set) var candidates = RootCandidates()
    private(set) var streams: StreamAudit
    private(set) var suspects: [SuspectBundle] = []
    private(set) var omittedSuspects: UInt64 = 0
    private(set) var violations: [Violation] = []
    private(set) var omittedViolations: UInt64 = 0
    /// What the payload states add; ``Judgement`` takes them over.
    private(set) var payloadFindings: [EntryFinding] = []
    private(set) var removedPayloads: [(index: UInt64, stream: String)] = []
    private(set) var payloadCounts: (intact: UInt64, notChecked: UInt64) = (0, 0)
    /// The tree of the entries' bytes; nil once one is not there.
    private(set) var tree: CompactRange? = CompactRange()
    /// The roots of ``tree`` at the sizes of stored checkpoints.
    private(set) var rootsAtSizes: [UInt64: Digest] = [:]
    /// The root of each full bundle, from its entries' bytes; nil where one is not there.
    private(set) var bundleRoots: [Digest?] = []
    /// Eight bytes of each id.
    private(set) var ids: [UInt64] = []

    private let checkpointSizes: Set<UInt64>
    private var previousLeaf: Digest? = .zero
    private var previousRecorded: Timestamp?

    /// `checkpointSizes` are those whose roots are asked for afterwards; `keepsNames` keeps the names of all records.
    init(checkpointSizes: Set<UInt64>, keepsNames: Bool) {
        self.checkpointSizes = checkpointSizes
        streams = StreamAudit(keepsNames: keepsNames)
    }

    /// Takes the next bundle.
    mutating func take(_ facts: BundleFacts) {
        let roots = BundleRoots(facts)
        candidates.append(roots, isFull: facts.entries.count == 256)
        if facts.entries.count == 256 { bundleRoots.append(roots.computed) }
        var isSuspect = !roots.agree
        for place in facts.entries.indices {
            if take(facts.entries[place], facts) { isSuspect = true }
        }
        guard isSuspect else { return }
        guard suspects.count < HistoryAudit.suspectLimit else {
            omittedSuspects += 1
            return
        }
        suspects.append(SuspectBundle(facts, roots))
        nameWithin(&suspects[suspects.count - 1], facts)
    }

    /// Says in the suspect bundle what each entry says of the one before it.
    private func nameWithin(_ suspect: inout SuspectBundle, _ facts: BundleFacts) {
        for place in facts.entries.indices.dropFirst() {
            guard let layout = facts.entries[place].layout, let range = facts.entries[place].place else { continue }
            suspect.places[place - 1].named = layout.previous(in: facts.bytes.span.extracting(range))
        }
    }

    /// Takes the next entry; returns whether it puts its bundle under suspicion.
    private mutating func take(_ entry: EntryFacts, _ facts: BundleFacts) -> Bool {
        let index = size
        size += 1
        guard let layout = entry.layout, let range = entry.place, let leaf = entry.leaf else {
            advance(entry.leaf ?? facts.tile?[Int(index - facts.first)], whole: entry.leaf)
            previousRecorded = nil
            return true
        }
        let bytes = facts.bytes.span.extracting(range)
        var reasons: [(String, Verdict, UInt64?)] = []
        let before = index == 0 ? nil : Optional(index - 1)
        if layout.index.rawValue != index {
            reasons.append(("it states that it is entry \(layout.index)", .reordered, nil))
        }
        let isChained = previousLeaf == nil || layout.previous(in: bytes) == previousLeaf
        if !isChained {
            reasons.append(("it does not name the leaf hash of the entry before it", .altered, before))
            let last = suspects.count - 1
            if index == facts.first, last >= 0, suspects[last].first + UInt64(suspects[last].places.count) == index {
                suspects[last].places[suspects[last].places.count - 1].named = layout.previous(in: bytes)
            }
        }
        if let previousRecorded, layout.recorded < previousRecorded {
            reasons.append(("it was recorded before the entry before it", .altered, before))
        }
        if let fault = streams.take(layout, bytes, leaf: leaf, at: index) {
            reasons.append((fault.reason, fault.verdict, fault.before))
        }
        ids.append(layout.id(in: bytes).low)
        previousRecorded = layout.recorded
        advance(leaf, whole: leaf)
        takePayload(entry.payload, at: index, layout, bytes)
        for (reason, verdict, before) in reasons {
            violate(index, layout.text(layout.stream, in: bytes), verdict, reason, before)
        }
        return !reasons.isEmpty
    }

    /// Goes on behind an entry: `leaf` is its leaf hash as far as it is known, `whole` that of its bytes.
    private mutating func advance(_ leaf: Digest?, whole: Digest?) {
        previousLeaf = leaf
        guard let whole else {
            tree = nil
            return
        }
        tree?.append(whole)
        if checkpointSizes.contains(size), let tree { rootsAtSizes[size] = tree.root }
    }

    private mutating func violate(
        _ index: UInt64, _ stream: String?, _ verdict: Verdict, _ reason: String, _ before: UInt64?
    ) {
        guard violations.count < HistoryAudit.violationLimit else {
            omittedViolations += 1
            return
        }
        violations.append(
            Violation(index: index, stream: stream, verdict: verdict, reason: reason, before: before))
    }

    private mutating func takePayload(
        _ state: PayloadState, at index: UInt64, _ layout: EntryLayout, _ bytes: Span<UInt8>
    ) {
        switch state {
        case .none: break
        case .intact: payloadCounts.intact += 1
        case .notChecked: payloadCounts.notChecked += 1
        case .removed: removedPayloads.append((index, layout.text(layout.stream, in: bytes)))
        case .missing(let reason): add(.missing, reason)
        case .altered(let reason): add(.altered, reason)
        }
        func add(_ verdict: Verdict, _ reason: String) {
            payloadFindings.append(
                EntryFinding(verdict, at: EntryIndex(index), of: layout.text(layout.stream, in: bytes), reason))
        }
    }
}
