internal import Digests

extension EncodedFields {
    /// Whether the entry whose bytes are `entry` and whose decoding is `layout` has these fields, which lie in `bytes`.
    /// The time of recording counts as that of an event that states none. O(size).
    ///
    /// Among the fields is the salted digest of the payload, so that an entry with one has only the fields of the very
    /// append that it was made of.
    public func areRecorded(in entry: Span<UInt8>, _ layout: EntryLayout, from bytes: Span<UInt8>) -> Bool {
        let (begin, middle) = (Int(layout.idOffset) - 2, layout.source.end)
        let behind = layout.append.map { Int($0.start) } ?? entry.count
        var rest = middle
        if !statesTime {
            guard layout.occurred == layout.recorded else { return false }
            // Key 10, and the head of a number with the bytes that it says follow: 24 is one, 25 two, 26 four …
            let information = entry[middle + 1] & 31
            rest += 2 + (information < 24 ? 0 : 1 << (Int(information) - 24))
        }
        return entry.extracting(begin..<middle).isSame(as: bytes.extracting(start..<timeOffset))
            && entry.extracting(rest..<behind).isSame(as: bytes.extracting(timeOffset..<end))
    }
}
