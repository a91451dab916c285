internal import Digests
internal import EventFormat
internal import Merkle

/// Reads the entries in their order and judges each: is it the one that was recorded, and does it keep the rules
/// between entries?
struct HistoryWalk {
    /// What was found of an entry that is not as it was recorded.
    struct Damage: Sendable {
        let index: UInt64
        let verdict: Verdict
        let reason: String
        /// Its stream, as far as that is known.
        var stream: String?
    }

    let hashes: RecordedHashes
    private let checkpointSizes: Set<UInt64>
    /// Whether the entry `index` was recorded with this leaf hash; asked when an entry stands in another's place.
    private let isRecorded: (UInt64, Digest) -> Bool

    private(set) var size: UInt64 = 0
    private(set) var streams: StreamAudit
    private(set) var findings: [EntryFinding] = []
    /// Entries of which not even the stream is known, by index.
    private(set) var unlinked: [UInt64: Damage] = [:]
    private(set) var removedPayloads: [(index: UInt64, stream: String)] = []
    private(set) var missingDocuments: [(index: UInt64, stream: String, name: ContentName)] = []
    private(set) var payloadCounts: (intact: UInt64, notChecked: UInt64) = (0, 0)
    /// How many names of documents the payloads have.
    private(set) var documentCount: UInt64 = 0
    /// The tree of the full bundles before this one; nil once the root of one is not known.
    private var bundles: CompactRange? = CompactRange()
    /// The tree of this bundle's recorded hashes so far; nil once one is not known.
    private var bundle: CompactRange? = CompactRange()
    /// The roots of the tree at the sizes of stored checkpoints, where they are known.
    private(set) var rootsAtSizes: [UInt64: Digest] = [:]
    /// Eight bytes of each id.
    private(set) var ids: [UInt64] = []
    /// Findings that were left out because there are too many.
    private(set) var omitted: UInt64 = 0
    /// Entries of which nothing is there, neither they nor their hashes, so that they were not looked at one by one.
    private(set) var lost: UInt64 = 0
    /// Whether any file disagrees with another.
    private(set) var disagrees = false
    /// The root of each full bundle, as it was recorded; nil where it is not known.
    private(set) var bundleRoots: [Digest?] = []
    /// Tiles that do not hold what was recorded.
    private(set) var tileFindings: [GeneralFinding] = []

    private var damaged: [Digest: Damage] = [:]
    private var last: Digest? = .zero
    private var latest = Timestamp.earliest

    init(
        _ hashes: RecordedHashes, checkpointSizes: Set<UInt64>, keepsNames: Bool,
        isRecorded: @escaping (UInt64, Digest) -> Bool
    ) {
        self.hashes = hashes
        self.checkpointSizes = checkpointSizes
        self.isRecorded = isRecorded
        streams = StreamAudit(keepsNames: keepsNames)
    }

    /// Takes the next bundle, and notes in it which entries are not as they were recorded.
    mutating func take(_ facts: inout BundleFacts) {
        let recorded = hashes.hashes(of: facts)
        if facts.isFaulty || recorded != facts.entries.map(\.leaf) { disagrees = true }
        compare(facts, with: recorded)
        for place in facts.entries.indices {
            let want = recorded[place]
            let isDenied = hashes.isDenied(place, in: facts, recorded)
            if let want, hashes.isRecorded(place, in: facts, recorded) {
                check(place, &facts, leaf: want)
            } else {
                judge(place, &facts, want: want, isDenied: isDenied)
            }
            last = isDenied ? nil : want
            advance(want)
            size += 1
        }
    }

    /// Passes over the entries up to `next`, of which nothing is there.
    mutating func skip(to next: UInt64) {
        lost += next - size
        size = next
        (bundles, bundle, last, disagrees) = (nil, nil, nil, true)
    }

    private mutating func compare(_ facts: BundleFacts, with recorded: [Digest?]) {
        bundle = CompactRange()
        if facts.entries.count == Tile.fullWidth {
            let known = recorded.compactMap { $0 }
            bundleRoots.append(known.count == recorded.count ? BundleRoots.root(known) : hashes.root(of: facts))
        }
        guard let tile = facts.tile, zip(tile, recorded).contains(where: { $1 != nil && $0 != $1 }) else { return }
        disagrees = true
        guard tileFindings.count < AuditReport.maximumCount else { return }
        tileFindings.append(
            GeneralFinding(.altered, at: facts.tilePath, "its hashes are not those of the entries that were recorded"))
    }

    /// Takes an entry's recorded hash into the tree. Of a full bundle its root is enough, whatever is known within it.
    private mutating func advance(_ leaf: Digest?) {
        if let leaf { bundle?.append(leaf) } else { bundle = nil }
        let next = size + 1
        if next % UInt64(Tile.fullWidth) == 0 {
            if let root = bundleRoots.last ?? nil { bundles?.append(root) } else { bundles = nil }
            bundle = CompactRange()
        }
        guard checkpointSizes.contains(next), let bundles, let bundle else { return }
        rootsAtSizes[next] = try? CompactRange(size: TreeSize(next), peaks: bundles.peaks + bundle.peaks).root
    }

    /// An entry as it was recorded: the rules between entries, and its payload.
    private mutating func check(_ place: Int, _ facts: inout BundleFacts, leaf: Digest) {
        let entry = facts.entries[place]
        guard let layout = entry.layout, let range = entry.place else {
            note(
                Damage(index: size, verdict: .altered, reason: "it was recorded so: \(entry.problem)", stream: nil),
                place, &facts, want: leaf)
            return
        }
        let bytes = facts.bytes.span.extracting(range)
        let stream = layout.text(layout.stream, in: bytes)
        if layout.index.rawValue != size { add(.reordered, stream, "it states that it is entry \(layout.index)") }
        if let last, layout.previous(in: bytes) != last {
            add(.altered, stream, "it does not name the leaf hash of the entry before it")
        }
        if layout.recorded < latest { add(.altered, stream, "it was recorded before the entry before it") }
        latest = max(latest, layout.recorded)
        ids.append(layout.id(in: bytes).low)
        checkLink(layout, bytes, stream, leaf: leaf)
        switch entry.payload {
        case .none: break
        case .intact: payloadCounts.intact += 1
        case .notChecked: payloadCounts.notChecked += 1
        case .removed: removedPayloads.append((size, stream))
        case .missing(let reason): add(.missing, stream, reason)
        case .altered(let reason): add(.altered, stream, reason)
        }
        documentCount += UInt64(entry.documentCount)
        for fault in entry.documents {
            if fault.verdict == .missing {
                missingDocuments.append((size, stream, fault.name))
            } else {
                add(fault.verdict, stream, fault.reason)
            }
        }
    }

    /// Revisions are 0, 1, 2 …, and each entry names its record's entry before it.
    private mutating func checkLink(_ layout: EntryLayout, _ bytes: Span<UInt8>, _ stream: String, leaf: Digest) {
        let link = layout.streamPrevious(in: bytes)
        let revision = layout.revision.rawValue
        let key = StreamAudit.Key(stream.utf8.span)
        let head = streams.states[key]
        defer { streams.record(key, stream, at: size, revision: revision, leaf: leaf) }
        if let link, link != head?.leaf, var damage = damaged[link] {
            // The entry before is known not to be as it was recorded: now it is known, too, whose it is.
            guard damage.stream != stream else { return }
            unlinked[damage.index] = nil
            damage.stream = stream
            damaged[link] = damage
            findings.append(
                EntryFinding(damage.verdict, at: EntryIndex(damage.index), of: stream, damage.reason))
            streams.count(key, stream, at: damage.index)
            return
        }
        guard head?.isUnsure != true else { return }
        let next = head?.revision.map { $0 + 1 } ?? 0
        if revision > next {
            add(.missing, stream, "revision \(revision - 1) of its record is not there before it")
        } else if revision < next || link != head?.leaf {
            add(.altered, stream, "its revision or link does not follow the entry before it in its record")
        }
    }

    /// An entry that is not as it was recorded, or of which nothing says how it was recorded.
    private mutating func judge(_ place: Int, _ facts: inout BundleFacts, want: Digest?, isDenied: Bool) {
        let entry = facts.entries[place]
        var damage = Damage(index: size, verdict: .altered, reason: "", stream: facts.stream(of: place))
        let own = entry.layout?.index.rawValue ?? size
        let isChanged = want != nil || isDenied || (facts.tile != nil && facts.tile?[place] != entry.leaf)
        if let want, want != entry.leaf, let stream = hashes.moved[want] {
            damage = Damage(
                index: size, verdict: .reordered, reason: "the entry that was recorded here stands at another place",
                stream: stream)
        } else if entry.leaf == nil {
            damage = Damage(index: size, verdict: .missing, reason: entry.problem, stream: nil)
        } else if own != size, let leaf = entry.leaf, isRecorded(own, leaf) {
            damage = Damage(
                index: size, verdict: .missing, reason: "entry \(own) stands in its place", stream: nil)
        } else if isChanged {
            damage = Damage(
                index: size, verdict: .altered,
                reason: entry.problem.isEmpty
                    ? "its bytes are not those that were recorded"
                    : "its bytes are not those that were recorded: "
                        + entry.problem, stream: damage.stream)
        } else {
            damage = Damage(
                index: size, verdict: .unverifiable, reason: "nothing tells how it was recorded", stream: damage.stream)
        }
        note(damage, place, &facts, want: want)
    }

    private mutating func note(_ damage: Damage, _ place: Int, _ facts: inout BundleFacts, want: Digest?) {
        facts.entries[place].standing = .damaged(stream: damage.stream)
        if let want { damaged[want] = damage }
        guard let stream = damage.stream else {
            if unlinked.count < AuditReport.maximumCount { unlinked[size] = damage } else { omitted += 1 }
            return
        }
        add(damage.verdict, stream, damage.reason)
        let key = StreamAudit.Key(stream.utf8.span)
        streams.count(key, stream, at: size)
        if want == nil { streams.doubt(key) }
    }

    private mutating func add(_ verdict: Verdict, _ stream: String, _ reason: String) {
        guard findings.count < 10 * AuditReport.maximumCount else {
            omitted += 1
            return
        }
        findings.append(EntryFinding(verdict, at: EntryIndex(size), of: stream, reason))
    }
}
