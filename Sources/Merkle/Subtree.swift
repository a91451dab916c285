/// A run of leaves [start, end) that hashes like a tree of its own inside every tree that holds it.
///
/// The start is a multiple of the smallest power of two that is not below the length (invariant 4;
/// draft-ietf-plants-merkle-tree-certs §4.1). The empty run is allowed at any place and hashes to
/// ``MerkleHash/emptyRoot``. The whole tree of n leaves is [0, n).
public struct Subtree: Hashable, Sendable {
    /// The first leaf.
    public let start: LeafIndex

    /// The leaf after the last.
    public let end: LeafIndex

    /// Takes [start, end).
    ///
    /// Throws `reversedRange` when the end lies before the start, and `misalignedSubtree` when no subtree of that
    /// length starts there.
    public init(start: LeafIndex, end: LeafIndex) throws(MerkleError) {
        guard start <= end else {
            throw MerkleError(.reversedRange, "the leaves [\(start), \(end)) end before they start")
        }
        guard Subtree.isAligned(start.rawValue, count: end.rawValue - start.rawValue) else {
            throw MerkleError(
                .misalignedSubtree,
                "the leaves [\(start), \(end)) are no subtree: the start must be a multiple of the power of two "
                    + "that holds the length; cover them by two subtrees instead")
        }
        self.init(start.rawValue, end.rawValue)
    }

    /// The whole tree of `size` leaves.
    public init(wholeTree size: TreeSize) {
        self.init(0, size.rawValue)
    }

    /// The range that the caller knows to be a subtree.
    init(_ start: UInt64, _ end: UInt64) {
        self.start = LeafIndex(rawValue: start)
        self.end = LeafIndex(rawValue: end)
    }

    /// The number of leaves.
    public var count: UInt64 { end.rawValue - start.rawValue }

    /// Whether there are no leaves.
    public var isEmpty: Bool { start == end }

    /// Whether `index` is one of the leaves.
    public func contains(_ index: LeafIndex) -> Bool {
        start <= index && index < end
    }

    private static func isAligned(_ start: UInt64, count: UInt64) -> Bool {
        guard start > 0, count > 1 else { return true }
        // The bits below the smallest power of two that is not below the length; all ones when that power is 2^64.
        let mask = UInt64.max >> UInt64((count - 1).leadingZeroBitCount)
        return start & mask == 0
    }
}

extension Subtree: CustomStringConvertible {
    public var description: String { "[\(start), \(end))" }
}

// MARK: - Parts

extension Subtree {
    /// Where RFC 6962 §2.1 splits these leaves: k after the start. There must be two leaves or more.
    var middle: UInt64 {
        precondition(count > 1, "only two leaves or more can be split")
        return start.rawValue + (1 << UInt64(UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount))
    }

    /// The complete nodes that make up these leaves, from left to right: one for each one bit of the length.
    var peaks: [(level: Int, index: UInt64)] {
        var nodes: [(level: Int, index: UInt64)] = []
        nodes.reserveCapacity(count.nonzeroBitCount)
        var position = start.rawValue
        while position < end.rawValue {
            let level = UInt64.bitWidth - 1 - (end.rawValue - position).leadingZeroBitCount
            nodes.append((level, position >> UInt64(level)))
            position += 1 << UInt64(level)
        }
        return nodes
    }

    /// Two adjacent subtrees that together cover [start, end) and nothing after it, with less surplus before the start
    /// than half of the first (draft-ietf-plants-merkle-tree-certs §4.5, "selecting two subtrees").
    ///
    /// Runs of no or one leaf come back as they are, beside an empty subtree. A run that is a subtree itself is split
    /// all the same. Throws `reversedRange`. O(1).
    public static func covering(
        start: LeafIndex, end: LeafIndex
    ) throws(MerkleError) -> (first: Subtree, second: Subtree) {
        guard start <= end else {
            throw MerkleError(.reversedRange, "the leaves [\(start), \(end)) end before they start")
        }
        let (low, high) = (start.rawValue, end.rawValue)
        guard high - low > 1 else { return (Subtree(low, high), Subtree(high, high)) }
        // The paths of the first and the last leaf part below the highest bit in which they differ.
        let parting = UInt64.bitWidth - 1 - (low ^ (high - 1)).leadingZeroBitCount
        let below: UInt64 = (1 << UInt64(parting)) - 1
        let middle = (high - 1) & ~below
        // The first subtree starts where the path of the first leaf last turned left below the parting.
        let turn = UInt64.bitWidth - (~low & below).leadingZeroBitCount
        let widened = low & ~((1 << UInt64(turn)) - 1)
        return (Subtree(widened, middle), Subtree(middle, high))
    }
}
