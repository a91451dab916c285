internal import Digests
internal import EventFormat
internal import Merkle

/// A bundle in which something does not agree, kept until it is known which hashes the signed root vouches for.
struct SuspectBundle: Sendable {
    /// An entry as far as a verdict needs it.
    struct Place: Sendable {
        /// The leaf hash of its bytes; nil when they are not there.
        var leaf: Digest?
        /// The leaf hash that the tile states.
        var tiled: Digest?
        /// The leaf hash that the entry behind it states.
        var named: Digest?
        var stream: String?
        /// The index that the entry itself states.
        var ownIndex: UInt64?
        /// Why it cannot be read.
        var problem: String
    }

    let first: UInt64
    var places: [Place]
    let roots: BundleRoots

    init(_ facts: BundleFacts, _ roots: BundleRoots) {
        first = facts.first
        self.roots = roots
        places = facts.entries.indices.map { number in
            let entry = facts.entries[number]
            var place = Place(leaf: entry.leaf, tiled: facts.tile?[number], problem: entry.problem)
            guard let layout = entry.layout, let range = entry.place else { return place }
            place.stream = layout.text(layout.stream, in: facts.bytes.span.extracting(range))
            place.ownIndex = layout.index.rawValue
            return place
        }
    }

    /// The recorded leaf hashes: those of the lists below that lead to `authentic`, the root of these entries that the
    /// signed root vouches for. Nil when none does.
    func recorded(leadingTo authentic: Digest) -> [Digest]? {
        let lists: [(Place) -> Digest?] = [
            { $0.leaf },
            { $0.tiled },
            // An altered entry is named by the entry behind it; what it names itself may be altered with it.
            { $0.leaf == $0.named ? $0.leaf : $0.named ?? $0.leaf },
            { $0.leaf == $0.tiled || $0.leaf == $0.named ? $0.leaf : $0.named ?? $0.tiled },
            { $0.tiled == $0.named ? $0.tiled : $0.leaf },
        ]
        for list in lists {
            let hashes = places.compactMap(list)
            if hashes.count == places.count, BundleRoots.root(hashes) == authentic { return hashes }
        }
        return nil
    }
}

/// What there is to say of the root of one bundle's entries, from three sides.
struct BundleRoots: Sendable {
    /// From the entries' bytes.
    let computed: Digest?
    /// From the level-0 tile.
    let tiled: Digest?
    /// What the level-1 tile states; for a partial bundle there is nothing.
    let stated: Digest?

    init(_ facts: BundleFacts) {
        let leaves = facts.entries.compactMap(\.leaf)
        computed = leaves.count == facts.entries.count ? BundleRoots.root(leaves) : nil
        if let tile = facts.tile, !tile.elementsEqual(leaves) {
            tiled = BundleRoots.root(tile)
        } else {
            tiled = facts.tile == nil ? nil : computed
        }
        stated = facts.stated
    }

    /// Whether all that is known agrees.
    var agree: Bool { computed != nil && tiled == computed && (stated == nil || stated == computed) }

    static func root(_ leaves: [Digest]) -> Digest {
        var tree = CompactRange()
        for leaf in leaves { tree.append(leaf) }
        return tree.root
    }
}
