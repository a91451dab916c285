internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import Merkle

/// What there is to say of the root of one bundle's entries, from four sides.
struct BundleRoots: Sendable {
    /// From the entries' bytes.
    var computed: Digest?
    /// From the level-0 tile.
    var tiled: Digest?
    /// What the level-1 tile states; nothing for a partial bundle.
    var stated: Digest?
    /// From the entries' bytes, but where the entry behind names another leaf hash, that one.
    var named: Digest?

    static func root(_ leaves: some Sequence<Digest>) -> Digest {
        var tree = CompactRange()
        for leaf in leaves { tree.append(leaf) }
        return tree.root
    }
}

/// The first look at all bundles: which of their files lead to the signed root.
///
/// A bundle has three files that say what was recorded (its entries, its tile, the tile above), and each entry names
/// the leaf hash of the one before. When one side leads to the signed root for all bundles, that root vouches for it:
/// then it is known of each entry what was recorded, and which of the files was altered. Memory: 160 bytes a bundle.
struct Survey: Sendable {
    /// A way to choose one of each full bundle's roots.
    private static let sides: [@Sendable (BundleRoots) -> Digest?] = [
        { $0.computed },
        { $0.tiled },
        { $0.stated },
        { roots in
            let (one, two, three) = (roots.computed, roots.tiled, roots.stated)
            if let one, one == two || one == three { return one }
            return two != nil && two == three ? two : nil
        },
        { $0.named },
    ]
    /// The ways to choose the root of a partial bundle, which no tile above states.
    private static let ends: [@Sendable (BundleRoots) -> Digest?] = [{ $0.computed }, { $0.tiled }, { $0.named }]

    private(set) var bundles: [BundleRoots] = []
    /// What the first entry of each bundle says of the entry before it.
    private(set) var firstPrevious: [UInt64: Digest] = [:]
    /// The bundles whose files do not agree.
    private(set) var disputed: [UInt64] = []
    private let size: UInt64
    /// The leaf hashes of the bundle before, and what each entry behind says of them, until the next bundle comes.
    private var pending: (leaves: [Digest], named: [Digest?])?

    init(size: UInt64) {
        self.size = size
    }

    /// Takes the next bundle.
    mutating func take(_ facts: BundleFacts) {
        let leaves = facts.entries.compactMap(\.leaf)
        let isWhole = leaves.count == facts.entries.count
        let named = facts.entries.indices.dropFirst().map { facts.previous(of: $0) }
        let first = facts.previous(of: 0)
        close(with: first)
        firstPrevious[facts.number] = first
        var roots = BundleRoots(stated: facts.stated)
        roots.computed = isWhole ? BundleRoots.root(leaves) : nil
        roots.tiled = facts.tile == leaves ? roots.computed : facts.tile.map { BundleRoots.root($0) }
        bundles.append(roots)
        pending = isWhole ? (leaves, named) : nil
        let isAgreed = roots.computed != nil && roots.tiled == roots.computed
        if !isAgreed || (facts.entries.count == Tile.fullWidth && roots.stated != roots.computed) || facts.isFaulty {
            disputed.append(facts.number)
        }
    }

    /// Completes what is named of the bundle before.
    private mutating func close(with last: Digest?) {
        guard let before = pending else { return }
        pending = nil
        let named = before.named + [last]
        let list = zip(before.leaves, named).map { leaf, named in named ?? leaf }
        let number = bundles.count - 1
        bundles[number].named = list == before.leaves ? bundles[number].computed : BundleRoots.root(list)
    }

    /// Whether every file agrees with the entries, and they lead to `root`.
    mutating func agrees(with root: Digest?) -> Bool {
        close(with: nil)
        guard let root else { return false }
        return disputed.isEmpty && wholeRoot(Survey.sides[0], Survey.ends[0]) == root
    }

    /// The root of the entries' bytes; nil when some are not there.
    var computedRoot: Digest? { wholeRoot(Survey.sides[0], Survey.ends[0]) }

    /// The authentic root of each bundle, once one side leads to `root`; nil when none does.
    func authentic(leadingTo root: Digest) -> [Digest]? {
        for side in Survey.sides {
            for end in Survey.ends where wholeRoot(side, end) == root {
                return bundles.indices.compactMap { number in
                    isFull(number) ? side(bundles[number]) : end(bundles[number])
                }
            }
            if size % UInt64(Tile.fullWidth) == 0, wholeRoot(side, Survey.ends[0]) == root {
                return bundles.compactMap(side)
            }
        }
        return nil
    }

    private func isFull(_ number: Int) -> Bool { UInt64(number) < size / UInt64(Tile.fullWidth) }

    private func wholeRoot(
        _ side: (BundleRoots) -> Digest?, _ end: (BundleRoots) -> Digest?
    ) -> Digest? {
        guard UInt64(bundles.count) == size / 256 + (size % 256 > 0 ? 1 : 0) else { return nil }
        var tree = CompactRange()
        for number in bundles.indices where isFull(number) {
            guard let root = side(bundles[number]) else { return nil }
            tree.append(root)
        }
        guard let last = bundles.last, !isFull(bundles.count - 1) else { return tree.root }
        guard var hash = end(last) else { return nil }
        for peak in tree.peaks.reversed() { hash = MerkleHash.node(peak, hash) }
        return hash
    }
}

extension BundleFacts {
    /// What an entry says of the one before it.
    func previous(of place: Int) -> Digest? {
        guard place < entries.count, let layout = entries[place].layout, let range = entries[place].place else {
            return nil
        }
        return layout.previous(in: bytes.span.extracting(range))
    }

    /// The leaf hashes and streams of entries behind the last that should be there, at most 256: they may have been
    /// moved.
    var surplus: [(leaf: Digest, stream: String?)] {
        guard let end = entries.last?.place?.upperBound, end < bytes.count else { return [] }
        let rest = Array(bytes[end...])
        return EntryList(rest, width: Tile.fullWidth).ranges.map { range in
            let entry = rest.span.extracting(range)
            let layout = try? EntryLayout(entry)
            return (MerkleHash.leaf(entry), layout.map { $0.text($0.stream, in: entry) })
        }
    }

    /// What an entry says its stream is.
    func stream(of place: Int) -> String? {
        guard let layout = entries[place].layout, let range = entries[place].place else { return nil }
        return layout.text(layout.stream, in: bytes.span.extracting(range))
    }
}
