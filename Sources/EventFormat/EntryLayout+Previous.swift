public import Digests

extension EntryLayout {
    /// Where `previous` begins in the bytes of entry `index`, without decoding the rest; nil when they do not begin as
    /// that entry's do, or end too early. O(1).
    ///
    /// In front of it stand the map's head, key 0 with the version, key 1 with the index, and key 2 with the head of a
    /// byte string of 32: all of them are compared, so that a place in other bytes is not taken for it.
    @inlinable
    public static func previousOffset(of index: EntryIndex, in bytes: Span<UInt8>) -> Int? {
        let number = index.rawValue
        let (head, width): (UInt8, Int) =
            switch number {
            case 0..<24: (UInt8(truncatingIfNeeded: number), 0)
            case 24..<1 << 8: (24, 1)
            case 1 << 8..<1 << 16: (25, 2)
            case 1 << 16..<1 << 32: (26, 4)
            default: (27, 8)
            }
        let offset = 8 + width
        guard bytes.count >= offset + Digest.byteCount,
            bytes.bigEndian(at: 0, as: UInt32.self) & 0xe0ff_ffff == 0xa000_0101, bytes[4] == head,
            width == 0 || bytes.bigEndian(at: 5, as: UInt64.self) >> UInt64(64 - 8 * width) == number,
            bytes.bigEndian(at: offset - 4, as: UInt32.self) & 0x00ff_ffff == 0x0002_5820
        else { return nil }
        return offset
    }
}
