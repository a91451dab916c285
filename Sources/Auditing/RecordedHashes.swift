internal import Digests
internal import Merkle

/// The leaf hashes that were recorded, as far as they are known.
struct RecordedHashes: Sendable {
    /// What is believed.
    enum Belief: Sendable {
        /// That the entries are as they were recorded: what a first reading takes for granted.
        case entries
        /// The roots of the bundles that the signed root vouches for.
        case authentic([Digest])
        /// Nothing leads to the signed root.
        case nothing
    }

    let belief: Belief
    /// What the first entry of each bundle says of the entry before it.
    var firstPrevious: [UInt64: Digest] = [:]
    /// Where in disputed bundles the bytes with a leaf hash stand, and what stream they name.
    var moved: [Digest: String?] = [:]

    /// Whether the signed root says of each bundle what it was, or is taken to.
    var hasRoot: Bool {
        if case .nothing = belief { false } else { true }
    }

    /// The recorded leaf hash of each entry of a bundle; nil where it is not known.
    func hashes(of facts: BundleFacts) -> [Digest?] {
        switch belief {
        case .entries: return facts.entries.map(\.leaf)
        case .nothing: return facts.tile.map { $0.map(Optional.some) } ?? facts.entries.map(\.leaf)
        case .authentic(let roots):
            let root = roots[Int(facts.number)]
            let leaves = facts.entries.compactMap(\.leaf)
            if leaves.count == facts.entries.count, BundleRoots.root(leaves) == root { return leaves }
            if let tile = facts.tile, BundleRoots.root(tile) == root { return tile }
            let named = facts.entries.indices.compactMap { self.named($0, in: facts) ?? facts.entries[$0].leaf }
            if named.count == facts.entries.count, BundleRoots.root(named) == root { return named }
            return facts.entries.map { _ in nil }
        }
    }

    /// The root of a bundle that the signed root vouches for, if it does.
    func root(of facts: BundleFacts) -> Digest? {
        if case .authentic(let roots) = belief { roots[Int(facts.number)] } else { nil }
    }

    /// Whether the entry behind `place` denies its bytes where nothing better tells of them; `recorded` is what
    /// ``hashes(of:)`` gives.
    func isDenied(_ place: Int, in facts: BundleFacts, _ recorded: [Digest?]) -> Bool {
        guard let here = facts.entries[place].leaf, !hasRoot || recorded[place] == nil else { return false }
        return named(place, in: facts).map { $0 != here } ?? false
    }

    /// Whether the entry at `place` is as it was recorded; `recorded` is what ``hashes(of:)`` gives.
    func isRecorded(_ place: Int, in facts: BundleFacts, _ recorded: [Digest?]) -> Bool {
        guard let here = facts.entries[place].leaf else { return false }
        return recorded[place] == here && !isDenied(place, in: facts, recorded)
    }

    /// What the entry behind `place` says of it.
    func named(_ place: Int, in facts: BundleFacts) -> Digest? {
        if place + 1 < facts.entries.count { return facts.previous(of: place + 1) }
        return firstPrevious[facts.number + 1]
    }
}
