internal import Digests
internal import EventFormat
internal import Merkle
internal import StoreFormat

/// Reading segments, streams and ids through any transaction.
extension Transaction where Self: ~Copyable {
    /// The number of entries. O(log n).
    borrowing func size() throws(LogError) -> UInt64 {
        let last = try lastRow(tables.segments) { key, _ throws(LogError) in
            guard key.count == 8 else { throw LogError.damaged("a segment's key has \(key.count) bytes") }
            return key.bigEndian(at: 0, as: UInt64.self)
        }
        guard let last else { return 0 }
        guard last < UInt64.max else { throw LogError.damaged("the last segment's key is out of range") }
        return last + 1
    }

    /// Calls `body` with the segment that holds entry `index`. O(log n). Throws when it is not recorded or the segment
    /// is damaged.
    borrowing func segment<R>(
        holding index: EntryIndex, _ body: (SegmentLayout, Span<UInt8>) throws(LogError) -> R
    ) throws(LogError) -> R {
        try cursor(tables.segments).segment(holding: index, body)
    }

    /// The entry `index` with its leaf hash and envelope. O(log n + size).
    borrowing func event(_ index: EntryIndex, withPayload: Bool = true) throws(LogError) -> RecordedEvent {
        try segment(holding: index) { layout, bytes throws(LogError) in
            try RecordedEvent(
                Int(index.rawValue - layout.first.rawValue), of: layout, in: bytes, withPayload: withPayload)
        }
    }

    /// The recorded leaf hash of the entry `index`. O(log n).
    borrowing func leaf(_ index: EntryIndex) throws(LogError) -> Digest {
        try segment(holding: index) { layout, bytes throws(LogError) in
            try LogError.wrapping { () throws(StoreError) in
                try layout.leaf(Int(index.rawValue - layout.first.rawValue), in: bytes)
            }
        }
    }

    /// The links of the entry `index`. O(log n).
    borrowing func link(_ index: EntryIndex) throws(LogError) -> StreamLink {
        try segment(holding: index) { layout, bytes throws(LogError) in
            layout.link(Int(index.rawValue - layout.first.rawValue), in: bytes)
        }
    }
}

extension Cursor {
    /// In the table of segments: calls `body` with the segment that holds entry `index`. O(log n). Throws when it is
    /// not recorded or the segment is damaged.
    func segment<R>(
        holding index: EntryIndex, _ body: (SegmentLayout, Span<UInt8>) throws(LogError) -> R
    ) throws(LogError) -> R {
        guard try seek(index.rawValue) else { throw LogError(.outOfRange, "entry \(index) is not recorded") }
        return try withRow { _, value throws(LogError) in
            let layout = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(value) }
            guard layout.contains(index) else { throw LogError.damaged("entry \(index) is in no segment") }
            return try body(layout, value)
        }
    }
}

extension LogError {
    static func damaged(_ what: String) -> LogError {
        LogError(.damaged, "\(what); run mohur verify to learn what is damaged")
    }

    /// Turns an error of stored bytes into one of the log.
    static func wrapping<R: ~Copyable>(_ body: () throws(StoreError) -> R) throws(LogError) -> R {
        do throws(StoreError) {
            return try body()
        } catch {
            throw LogError.damaged(error.reason)
        }
    }

    /// Decodes an entry that must have the index `expected`.
    static func decoding(_ bytes: Span<UInt8>, expecting expected: UInt64) throws(LogError) -> EntryLayout {
        let layout: EntryLayout
        do throws(FormatError) {
            layout = try EntryLayout(bytes)
        } catch {
            throw LogError.damaged("entry \(expected) is not readable: \(error)")
        }
        guard layout.index.rawValue == expected else {
            throw LogError.damaged("where entry \(expected) should be, entry \(layout.index) is stored")
        }
        return layout
    }
}
