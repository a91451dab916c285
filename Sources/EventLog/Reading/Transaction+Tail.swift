internal import Digests
internal import EventFormat
internal import Merkle
internal import StoreFormat

extension Transaction where Self: ~Copyable {
    /// The log's tail from the stored bytes. O(log n).
    borrowing func tail() throws(LogError) -> LogTail {
        let size = try size()
        guard size > 0 else { return LogTail() }
        let last = try event(EntryIndex(size - 1), withPayload: false)
        let nodes = try StoredNodes(self)
        let tree = try LogError.generating { () throws(GenerationError<LogError>) in
            try nodes.compactRange(size: TreeSize(size))
        }
        return LogTail(leaf: last.leaf, recorded: last.recorded, tree: tree)
    }

    /// Checks the right edge of the tree against the last entries, so that a store whose end is damaged is not written
    /// on.
    ///
    /// Recomputes the leaf hashes and links of the last entries, and each peak of the tree from its children. O(log
    /// n).
    borrowing func checkRightEdge() throws(LogError) {
        let size = try size()
        guard size > 0 else { throw LogError.damaged("the ledger has no entries") }
        try checkLastEntries(size: size)
        try checkPeaks(size: size)
        try checkIndexes(size: size)
    }

    /// The newest entry that the index tables cover is the newest of its stream there, and has its id's row.
    private borrowing func checkIndexes(size: UInt64) throws(LogError) {
        let indexed = try indexedSize(of: size)
        guard indexed > 0 else { return }
        let last = try event(EntryIndex(indexed - 1), withPayload: false)
        guard let head = try indexedHead(of: last.stream), head.index == last.index, head.revision == last.revision
        else {
            throw LogError.damaged("the index of streams does not name the entry \(last.index)")
        }
        guard try indexedIndex(of: last.id) == last.index else {
            throw LogError.damaged("the index of ids does not name the entry \(last.index)")
        }
    }

    private borrowing func checkLastEntries(size: UInt64) throws(LogError) {
        let first = size > 32 ? size - 32 : 0
        var previous = first == 0 ? Digest.zero : try StoredNodes(self).node(level: 0, index: first - 1)
        for number in first..<size {
            let stored = try event(EntryIndex(number), withPayload: false)
            let leaf = try segment(holding: EntryIndex(number)) { layout, bytes throws(LogError) in
                let range = try LogError.wrapping { () throws(StoreError) in
                    try layout.entry(Int(number - layout.first.rawValue), in: bytes)
                }
                return MerkleHash.leaf(bytes.extracting(range))
            }
            guard leaf == stored.leaf else {
                throw LogError.damaged("entry \(number) does not have the leaf hash that is recorded for it")
            }
            guard stored.entry.previous == previous else {
                throw LogError.damaged("entry \(number) does not follow entry \(number - 1)")
            }
            previous = leaf
        }
    }

    private borrowing func checkPeaks(size: UInt64) throws(LogError) {
        let nodes = try StoredNodes(self)
        var start: UInt64 = 0
        for level in stride(from: 63, through: StoreLayout.nodeBaseLevel, by: -1) where size >> UInt64(level) & 1 == 1 {
            let index = start >> UInt64(level)
            let left = try nodes.node(level: level - 1, index: index * 2)
            let right = try nodes.node(level: level - 1, index: index * 2 + 1)
            guard try nodes.node(level: level, index: index) == MerkleHash.node(left, right) else {
                throw LogError.damaged(
                    "the tree's node over entries \(start) to \(start + (1 << UInt64(level)) - 1) is not the hash of its children"
                )
            }
            start += 1 << UInt64(level)
        }
    }
}

extension LogError {
    /// Turns an error of proof generation into one of the log.
    static func generating<R>(_ body: () throws(GenerationError<LogError>) -> R) throws(LogError) -> R {
        do throws(GenerationError<LogError>) {
            return try body()
        } catch {
            switch error {
            case .source(let failure): throw failure
            case .refused(let problem): throw LogError(.outOfRange, problem.reason)
            }
        }
    }
}
