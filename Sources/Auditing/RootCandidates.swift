internal import Digests
internal import Merkle

/// Ways to choose each bundle's root among what is known of it, and the root of the whole tree that each way leads to.
///
/// When one of them leads to the signed root, that root vouches for the bundles' roots chosen so: then it is known
/// which bundles are as they were recorded, and in the others which of their files was altered.
struct RootCandidates: Sendable {
    /// In the order in which they are tried.
    static let choices: [@Sendable (BundleRoots) -> Digest?] = [
        { $0.computed },
        { $0.tiled },
        { $0.stated ?? $0.tiled ?? $0.computed },
        { $0.stated ?? $0.computed },
        // Two sides against one.
        { roots in
            if roots.computed != nil, roots.computed == roots.tiled || roots.computed == roots.stated {
                return roots.computed
            }
            return roots.tiled ?? roots.stated
        },
    ]

    private var trees: [CompactRange?] = Array(repeating: CompactRange(), count: RootCandidates.choices.count)
    /// The root of the last bundle when it is partial.
    private var ends: [Digest?] = Array(repeating: nil, count: RootCandidates.choices.count)

    /// Takes the next bundle.
    mutating func append(_ roots: BundleRoots, isFull: Bool) {
        for number in trees.indices {
            guard let root = RootCandidates.choices[number](roots) else {
                trees[number] = nil
                continue
            }
            if isFull { trees[number]?.append(root) } else { ends[number] = root }
        }
    }

    /// The root of the whole tree by the choice `number`; nil when a bundle's root is not known.
    func root(_ number: Int) -> Digest? {
        guard let tree = trees[number] else { return nil }
        guard var hash = ends[number] else { return tree.root }
        for peak in tree.peaks.reversed() { hash = MerkleHash.node(peak, hash) }
        return hash
    }

    /// The first choice that leads to `root`.
    func choice(leadingTo root: Digest) -> Int? {
        trees.indices.first { self.root($0) == root }
    }
}
