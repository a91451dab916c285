internal import Digests
package import EventFormat
internal import StoreFormat

extension EventLog {
    /// Rewritten at most about so many bytes a commit.
    private static let removedByteCount = 16 << 20

    /// Puts zeros in the place of the payloads of entries, which ascend; the entries stay as they are, and everything
    /// else where it is. Returns how many there were to remove, once that is durable. Whoever calls it has recorded by
    /// whose authority.
    ///
    /// A crash leaves some of them removed; repeating the call removes the rest. A segment keeps its size, so that
    /// LMDB writes it over in the page where it lies; pages that it wrote before may keep the bytes until they are used
    /// again. Throws ``LogError/Code/outOfRange`` for an entry that is not recorded. O(bytes of their segments).
    package func removePayloads(of entries: [EntryIndex]) throws(LogError) -> Int {
        guard core.writer != nil else { throw LogError(.readOnly, "\(path) was opened for reading only") }
        var rest = entries[...]
        var count = 0
        while !rest.isEmpty {
            count += try core.gate.use { environment throws(LogError) in
                var transaction = try WriteTransaction(environment)
                var (byteCount, removed) = (0, 0)
                while let next = rest.first, byteCount < EventLog.removedByteCount {
                    let found = try transaction.removePayloads(of: &rest, from: next)
                    byteCount += found.byteCount
                    removed += found.count
                }
                guard removed > 0 else { return 0 }
                try LMDBStatus.check(transaction.commit(), "mdb_txn_commit")
                return removed
            }
        }
        return count
    }
}

extension WriteTransaction {
    /// Removes the payloads of those of `entries` that are in the segment of the first, `index`, and takes them off.
    fileprivate mutating func removePayloads(
        of entries: inout ArraySlice<EntryIndex>, from index: EntryIndex
    ) throws(LogError) -> (count: Int, byteCount: Int) {
        let (layout, bytes) = try segment(holding: index) { layout, bytes throws(LogError) in
            (layout, Array(collecting: bytes))
        }
        var segment = bytes
        var count = 0
        while let next = entries.first, layout.contains(next) {
            entries.removeFirst()
            let position = Int(next.rawValue - layout.first.rawValue)
            let range = try LogError.wrapping { () throws(StoreError) in
                try layout.envelope(position, in: bytes.span)
            }
            guard !range.isEmpty, !Envelope.isRemoved(bytes.span.extracting(range)) else { continue }
            segment.replaceSubrange(range, with: repeatElement(0, count: range.count))
            count += 1
        }
        if count > 0 {
            let key = [UInt8](bigEndian: layout.last.rawValue)
            try put(tables.segments, key.span, segment.span)
        }
        return (count, count > 0 ? segment.count : 0)
    }
}
