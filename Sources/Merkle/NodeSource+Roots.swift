public import Digests

extension NodeSource {
    /// MTH of the first `size` leaves.
    ///
    /// Reads one node for each one bit of `size`, at most 64.
    public func root(size: TreeSize) throws(Failure) -> Digest {
        try hash(of: Subtree(wholeTree: size))
    }

    /// MTH of the leaves of `subtree` (invariant 4).
    ///
    /// Reads one node for each one bit of its length, at most 64.
    public func hash(of subtree: Subtree) throws(Failure) -> Digest {
        if subtree.count.nonzeroBitCount == 1 {
            // Aligned, so a node of the tree.
            let level = subtree.count.trailingZeroBitCount
            return try node(level: level, index: subtree.start.rawValue >> UInt64(level))
        }
        let peaks = subtree.peaks
        guard let last = peaks.last else { return MerkleHash.emptyRoot }
        var hash = try node(level: last.level, index: last.index)
        for peak in peaks.dropLast().reversed() {
            hash = MerkleHash.node(try node(level: peak.level, index: peak.index), hash)
        }
        return hash
    }

    /// The right edge of the tree of the first `size` leaves, from which it can be continued.
    ///
    /// Reads one node for each one bit of `size`, at most 63. Refuses sizes above ``CompactRange/largestSize``
    /// (`sizeTooLarge`) before reading.
    public func compactRange(size: TreeSize) throws(GenerationError<Failure>) -> CompactRange {
        var peaks: [Digest] = []
        if size <= CompactRange.largestSize {
            for peak in Subtree(wholeTree: size).peaks {
                peaks.append(try read(level: peak.level, index: peak.index))
            }
        }
        do throws(MerkleError) {
            return try CompactRange(size: size, peaks: peaks)
        } catch {
            throw .refused(error)
        }
    }

    private func read(level: Int, index: UInt64) throws(GenerationError<Failure>) -> Digest {
        do throws(Failure) {
            return try node(level: level, index: index)
        } catch {
            throw .source(error)
        }
    }
}
