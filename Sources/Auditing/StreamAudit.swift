internal import Digests

/// How far each record has come while the entries are read in order.
struct StreamAudit: Sendable {
    /// What is known of one record.
    struct State: Sendable {
        /// The leaf hash and revision of its newest entry that is as it was recorded; nil before the first.
        var leaf: Digest?
        var revision: UInt64?
        /// Whether an entry stands behind that one of which it is not known how it was recorded.
        var isUnsure = false
        /// The indexes of its first and its newest entry.
        let first: UInt64
        var index: UInt64
        var entries: UInt64 = 0
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

    /// Takes an entry that is as it was recorded.
    mutating func record(_ key: Key, _ name: String, at index: UInt64, revision: UInt64, leaf: Digest) {
        count(key, name, at: index)
        states[key]?.revision = revision
        states[key]?.leaf = leaf
        states[key]?.isUnsure = false
    }

    /// Counts an entry of the record.
    mutating func count(_ key: Key, _ name: String, at index: UInt64) {
        var state = states[key] ?? State(first: index, index: index, name: keepsNames ? name : nil)
        state.entries += 1
        state.index = max(state.index, index)
        states[key] = state
    }

    /// Says that how the newest entry was recorded is not known.
    mutating func doubt(_ key: Key) { states[key]?.isUnsure = true }
}
