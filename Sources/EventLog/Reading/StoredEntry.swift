internal import Digests
internal import EventFormat
internal import Merkle
internal import StoreFormat

/// An entry where it lies in a segment, decoded but not copied.
struct StoredEntry {
    let layout: EntryLayout
    /// Where the entry's bytes lie in the segment's.
    let range: Range<Int>
    private let segment: SegmentLayout
    private let position: Int

    /// Decodes the entry at `position` of the segment whose bytes are `bytes`.
    init(_ position: Int, of segment: SegmentLayout, in bytes: Span<UInt8>) throws(LogError) {
        do throws(StoreError) {
            range = try segment.entry(position, in: bytes)
        } catch {
            throw LogError.damaged(error.reason)
        }
        self.segment = segment
        self.position = position
        layout = try LogError.decoding(
            bytes.extracting(range), expecting: segment.first.rawValue + UInt64(position))
    }

    /// The entry with what is stored beside it; `bytes` are the segment's. Texts that `texts` knows are not copied.
    ///
    /// With its payload, it is what was recorded or an error: the entry is compared with its leaf hash and the payload
    /// with the digest that the entry states. Without, the bytes are decoded only, for scans that look for something.
    func event(
        withPayload: Bool, _ bytes: Span<UInt8>, _ texts: inout TextCache
    ) throws(LogError) -> RecordedEvent {
        let part = bytes.extracting(range)
        let leaf = try leaf(bytes)
        let (envelope, isRemoved) = withPayload ? try envelope(part, leaf, bytes) : (nil, false)
        return RecordedEvent(
            entry: Entry(layout, in: part, &texts), leaf: leaf, envelope: envelope, isPayloadRemoved: isRemoved)
    }

    /// As ``event(withPayload:_:_:)``, for one event alone.
    func event(withPayload: Bool, _ bytes: Span<UInt8>) throws(LogError) -> RecordedEvent {
        let part = bytes.extracting(range)
        let leaf = try leaf(bytes)
        let (envelope, isRemoved) = withPayload ? try envelope(part, leaf, bytes) : (nil, false)
        return RecordedEvent(
            entry: Entry(layout, in: part), leaf: leaf, envelope: envelope, isPayloadRemoved: isRemoved)
    }

    /// The recorded leaf hash.
    private func leaf(_ bytes: Span<UInt8>) throws(LogError) -> Digest {
        try LogError.wrapping { () throws(StoreError) in try segment.leaf(position, in: bytes) }
    }

    /// The stored envelope, nil when the entry has none or its payload was removed, after comparing both with their
    /// hashes.
    private func envelope(
        _ part: Span<UInt8>, _ leaf: Digest, _ bytes: Span<UInt8>
    ) throws(LogError) -> (bytes: [UInt8]?, isRemoved: Bool) {
        guard MerkleHash.leaf(part) == leaf else {
            throw LogError.damaged(
                "entry \(layout.index) does not have the leaf hash that is recorded for it: "
                    + "it or what names it was altered")
        }
        guard let digest = layout.payloadDigest(in: part) else { return (nil, false) }
        let place = try LogError.wrapping { () throws(StoreError) in try segment.envelope(position, in: bytes) }
        let stored = bytes.extracting(place)
        guard Envelope.digest(stored) == digest else {
            if Envelope.isRemoved(stored, size: layout.payload?.size ?? 0) { return (nil, true) }
            throw LogError.damaged(
                "the payload of entry \(layout.index) does not have the digest that the entry states")
        }
        return (Array(collecting: stored), false)
    }
}

extension RecordedEvent {
    /// Decodes the entry at `position` of a segment.
    init(
        _ position: Int, of segment: SegmentLayout, in bytes: Span<UInt8>, withPayload: Bool
    ) throws(LogError) {
        self = try StoredEntry(position, of: segment, in: bytes).event(withPayload: withPayload, bytes)
    }
}
