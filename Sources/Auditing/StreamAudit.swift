internal import Digests
internal import EventFormat

/// The state of each record while its entries are read in order.
struct StreamAudit: Sendable {
    /// What is known of one record.
    struct State: Sendable {
        /// The leaf hash, revision and index of its newest entry.
        var leaf: Digest
        var revision: UInt64
        var index: UInt64
        var entries: UInt64
        /// The index of its first entry.
        let first: UInt64
        /// Its name, when names are kept.
        let name: String?
    }

    /// Half of the SHA-256 of a stream's name: names are chosen by services, and two with the same half would take
    /// 2^64 attempts to find.
    struct Key: Hashable, Sendable {
        private let high: UInt64
        private let low: UInt64

        init(_ name: Span<UInt8>) {
            (high, low, _, _) = SHA256.hash(name).words
        }
    }

    private(set) var states: [Key: State] = [:]
    private let keepsNames: Bool

    /// `keepsNames`: for a report that lists every record.
    init(keepsNames: Bool) {
        self.keepsNames = keepsNames
    }

    /// Takes the record's next entry. Returns what does not fit, and the index of the entry before that the judgement
    /// rests on.
    mutating func take(
        _ layout: EntryLayout, _ entry: Span<UInt8>, leaf: Digest, at index: UInt64
    ) -> (reason: String, verdict: Verdict, before: UInt64?)? {
        let key = Key(entry.extracting(layout.stream.start..<layout.stream.end))
        let revision = layout.revision.rawValue
        let old = states[key]
        states[key] = State(
            leaf: leaf, revision: revision, index: index, entries: (old?.entries ?? 0) + 1, first: old?.first ?? index,
            name: old?.name ?? (keepsNames ? layout.text(layout.stream, in: entry) : nil))
        guard let old else {
            guard revision > 0 else { return nil }
            return ("it is revision \(revision) of its record, whose earlier entries are not there", .missing, nil)
        }
        if revision == old.revision + 1 {
            guard layout.streamPrevious(in: entry) != old.leaf else { return nil }
            return (
                "it does not name the leaf hash of its record's entry before, entry \(old.index)", .altered, old.index
            )
        }
        guard revision > old.revision else {
            return (
                "it is revision \(revision) of its record, behind revision \(old.revision) at entry \(old.index)",
                .altered, old.index
            )
        }
        return (
            "it is revision \(revision) of its record and follows revision \(old.revision): those between are not there",
            .missing, nil
        )
    }
}
