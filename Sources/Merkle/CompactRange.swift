public import Digests

/// The right edge of a tree: its size and its peaks, which is all that is needed to append leaves and to give the root.
///
/// The peaks are the roots of the largest complete nodes from left to right, one for each one bit of the size
/// (invariant 3). A copy shares storage until either side appends.
public struct CompactRange: Sendable, Equatable {
    /// The largest size that can be restored, 2^63: so no number of appends that anyone can make overflows.
    public static let largestSize = TreeSize(rawValue: 1 << 63)

    /// The number of leaves.
    public private(set) var size: TreeSize

    /// The hashes of the peaks, the largest first; at most 64.
    public private(set) var peaks: [Digest]

    /// The empty tree.
    public init() {
        size = 0
        peaks = []
        peaks.reserveCapacity(UInt64.bitWidth)
    }

    /// Restores a range from what ``size`` and ``peaks`` said.
    ///
    /// Throws `sizeTooLarge` above ``largestSize``, and `peakCount` when the number of peaks is not the number of one
    /// bits of `size`. Whether the peaks are the right ones only the root can tell.
    public init(size: TreeSize, peaks: [Digest]) throws(MerkleError) {
        guard size <= CompactRange.largestSize else {
            throw MerkleError(.sizeTooLarge, "a compact range of \(size) leaves exceeds the limit of 2^63")
        }
        let expected = size.rawValue.nonzeroBitCount
        guard peaks.count == expected else {
            throw MerkleError(
                .peakCount,
                "a tree of \(size) leaves has \(expected) peaks, but \(peaks.count) were given")
        }
        self.size = size
        self.peaks = []
        self.peaks.reserveCapacity(UInt64.bitWidth)
        self.peaks.append(contentsOf: peaks)
    }

    /// MTH of the leaves so far (RFC 6962 §2.1): at most 63 node hashes.
    public var root: Digest {
        guard var hash = peaks.last else { return MerkleHash.emptyRoot }
        for peak in peaks.dropLast().reversed() {
            hash = MerkleHash.node(peak, hash)
        }
        return hash
    }
}

// MARK: - Appending

extension CompactRange {
    /// Appends the hash of one leaf: amortised one node hash, at most 63, and no allocation while this copy is the
    /// only one.
    public mutating func append(_ leaf: Digest) {
        append(leaf) { _, _, _ in }
    }

    /// Appends the hash of one leaf and shows `visit` the level, index and hash of every inner node that it completes,
    /// from level 1 upwards. Complete nodes never change (invariant 2), so they may be stored at once.
    ///
    /// When `visit` throws, its error is thrown on and the range is as it was before.
    public mutating func append<E: Error>(
        _ leaf: Digest,
        visit: (_ level: Int, _ index: UInt64, _ hash: Digest) throws(E) -> Void
    ) throws(E) {
        let completed = (~size.rawValue).trailingZeroBitCount
        var hash = leaf
        for level in 0..<completed {
            hash = MerkleHash.node(peaks[peaks.count - 1 - level], hash)
            try visit(level + 1, size.rawValue >> UInt64(level + 1), hash)
        }
        peaks.removeLast(completed)
        peaks.append(hash)
        size.rawValue += 1
    }
}
