internal import Digests
internal import EventFormat
internal import Merkle

/// Says of each entry that was found suspicious what it is, by the hashes that the signed root vouches for.
struct Judgement: Sendable {
    private(set) var entryFindings: [EntryFinding] = []
    private(set) var generalFindings: [GeneralFinding] = []
    /// What is to be said of records in which nothing else was found, for entries from `doubtfulFrom` on.
    private(set) var base = Verdict.intact
    private(set) var doubtfulFrom: UInt64?

    /// The hashes that tiles of levels 1, 2, … should hold; nil when it cannot be told.
    private(set) var upperNodes: [[Digest]]?

    private let history: HistoryAudit
    /// The recorded leaf hashes of the suspect bundles, by the index of the first entry; nil where they are not known.
    private var recorded: [UInt64: [Digest]] = [:]
    /// Where leaf hashes of suspect bundles' bytes stand.
    private var present: [Digest: UInt64] = [:]

    /// `root` is the one that the checkpoint states; `vouched` is the greatest earlier size whose signed root the
    /// entries lead to.
    init(_ history: HistoryAudit, root: Digest, vouched: UInt64) {
        self.history = history
        if let choice = history.candidates.choice(leadingTo: root) {
            for suspect in history.suspects {
                guard let authentic = RootCandidates.choices[choice](suspect.roots) else { continue }
                recorded[suspect.first] = suspect.recorded(leadingTo: authentic)
            }
            upperNodes = Judgement.upperNodes(history, choice)
        } else {
            judgeWhole(root: root, vouched: vouched)
        }
        for suspect in history.suspects {
            for (place, entry) in suspect.places.enumerated() {
                if let leaf = entry.leaf { present[leaf] = suspect.first + UInt64(place) }
            }
        }
        for suspect in history.suspects { judge(suspect) }
        judgeViolations()
        judgeOmitted()
    }

    private static func upperNodes(_ history: HistoryAudit, _ choice: Int) -> [[Digest]]? {
        var roots = history.bundleRoots
        for suspect in history.suspects where suspect.places.count == Tile.fullWidth {
            roots[Int(suspect.first) / Tile.fullWidth] = RootCandidates.choices[choice](suspect.roots)
        }
        var level = roots.compactMap { $0 }
        guard level.count == roots.count, history.omittedSuspects == 0 else { return nil }
        var levels: [[Digest]] = []
        while !level.isEmpty {
            levels.append(level)
            level = stride(from: 0, to: level.count - level.count % Tile.fullWidth, by: Tile.fullWidth).map { start in
                BundleRoots.root(Array(level[start..<start + Tile.fullWidth]))
            }
        }
        return levels
    }

    /// No choice of bundles leads to the signed root.
    private mutating func judgeWhole(root: Digest, vouched: UInt64) {
        let computed = history.candidates.root(0)
        let leads = computed.map { "the entries lead to the root \($0.hex)" } ?? "not all entries can be read"
        let isWhole = history.suspects.isEmpty && history.omittedSuspects == 0
        base = isWhole ? .forked : .unverifiable
        doubtfulFrom = vouched
        let consequence =
            isWhole
            ? "this is another history of the ledger than the one that was signed"
            : "which of its files are as they were published cannot be told"
        let rest = vouched > 0 ? "; the first \(vouched) entries are vouched for by an earlier checkpoint" : ""
        generalFindings.append(
            GeneralFinding(
                base, at: "checkpoint", "it states the root \(root.hex), but \(leads): \(consequence)\(rest)"))
    }

    private mutating func judge(_ suspect: SuspectBundle) {
        let hashes = recorded[suspect.first]
        for (place, entry) in suspect.places.enumerated() {
            let index = suspect.first + UInt64(place)
            guard let hash = hashes?[place] else {
                judgeUnvouched(entry, at: index)
                continue
            }
            if entry.leaf == hash { continue }
            if let elsewhere = present[hash] {
                add(.reordered, index, entry.stream, "the entry recorded here stands at place \(elsewhere)")
            } else if entry.leaf == nil {
                add(.missing, index, nil, entry.problem)
            } else if let own = entry.ownIndex, own != index {
                add(
                    .missing, index, nil,
                    "the entry recorded here is not there; an entry that states the index \(own) stands in its place")
            } else if entry.problem.isEmpty {
                add(.altered, index, entry.stream, "its bytes do not have the leaf hash that was recorded")
            } else {
                add(.altered, index, nil, entry.problem)
            }
        }
    }

    /// Says what can be said of an entry whose recorded leaf hash is not known.
    private mutating func judgeUnvouched(_ entry: SuspectBundle.Place, at index: UInt64) {
        if entry.leaf == nil {
            add(.missing, index, nil, entry.problem)
        } else if !entry.problem.isEmpty {
            add(.altered, index, nil, entry.problem)
        } else if let named = entry.named, named != entry.leaf {
            add(.altered, index, entry.stream, "its bytes do not have the leaf hash that the entry behind it names")
        } else if let tiled = entry.tiled, tiled != entry.leaf, entry.named == nil || entry.named == tiled {
            add(.altered, index, entry.stream, "its bytes do not have the leaf hash that its tile states")
        } else {
            add(
                .unverifiable, index, entry.stream,
                "nothing links it to the signed root: tiles or entries around it were altered")
        }
    }

    /// Rules between entries say something only where the entries are as they were recorded.
    private mutating func judgeViolations() {
        let faulty = Set(entryFindings.map(\.index.rawValue))
        for violation in history.violations {
            guard !faulty.contains(violation.index) else { continue }
            if let before = violation.before, faulty.contains(before) { continue }
            add(violation.verdict, violation.index, violation.stream, violation.reason)
        }
    }

    private mutating func judgeOmitted() {
        if history.omittedSuspects > 0 {
            generalFindings.append(
                GeneralFinding(
                    .altered, at: "tile/entries",
                    "\(history.omittedSuspects) more bundles do not agree with their tiles or with the chain"))
        }
        if history.omittedViolations > 0 {
            generalFindings.append(
                GeneralFinding(
                    .altered, at: "tile/entries",
                    "\(history.omittedViolations) more entries do not follow the entries before them"))
        }
    }

    private mutating func add(_ verdict: Verdict, _ index: UInt64, _ stream: String?, _ reason: String) {
        entryFindings.append(EntryFinding(verdict, at: EntryIndex(index), of: stream, reason))
    }
}
