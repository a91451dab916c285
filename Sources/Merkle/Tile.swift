/// A tile of hashes or a bundle of entries as a log serves them (C2SP tlog-tiles, height 8).
///
/// Tile `index` of level L holds the nodes index·256 ..< index·256 + width of tree level 8·L; an entry bundle holds the
/// entries of the level-0 tile with the same index.
public struct Tile: Hashable, Sendable {
    /// What a tile holds.
    public enum Content: Hashable, Sendable {
        /// Hashes of the given tile level, 0 ... 63.
        case hashes(level: Int)

        /// The entries themselves.
        case entries
    }

    /// How many tree levels one tile level spans.
    public static let height = 8

    /// The number of hashes in a full tile.
    public static let fullWidth = 256

    /// What the tile holds.
    public let content: Content

    /// The place of the tile in its level, from the left.
    public let index: UInt64

    /// How many hashes or entries it holds, 1 ... 256.
    public let width: Int

    /// Takes a tile's coordinates, or returns nil when the level is not 0 ... 63 or the width not 1 ... 256.
    public init?(_ content: Content, index: UInt64, width: Int = Tile.fullWidth) {
        guard width >= 1, width <= Tile.fullWidth else { return nil }
        if case .hashes(let level) = content, level < 0 || level > 63 { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    /// Whether the tile holds all 256.
    public var isFull: Bool { width == Tile.fullWidth }
}

// MARK: - Nodes in tiles

extension Tile {
    /// Where a tree node is found: the hashes `offsets` of tile `index` at tile level `level` are its descendants, or
    /// the node itself when there is one.
    public struct NodeLocation: Hashable, Sendable {
        /// The tile level, 0 ... 7.
        public let level: Int

        /// The place of the tile in its level.
        public let index: UInt64

        /// 1, 2, 4 … or 128 places in the tile, within 0 ..< 256.
        public let offsets: Range<Int>
    }

    /// Where the complete tree node of `level` and `index` is found, or nil when no tree has such a level. O(1).
    public static func location(level: Int, index: UInt64) -> NodeLocation? {
        guard level >= 0, level < UInt64.bitWidth else { return nil }
        let within = level % height
        let perTile: UInt64 = 1 << UInt64(height - within)
        let first = Int(index % perTile) << within
        return NodeLocation(level: level / height, index: index / perTile, offsets: first..<first + (1 << within))
    }
}

// MARK: - Tiles of a tree

extension Tile {
    /// The tiles of one level that a tree has, or that it gained by growing.
    public struct Run: Hashable, Sendable {
        /// The tile level.
        public let level: Int

        /// The indices of the full tiles.
        public let full: Range<UInt64>

        /// The width of the partial tile after the full ones, 1 ... 255, or 0 when there is none.
        public let partialWidth: Int
    }

    /// The hash tiles of a tree of `size` leaves, level by level: at most 8 runs, none for the empty tree. O(1).
    public static func all(size: TreeSize) -> [Run] {
        added(from: 0, to: size)
    }

    /// The hash tiles that a tree of `new` leaves has and one of `old` did not, level by level: what is to be written
    /// when a log grows. At most 8 runs; none when `new` is not larger. O(1).
    public static func added(from old: TreeSize, to new: TreeSize) -> [Run] {
        added(from: old, to: new, height: height)
    }

    static func added(from old: TreeSize, to new: TreeSize, height: Int) -> [Run] {
        guard old < new else { return [] }
        var runs: [Run] = []
        let mask: UInt64 = (1 << UInt64(height)) - 1
        for shift in stride(from: 0, to: UInt64.bitWidth, by: height) {
            let (before, after) = (old.rawValue >> UInt64(shift), new.rawValue >> UInt64(shift))
            guard before < after else { break }
            let full = (before >> UInt64(height))..<(after >> UInt64(height))
            runs.append(Run(level: shift / height, full: full, partialWidth: Int(after & mask)))
        }
        return runs
    }
}
