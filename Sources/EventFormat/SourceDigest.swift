public import Digests

/// What a source's signature covers of one event: all that the source decides and nothing that the ledger adds.
///
/// The source digest is SHA-256(0x03 ‖ map), where the map is the deterministic CBOR map of the keys 4 and 7–14 that
/// the entry has, each pair as it stands in the entry (docs/format.md). It can be made before the event has a position
/// and again from the entry.
public enum SourceDigest {
    /// The prefix byte of a source digest.
    public static let prefix: UInt8 = 0x03

    /// Appends the prefix and the map's head and first pair, behind which keys 7 to 14 follow, `optionalCount` of the
    /// last four.
    fileprivate static func append(stream: Span<UInt8>, optionalCount: Int, to output: inout [UInt8]) {
        output.append(addingCapacity: 16 + stream.count) { output in
            output.append(prefix)
            output.append(.map, UInt64(5 + optionalCount))
            output.append(Entry.Key.stream)
            output.append(.text, collecting: stream)
        }
    }
}

extension Event {
    /// Encodes as ``encode(payload:into:)`` does, with `time` as that of an event that states none, and computes the
    /// source digest of the event in `stream`. O(size).
    ///
    /// The bytes that the digest covers are appended to `output` as a whole: some stand before the fields.
    public func encode(
        payload: PayloadCommitment?, to stream: StreamName, time: Timestamp, into output: inout [UInt8]
    ) -> (fields: EncodedFields, digest: Digest) {
        let start = output.count
        let count = optionalCount(payload)
        SourceDigest.append(stream: stream.text.utf8.span, optionalCount: count, to: &output)
        let fields = encodeFields(payload: payload, time: occurred ?? time, into: &output)
        return (fields, SHA256.hash(output.span.extracting(start..<output.count)))
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
        var map: [UInt8] = []
        map.reserveCapacity(16 + stream.count + fields.count)
        SourceDigest.append(
            stream: bytes.extracting(stream.start..<stream.end), optionalCount: optionalCount, to: &map)
        map.append(collecting: fields)
        return SHA256.hash(map.span)
    }
}
