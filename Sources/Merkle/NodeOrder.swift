/// The order in which a log stores the nodes above its blocks (invariant 7).
///
/// A log keeps its leaves in blocks of a fixed power of two, and one hash for every complete node from the block level
/// upwards. Level and index are counted here from the blocks: node (0, m) is the root of block m, node (1, 0) that of
/// blocks 0 and 1. Completing block m adds its root and then its completed ancestors from the bottom up,
/// 1 + trailingOnes(m) nodes, so the sequence only ever grows at its end:
///
///     block       0     1            2     3                   4     5
///     nodes     (0,0) (0,1) (1,0)  (0,2) (0,3) (1,1) (2,0)   (0,4) (0,5) (1,2)
///     position    0     1     2      3     4     5     6       7     8     9
public enum NodeOrder {
    /// The largest number of blocks, 2^63. A tree of fewer than 2^64 leaves in blocks of two or more stays below it.
    public static let largestBlockCount: UInt64 = 1 << 63

    /// How many nodes are stored once `blocks` blocks are complete: the sum of ⌊blocks / 2^k⌋ over all k ≥ 0, which is
    /// 2·blocks − popcount(blocks).
    ///
    /// `blocks` is at most ``largestBlockCount``; more is an error of the caller and traps. O(1).
    public static func count(blocks: UInt64) -> UInt64 {
        precondition(blocks <= largestBlockCount, "a log has at most 2^63 blocks")
        return blocks - UInt64(blocks.nonzeroBitCount) + blocks
    }

    /// How many nodes completing block `block` (counted from 0) adds, 1 ... 64.
    public static func added(byBlock block: UInt64) -> Int {
        1 + (~block).trailingZeroBitCount
    }

    /// Where the node of `level` and `index`, counted from the blocks, is stored.
    ///
    /// The node must be complete in a log of ``largestBlockCount`` blocks; another is an error of the caller and traps.
    /// O(1).
    public static func position(level: Int, index: UInt64) -> UInt64 {
        precondition(level >= 0 && level < UInt64.bitWidth, "levels are 0 ... 63")
        precondition(index < largestBlockCount >> UInt64(level), "the node lies past 2^63 blocks")
        let lastBlock = ((index + 1) << UInt64(level)) - 1
        return count(blocks: lastBlock) + UInt64(level)
    }

    /// The level and index, counted from the blocks, of the node stored at `position`. Any position is allowed. O(1).
    public static func node(at position: UInt64) -> (level: Int, index: UInt64) {
        // The block that added it is the last with count(blocks: block) ≤ position. As 2m − 64 ≤ count(m) ≤ 2m, it lies
        // within 32 of half the position.
        var low = position / 2
        var high = min(low + 33, largestBlockCount)
        while low < high {
            let middle = low + (high - low + 1) / 2
            if count(blocks: middle) <= position {
                low = middle
            } else {
                high = middle - 1
            }
        }
        let level = position - count(blocks: low)
        return (Int(level), low >> level)
    }
}
