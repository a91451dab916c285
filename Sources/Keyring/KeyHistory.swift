public import Digests
public import EventFormat
public import Signing

/// Who could sign what, when: all that the trust events of a ledger have said, with the entries that said it.
///
/// Every question names an index and is answered as of it: by the events before it, for an event has effect from the
/// next entry on. So one history serves a whole ledger, and the past can be asked after the present is known.
/// ``Keyring`` is a history at one index.
public struct KeyHistory: Hashable, Sendable {
    public let genesis: Genesis
    /// The ledger's identity, which every signature of an append covers: the leaf hash of entry 0.
    public let identity: Digest
    /// Every key ever introduced, in that order.
    public internal(set) var keys: [KeyRecord] = []
    /// Every source that was registered or has a key, in that order.
    public internal(set) var sources: [SourceRecord] = []
    /// Every witness ever registered, in that order.
    public internal(set) var witnesses: [WitnessRecord] = []
    /// Every policy ever adopted, in that order.
    public internal(set) var policies: [AdoptedPolicy] = []
    /// The entries of the stream `ledger`, ascending: their payloads are never removed.
    var ownEntries: [EntryIndex] = [0]
    /// The entries whose payload may be gone, and the event that says so.
    var removals: [EntryIndex: Removal] = [:]
    /// The contents that may be gone, and the event that says so.
    var contentRemovals: [ContentName: Removal] = [:]
    /// The entries that changed anything, ascending; entry 0 is not among them.
    public internal(set) var changes: [EntryIndex] = []
    /// From where on nothing is known of keys and policies; nil: all is known.
    public internal(set) var gap: Gap?

    /// Where in ``keys`` a key is.
    var keyNumbers: [KeyID: Int] = [:]
    /// Where in ``sources`` a source is.
    var sourceNumbers: [SourceName: Int] = [:]
    /// The entry that introduced the first key of a source.
    var firstSourceKey: EntryIndex?
    /// How many authority keys are in force now.
    var authorityCount = 0

    /// The history of a ledger without keys.
    init(genesis: Genesis, identity: Digest) {
        self.genesis = genesis
        self.identity = identity
    }

    /// The history of a new ledger. Throws ``KeyringError/Code/keyReused`` when a key stands twice.
    public init(genesis: Genesis, identity: Digest, authorities: [PublicKey]) throws(KeyringError) {
        self.init(genesis: genesis, identity: identity)
        for key in authorities {
            try checkFresh(key, Genesis.type)
            introduce(key, .authority, at: 0)
        }
    }
}

/// A source as the ledger's events tell of it.
public struct SourceRecord: Hashable, Sendable {
    public let source: SourceName
    /// The `source.registered` that named it; nil: it is known by its keys alone.
    public internal(set) var registered: EntryIndex?
    /// Its name for people.
    public internal(set) var name: String?
    /// The entry that gave it its first key; nil: it was never given one.
    var firstKey: EntryIndex?

    /// Whether a key of the source was introduced before `index`, be it in force there or not.
    func hadKey(at index: EntryIndex) -> Bool { firstKey.map { $0 < index } ?? false }
}

/// A witness as the ledger's events tell of it. Its key's end, if it was revoked, is in the key's record.
public struct WitnessRecord: Hashable, Sendable {
    public let witness: TrustEvent.Witness
    public let registered: EntryIndex
}

/// A policy and the entry that adopted it.
public struct AdoptedPolicy: Hashable, Sendable {
    public let policy: LedgerPolicy
    public let adopted: EntryIndex
}

/// Where what is known of the keys ends.
public struct Gap: Hashable, Sendable {
    /// The entry that could not be read; keys and policies are not known from the next entry on.
    public let index: EntryIndex
    /// Why, as a sentence for people.
    public let reason: String
}

extension Array {
    /// The first position whose element fulfils `isBehind`, which no element before and every element from there on
    /// does; the count when none does. O(log n).
    func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
