public import Digests
internal import Merkle

/// The entries of a level-0 tile, one behind the other, each behind its length in two bytes (C2SP tlog-tiles, "Log
/// entries").
public struct EntryBundle: Hashable, Sendable {
    /// The most bytes of an entry, 65,535: what two bytes can count.
    public static let maximumEntryByteCount = Int(UInt16.max)

    /// The most bytes of a bundle: 256 entries of the most bytes.
    public static let maximumByteCount = Tile.fullWidth * (2 + maximumEntryByteCount)

    /// The bundle as it is stored and served.
    public let bytes: [UInt8]

    /// Where each entry's own bytes are in ``bytes``.
    public let ranges: [Range<Int>]

    /// The number of entries, 1 … 256.
    public var count: Int { ranges.count }

    /// Reads a bundle of exactly `width` entries, 1 … 256: a tile's width is in its path. O(entries).
    ///
    /// Throws `malformedBundle` or `tooLarge`.
    public init(_ bytes: [UInt8], width: Int) throws(TransparencyError) {
        guard (1...Tile.fullWidth).contains(width) else {
            throw TransparencyError(.malformedBundle, "a bundle has 1 to \(Tile.fullWidth) entries, not \(width)")
        }
        guard bytes.count <= EntryBundle.maximumByteCount else {
            throw TransparencyError(
                .tooLarge, "the bundle has \(bytes.count) bytes; at most \(EntryBundle.maximumByteCount) are allowed")
        }
        let (ranges, end) = EntryBundle.ranges(in: bytes, atMost: width)
        guard ranges.count == width else { throw EntryBundle.cut(ranges.count, width) }
        guard end == bytes.count else {
            throw TransparencyError(
                .malformedBundle, "\(bytes.count - end) bytes follow the \(width) entries of the bundle")
        }
        self.bytes = bytes
        self.ranges = ranges
    }

    /// Where the own bytes of the first entries of `bytes` are, `width` of them or as many as are whole, and where the
    /// last one ends: what a verifier needs of a bundle that may be damaged. O(entries).
    public static func ranges(in bytes: [UInt8], atMost width: Int) -> (ranges: [Range<Int>], end: Int) {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(width)
        var end = 0
        while ranges.count < width, bytes.count - end >= 2 {
            let (start, count) = (end + 2, Int(bytes[end]) << 8 | Int(bytes[end + 1]))
            guard bytes.count - start >= count else { break }
            end = start + count
            ranges.append(start..<end)
        }
        return (ranges, end)
    }

    /// A bundle of 1 … 256 entries.
    ///
    /// Throws `malformedBundle` for another number of them, or `tooLarge` for an entry of more than 65,535 bytes.
    public init(entries: [[UInt8]]) throws(TransparencyError) {
        guard (1...Tile.fullWidth).contains(entries.count) else {
            throw TransparencyError(
                .malformedBundle, "a bundle has 1 to \(Tile.fullWidth) entries, not \(entries.count)")
        }
        var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
        for entry in entries {
            try EntryBundle.append(entry.span, to: &bytes)
            ranges.append(bytes.count - entry.count..<bytes.count)
        }
        self.bytes = bytes
        self.ranges = ranges
    }

    /// Appends an entry behind its length: a bundle is made by as many calls as it has entries.
    ///
    /// Throws `tooLarge`, and then appends nothing.
    public static func append(_ entry: Span<UInt8>, to bundle: inout [UInt8]) throws(TransparencyError) {
        guard let count = UInt16(exactly: entry.count) else {
            throw TransparencyError(
                .tooLarge, "the entry has \(entry.count) bytes; at most \(maximumEntryByteCount) are allowed")
        }
        bundle.append(bigEndian: count)
        bundle.append(collecting: entry)
    }

    /// The bytes of the entry at `place`, counted from 0 in the bundle; traps when there is none.
    public subscript(place: Int) -> [UInt8] { Array(bytes[ranges[place]]) }

    /// The leaf hashes: what the level-0 tile of the same path holds. One hash an entry.
    public var leaves: [Digest] {
        let bytes = bytes
        return ranges.map { MerkleHash.leaf(bytes.span.extracting($0)) }
    }

    private static func cut(_ place: Int, _ width: Int) -> TransparencyError {
        TransparencyError(.malformedBundle, "the bundle ends within entry \(place) of \(width)")
    }
}
