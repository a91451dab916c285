public import Digests
public import EventFormat

/// Consecutive entries that were recorded in one commit, with all that is stored beside them. Numbers are big-endian.
///
/// ```
///  0  1  version, 2          16  4  bytes of all entries
///  1  3  zero                20  4  bytes of all envelopes
///  4  4  n, entries          24  4  k, nodes
///  8  8  index of the first  28  4  zero
/// 32 32  leaf hash of the last entry
/// 64     n × 4   where each entry ends among the entries
///        n × 4   where each envelope ends among the envelopes; equal to the one before: no envelope
///        n × 16  links
///        k × 32  inner nodes
///        the entries, then the envelopes, to the end
/// ```
/// The leaf hash of any other entry is what the next one has as `previous`. Entries stand before envelopes so that a
/// scan of entries does not touch the pages of payloads.
///
/// Segments of version 1, which are read but no longer written, have the leaf hashes of all entries, between links and
/// nodes, and none in the header, which ends at 32.
public struct SegmentLayout: Hashable, Sendable {
    /// The version that is written; those below are read.
    public static let version: UInt8 = 2
    @inlinable public static var headerByteCount: Int { 64 }
    /// Bytes of tables for each entry: a file has room for fewer entries than its size divided by this.
    @inlinable public static var perEntryByteCount: Int { 4 + 4 + StreamLink.byteCount }

    public let version: UInt8
    public let first: EntryIndex
    /// The number of entries, at least 1.
    public let count: Int
    /// The number of inner nodes.
    public let nodeCount: Int
    @usableFromInline let entriesByteCount: Int
    @usableFromInline let envelopesByteCount: Int
    /// The first entry whose leaf hash is stored; all after it have theirs, too.
    @usableFromInline let firstStoredLeaf: Int
    // Where the parts begin.
    @usableFromInline let leavesOffset: Int
    @usableFromInline let entryEndsOffset: Int
    @usableFromInline let envelopeEndsOffset: Int
    @usableFromInline let linksOffset: Int
    @usableFromInline let nodesOffset: Int
    @usableFromInline let entriesOffset: Int
    @usableFromInline let envelopesOffset: Int

    /// Reads the header and checks that the parts fill `bytes` exactly. O(1).
    public init(_ bytes: Span<UInt8>) throws(StoreError) {
        guard bytes.count >= 32 else {
            throw StoreError(.damaged, "a segment has \(bytes.count) bytes, fewer than its header")
        }
        version = bytes[0]
        guard version == 1 || version == SegmentLayout.version else {
            throw StoreError(
                .unknownVersion,
                "a segment is of version \(version); this program knows 1 to \(SegmentLayout.version): use a newer one")
        }
        guard bytes[1] == 0, bytes[2] == 0, bytes[3] == 0, bytes.bigEndian(at: 28, as: UInt32.self) == 0 else {
            throw StoreError(.damaged, "reserved bytes of a segment's header are not zero")
        }
        count = Int(bytes.bigEndian(at: 4, as: UInt32.self))
        first = EntryIndex(bytes.bigEndian(at: 8))
        entriesByteCount = Int(bytes.bigEndian(at: 16, as: UInt32.self))
        envelopesByteCount = Int(bytes.bigEndian(at: 20, as: UInt32.self))
        nodeCount = Int(bytes.bigEndian(at: 24, as: UInt32.self))
        entryEndsOffset = version == 1 ? 32 : SegmentLayout.headerByteCount
        envelopeEndsOffset = entryEndsOffset + count * 4
        linksOffset = envelopeEndsOffset + count * 4
        let linksEnd = linksOffset + count * StreamLink.byteCount
        leavesOffset = version == 1 ? linksEnd : 32
        firstStoredLeaf = version == 1 ? 0 : count - 1
        nodesOffset = version == 1 ? linksEnd + count * Digest.byteCount : linksEnd
        entriesOffset = nodesOffset + nodeCount * Digest.byteCount
        envelopesOffset = entriesOffset + entriesByteCount
        let total = envelopesOffset + envelopesByteCount
        guard count >= 1, total == bytes.count else {
            throw StoreError(.damaged, "a segment of \(count) entries has \(bytes.count) bytes instead of \(total)")
        }
        guard first.rawValue <= UInt64.max - UInt64(count) else {
            throw StoreError(.damaged, "a segment's first index is \(first)")
        }
    }

    /// The index of the last entry: the segment's key.
    @inlinable public var last: EntryIndex { EntryIndex(first.rawValue + UInt64(count) - 1) }

    /// Whether the entry `index` is one of the segment's.
    @inlinable
    public func contains(_ index: EntryIndex) -> Bool { index >= first && index <= last }

    /// The bytes of the entry at `position`, 0 ..< count.
    @inlinable
    @inline(__always)
    public func entry(_ position: Int, in bytes: Span<UInt8>) throws(StoreError) -> Range<Int> {
        let range = try part(position, entryEndsOffset, entriesOffset, entriesByteCount, bytes)
        guard !range.isEmpty else { throw StoreError(.damaged, "an entry of a segment has no bytes") }
        return range
    }

    /// The bytes of the envelope at `position`, empty when the entry has none.
    @inlinable
    @inline(__always)
    public func envelope(_ position: Int, in bytes: Span<UInt8>) throws(StoreError) -> Range<Int> {
        try part(position, envelopeEndsOffset, envelopesOffset, envelopesByteCount, bytes)
    }

    @inlinable
    @inline(__always)
    func part(
        _ position: Int, _ table: Int, _ base: Int, _ size: Int, _ bytes: Span<UInt8>
    ) throws(StoreError) -> Range<Int> {
        precondition(position >= 0 && position < count, "a position outside its segment")
        let start = position == 0 ? 0 : Int(bytes.bigEndian(at: table + (position - 1) * 4, as: UInt32.self))
        let end = Int(bytes.bigEndian(at: table + position * 4, as: UInt32.self))
        guard start <= end, end <= size, position < count - 1 || end == size else {
            throw StoreError(.damaged, "the parts of a segment overlap or leave it")
        }
        return base + start..<base + end
    }

    /// Whether the leaf hash of the entry at `position` is stored by itself, rather than in the entry after it.
    @inlinable
    public func storesLeaf(_ position: Int) -> Bool { position >= firstStoredLeaf }

    /// The recorded leaf hash of the entry at `position`: the stored one, or what the next entry has as `previous`.
    /// O(1). Throws when the next entry does not begin as it should.
    @inlinable
    public func leaf(_ position: Int, in bytes: Span<UInt8>) throws(StoreError) -> Digest {
        precondition(position >= 0 && position < count, "a position outside its segment")
        if storesLeaf(position) {
            return Digest(copying: bytes, at: leavesOffset + (position - firstStoredLeaf) * Digest.byteCount)
        }
        // The next entry begins where this one ends; its own end is no matter here.
        let start = min(Int(bytes.bigEndian(at: entryEndsOffset + position * 4, as: UInt32.self)), entriesByteCount)
        let index = EntryIndex(first.rawValue + UInt64(position) + 1)
        let rest = bytes.extracting(entriesOffset + start..<envelopesOffset)
        guard let offset = EntryLayout.previousOffset(of: index, in: rest) else {
            throw StoreError(.damaged, "entry \(index), which names the leaf hash of the one before, is damaged")
        }
        return Digest(copying: rest, at: offset)
    }

    /// The stored links at `position`.
    @inlinable
    @inline(__always)
    public func link(_ position: Int, in bytes: Span<UInt8>) -> StreamLink {
        let offset = linksOffset + position * StreamLink.byteCount
        return StreamLink(
            previous: StreamLink.index(bytes.bigEndian(at: offset)),
            jump: StreamLink.index(bytes.bigEndian(at: offset + 8)))
    }

    /// The stored inner node at `position`, 0 ..< nodeCount.
    @inlinable
    public func node(_ position: Int, in bytes: Span<UInt8>) -> Digest {
        Digest(copying: bytes, at: nodesOffset + position * Digest.byteCount)
    }
}
