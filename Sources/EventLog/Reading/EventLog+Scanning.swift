internal import Digests
public import EventFormat
internal import StoreFormat

extension EventLog {
    /// Shows `body` the entries from `start` on, below `end`, in order, where they lie in the file, until it says
    /// false; returns the index after the last one shown.
    ///
    /// Each entry is decoded strictly, but nothing is copied: the second argument is the entry's bytes, which the first
    /// describes. They are valid during the call only. Hashes are not compared; `mohur verify` does that. Without
    /// `end`, the scan ends behind what is recorded when it begins. No view of the store is held for more than 8,192
    /// entries, so `body` should be quick. O(entries).
    @discardableResult
    public func scan(
        from start: EntryIndex = 0, below end: EntryIndex? = nil, _ body: (EntryLayout, Span<UInt8>) -> Bool
    ) throws(LogError) -> EntryIndex {
        let size = try self.size()
        let stop = min(end?.rawValue ?? size, size)
        var next = start.rawValue
        var goesOn = true
        while next < stop, goesOn {
            let first = next
            let limit = next + min(stop - next, UInt64(ReadLimit.entryCount))
            try read { transaction throws(LogError) in
                let key = [UInt8](bigEndian: next)
                try transaction.forEachRow(transaction.tables.segments, from: key.span) { _, value throws(LogError) in
                    let segment = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(value) }
                    guard segment.contains(EntryIndex(next)) else {
                        throw LogError.damaged("entry \(next) is in no segment")
                    }
                    while goesOn, next < limit, next <= segment.last.rawValue {
                        let entry = try StoredEntry(Int(next - segment.first.rawValue), of: segment, in: value)
                        goesOn = body(entry.layout, value.extracting(entry.range))
                        next += 1
                    }
                    return goesOn && next < limit
                }
            }
            guard next > first else { throw LogError.damaged("entry \(next) is in no segment") }
        }
        return EntryIndex(next)
    }
}
