internal import Digests
internal import EventFormat

/// What was read and recomputed of up to 256 consecutive entries: one entry bundle, its tile and its payloads.
struct BundleFacts: Sendable {
    /// Which bundle.
    let number: UInt64
    /// The bundle's bytes; empty when it is not there.
    var bytes: [UInt8] = []
    /// One for each entry that the tree has here.
    var entries: [EntryFacts]
    /// The leaf hashes that the level-0 tile states; nil when it is not there or not of the right size.
    var tile: [Digest]?
    var tilePath = ""
    /// The hash that the level-1 tile states for a full bundle, if it is there.
    var stated: Digest?
    /// The envelopes of entries in the stream `ledger`, by place.
    var trustEnvelopes: [Int: [UInt8]] = [:]
    var findings: [GeneralFinding] = []
    /// Whether one of its files is not as it should be by itself.
    var isFaulty = false

    /// The index of the first entry.
    var first: UInt64 { number * 256 }
}

/// What was read and recomputed of one entry by itself.
struct EntryFacts: Sendable {
    /// Where its bytes lie in the bundle; nil when they are not there.
    var place: Range<Int>?
    /// Its decoding; nil when the bytes are not an entry.
    var layout: EntryLayout?
    /// The leaf hash of the bytes.
    var leaf: Digest?
    /// Why it cannot be read.
    var problem = ""
    var payload = PayloadState.none
    /// How many documents its payload names, and those that are not there as they should be.
    var documentCount = 0
    var documents: [DocumentFault] = []
    var standing = Standing.recorded

    /// Whether the entry is the one that was recorded.
    enum Standing: Hashable, Sendable {
        case recorded
        /// It is not, or nothing tells; its stream as far as that is known.
        case damaged(stream: String?)
    }
}

/// A document that is not as a payload's name of it says.
struct DocumentFault: Hashable, Sendable {
    let name: ContentName
    let verdict: Verdict

    var reason: String { "its content \(name) is not there as its name says" }
}

/// What was found of an entry's payload.
enum PayloadState: Hashable, Sendable {
    /// The entry has none.
    case none
    /// It has the digest and the size that the entry states.
    case intact
    /// Payloads are not part of what was audited.
    case notChecked
    /// It was removed; whether rightly, the ledger's events say.
    case removed
    /// It is not there.
    case missing(String)
    /// It is there and not what the entry committed to.
    case altered(String)
}
