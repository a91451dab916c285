public import Digests

/// What a source's signature covers of one event: all that the source decides and nothing that the ledger adds.
///
/// The source digest is SHA-256(0x03 ‖ map), where the map is the deterministic CBOR map of the keys 4 and 7–14 that
/// the entry has, each pair as it stands in the entry (docs/format.md). It can be made before the event has a position
/// and again from the entry.
public enum SourceDigest {
    /// The prefix byte of a source digest.
    public static let prefix: UInt8 = 0x03

    /// The digest over the map of the stream named `stream` and `fields`, which are keys 7 to 14, `optionalCount` of
    /// the last four.
    fileprivate static func make(stream: Span<UInt8>, fields: Span<UInt8>, optionalCount: Int) -> Digest {
        let head = [UInt8](capacity: 8 + stream.count) { output in
            output.append(.map, UInt64(5 + optionalCount))
            output.append(Entry.Key.stream)
            output.append(.text, collecting: stream)
        }
        return SHA256.hash(prefix: prefix, head.span, fields)
    }
}

extension EncodedFields {
    /// The source digest of the event whose fields these are, in `stream`. O(size).
    ///
    /// The event must state its time: the moment of recording is the ledger's, not the source's.
    public func sourceDigest(in bytes: Span<UInt8>, stream: StreamName) -> Digest {
        precondition(statesTime, "a signed event states its time")
        return SourceDigest.make(
            stream: stream.text.utf8.span, fields: bytes.extracting(start..<end), optionalCount: optionalCount)
    }
}

extension EntryLayout {
    /// The source digest of the entry whose bytes are `bytes`. O(size).
    public func sourceDigest(in bytes: Span<UInt8>) -> Digest {
        var optionalCount = 0
        if payload != nil { optionalCount += 1 }
        if schema != nil { optionalCount += 1 }
        if correlationOffset != 0 { optionalCount += 1 }
        if causationOffset != 0 { optionalCount += 1 }
        // Before an id stand its key and the head of its byte string, a byte each.
        let fields = bytes.extracting(Int(idOffset) - 2..<(append.map { Int($0.start) } ?? bytes.count))
        return SourceDigest.make(
            stream: bytes.extracting(stream.start..<stream.end), fields: fields, optionalCount: optionalCount)
    }
}
