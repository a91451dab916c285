internal import Digests
package import EventFormat
internal import StoreFormat

extension EventLog {
    /// Read and rewritten at most about so many bytes a commit.
    private static let removedByteCount = 16 << 20

    /// Puts zeros in the place of the payloads of entries, which ascend; the entries stay as they are, and everything
    /// else where it is. Returns how many there were to remove, once all are durably gone. Whoever calls it has
    /// recorded by whose authority.
    ///
    /// A crash leaves some of them removed; repeating the call removes the rest. A segment keeps its size, so that
    /// LMDB writes it over in the page where it lies; pages that it wrote before may keep the bytes. After a disk error
    /// the file is opened again, and the error thrown. Throws ``LogError/Code/outOfRange`` for an entry that is not
    /// recorded. O(bytes of their segments).
    package func removePayloads(of entries: [EntryIndex]) throws(LogError) -> Int {
        guard core.writer != nil else { throw LogError(.readOnly, "\(path) was opened for reading only") }
        var present: [EntryIndex] = []
        for index in entries where try hasPayload(index) { present.append(index) }
        var rest = present[...]
        while !rest.isEmpty {
            try commit { transaction throws(LogError) in
                var byteCount = 0
                while let next = rest.first, byteCount < EventLog.removedByteCount {
                    byteCount += try transaction.removePayloads(of: &rest, from: next)
                }
            }
        }
        // Another process may have removed the others and died before they were durable.
        if present.isEmpty, !entries.isEmpty { try commit { transaction throws(LogError) in try transaction.touch() } }
        return present.count
    }

    /// Whether the payload of an entry stands in the store.
    private func hasPayload(_ index: EntryIndex) throws(LogError) -> Bool {
        try read { transaction throws(LogError) in
            try transaction.segment(holding: index) { layout, bytes throws(LogError) in
                let range = try layout.envelope(of: index, in: bytes)
                return !Envelope.isRemoved(bytes.extracting(range), size: UInt64(range.count)) && !range.isEmpty
            }
        }
    }

    /// Runs `body` in a write transaction of its own, and commits. After a failure the store is opened again.
    private func commit(_ body: (inout WriteTransaction) throws(LogError) -> Void) throws(LogError) {
        let status = try core.gate.use { environment throws(LogError) in
            var transaction = try WriteTransaction(environment)
            try body(&transaction)
            return transaction.commit()
        }
        guard status != 0 else { return }
        try core.gate.reopen(core.reopen)
        throw LMDBStatus(code: status, call: "mdb_txn_commit").error
    }
}

extension WriteTransaction {
    /// Removes the payloads of those of `entries` that are in the segment of the first, `index`, and takes them off.
    /// Returns the segment's size in bytes.
    fileprivate mutating func removePayloads(
        of entries: inout ArraySlice<EntryIndex>, from index: EntryIndex
    ) throws(LogError) -> Int {
        let (layout, bytes) = try segment(holding: index) { layout, bytes throws(LogError) in
            (layout, Array(collecting: bytes))
        }
        var segment = bytes
        while let next = entries.first, layout.contains(next) {
            entries.removeFirst()
            let range = try layout.envelope(of: next, in: bytes.span)
            segment.replaceSubrange(range, with: repeatElement(0, count: range.count))
        }
        let key = [UInt8](bigEndian: layout.last.rawValue)
        try put(tables.segments, key.span, segment.span)
        return segment.count
    }
}

extension SegmentLayout {
    /// Where the envelope of the entry `index`, which is one of the segment's, lies.
    fileprivate func envelope(of index: EntryIndex, in bytes: Span<UInt8>) throws(LogError) -> Range<Int> {
        let position = Int(index.rawValue - first.rawValue)
        return try LogError.wrapping { () throws(StoreError) in try envelope(position, in: bytes) }
    }
}
