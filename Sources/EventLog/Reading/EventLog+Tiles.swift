package import Digests
package import EventFormat
internal import Merkle
internal import StoreFormat

extension EventLog {
    /// Shows `body` the entries from `start` on, below `end`, as they are stored: the leaf hash recorded of an entry,
    /// and the entry's bytes, not compared with it.
    ///
    /// The bytes are valid during the call only. No view of the store is held for more than 8,192 entries or about 4
    /// MiB of them, so `body` should be quick. Throws `outOfRange` when `end` is beyond what is recorded. O(entries).
    package func forEachStoredEntry(
        from start: EntryIndex, below end: EntryIndex, _ body: (Digest, Span<UInt8>) -> Void
    ) throws(LogError) {
        var next = start.rawValue
        while next < end.rawValue {
            let first = next
            try read { transaction throws(LogError) in
                var byteCount = 0
                let limit = min(end.rawValue, first + UInt64(ReadLimit.entryCount))
                let key = [UInt8](bigEndian: first)
                try transaction.forEachRow(transaction.tables.segments, from: key.span) { _, value throws(LogError) in
                    let segment = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(value) }
                    guard segment.contains(EntryIndex(next)) else {
                        throw LogError.damaged("entry \(next) is in no segment")
                    }
                    while next < limit, next <= segment.last.rawValue, byteCount < ReadLimit.byteCount {
                        let position = Int(next - segment.first.rawValue)
                        let (leaf, range) = try LogError.wrapping { () throws(StoreError) in
                            (try segment.leaf(position, in: value), try segment.entry(position, in: value))
                        }
                        body(leaf, value.extracting(range))
                        byteCount += range.count
                        next += 1
                    }
                    return next < limit && byteCount < ReadLimit.byteCount
                }
            }
            guard next > first else { throw LogError(.outOfRange, "entry \(next) is not recorded") }
        }
    }

    /// The hashes of the complete tree nodes `indexes` of `level`, at most 8,192 of them, in order.
    ///
    /// Throws `outOfRange` when one is not complete yet. O(nodes · log n).
    package func nodes(level: Int, _ indexes: Range<UInt64>) throws(LogError) -> [Digest] {
        precondition(indexes.count <= ReadLimit.entryCount, "one call reads a bounded number of nodes")
        return try read { transaction throws(LogError) in
            let nodes = try StoredNodes(transaction)
            var hashes: [Digest] = []
            hashes.reserveCapacity(indexes.count)
            for index in indexes { hashes.append(try nodes.node(level: level, index: index)) }
            return hashes
        }
    }
}
