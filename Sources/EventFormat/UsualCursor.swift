internal import Digests

/// A place in the bytes of an entry, for reading fields that are as they nearly always are.
///
/// Each call says nil or false where the bytes are not what was asked for, without saying why: ``CBORCursor`` reads
/// them again and tells. What this cursor accepts, that one accepts too, with the same value.
///
/// Safety of the unchecked loads: each is behind a comparison of `offset` with `end`, which is the span's count, or
/// loads eight bytes that end where a checked text ends, which lies at least eight bytes behind the span's beginning
/// because an entry's texts do.
struct UsualCursor {
    private(set) var offset = 0
    private let end: Int

    /// A cursor at the first byte of `bytes`; every call must be given the same bytes.
    init(_ bytes: Span<UInt8>) {
        end = bytes.count
    }

    var isAtEnd: Bool { offset == end }

    /// Goes past the byte `expected`.
    @inline(__always)
    mutating func take(_ expected: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard offset < end, unsafe bytes[unchecked: offset] == expected else { return false }
        offset += 1
        return true
    }

    /// The number of pairs of a map of at most 15.
    @inline(__always)
    mutating func mapCount(_ bytes: Span<UInt8>) -> Int? {
        guard offset < end else { return nil }
        let head = unsafe bytes[unchecked: offset]
        guard head & 0xf0 == 0xa0 else { return nil }
        offset += 1
        return Int(head & 15)
    }

    /// An unsigned integer in its shortest form.
    @inline(__always)
    mutating func unsigned(_ bytes: Span<UInt8>) -> UInt64? {
        argument(0x00, bytes)
    }

    /// An integer of either sign that fits 64 signed bits.
    @inline(__always)
    mutating func integer(_ bytes: Span<UInt8>) -> Int64? {
        guard offset < end else { return nil }
        let major = unsafe bytes[unchecked: offset] & 0x20
        guard let argument = argument(major, bytes), argument <= UInt64(Int64.max) else { return nil }
        return major == 0 ? Int64(argument) : ~Int64(argument)
    }

    /// The argument of a head of the type whose head bytes begin at `major`, in its shortest form.
    @inline(__always)
    private mutating func argument(_ major: UInt8, _ bytes: Span<UInt8>) -> UInt64? {
        let left = end - offset
        guard left > 0 else { return nil }
        let head = unsafe bytes[unchecked: offset] ^ major
        if head < 24 {
            offset += 1
            return UInt64(head)
        }
        switch head {
        case 27:
            guard left >= 9 else { return nil }
            let value = load(UInt64.self, offset + 1, bytes)
            guard value >> 32 != 0 else { return nil }
            offset += 9
            return value
        case 26:
            guard left >= 5 else { return nil }
            let value = load(UInt32.self, offset + 1, bytes)
            guard value >> 16 != 0 else { return nil }
            offset += 5
            return UInt64(value)
        case 25:
            guard left >= 3 else { return nil }
            let value = load(UInt16.self, offset + 1, bytes)
            guard value >> 8 != 0 else { return nil }
            offset += 3
            return UInt64(value)
        case 24:
            guard left >= 2 else { return nil }
            let value = unsafe bytes[unchecked: offset + 1]
            guard value >= 24 else { return nil }
            offset += 2
            return UInt64(value)
        default: return nil
        }
    }

    @inline(__always)
    private func load<Integer: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ type: Integer.Type, _ offset: Int, _ bytes: Span<UInt8>
    ) -> Integer {
        unsafe Integer(bigEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Integer.self))
    }

    /// Where a byte string of 32 bytes begins.
    @inline(__always)
    mutating func digest(_ bytes: Span<UInt8>) -> UInt16? {
        guard end - offset >= 34, load(UInt16.self, offset, bytes) == 0x5820 else { return nil }
        offset += 34
        return UInt16(truncatingIfNeeded: offset - 32)
    }

    /// Where a byte string of 16 bytes begins.
    @inline(__always)
    mutating func id(_ bytes: Span<UInt8>) -> UInt16? {
        guard end - offset >= 17, unsafe bytes[unchecked: offset] == 0x50 else { return nil }
        offset += 17
        return UInt16(truncatingIfNeeded: offset - 16)
    }

    /// A text of 1 to `maximum` characters of ASCII, none of them a control character.
    @inline(__always)
    mutating func text(_ bytes: Span<UInt8>, maximum: UInt64) -> ByteRange? {
        guard let count = argument(0x60, bytes), count >= 1, count <= maximum, UInt64(end - offset) >= count else {
            return nil
        }
        let range = ByteRange(start: offset, count: Int(count))
        offset += Int(count)
        return isPrintable(range, bytes) ? range : nil
    }

    /// Whether the bytes of `range`, which lies behind the eighth byte of `bytes`, are 0x20–0x7E, eight at a time.
    @inline(__always)
    private func isPrintable(_ range: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        precondition(range.end >= 8 && range.end <= end, "an entry's texts end behind its eighth byte")
        var wrong: UInt64 = 0
        var place = range.start
        while range.end - place >= 8 {
            wrong |= unprintable(load(UInt64.self, place, bytes))
            place += 8
        }
        if place < range.end {
            // The last eight bytes, of which those before `place` are overwritten by spaces.
            let rest = UInt64(range.end - place) * 8
            let last = load(UInt64.self, range.end - 8, bytes)
            wrong |= unprintable(last & ~(.max << rest) | 0x2020_2020_2020_2020 << rest)
        }
        return wrong == 0
    }

    /// Not zero when one of the eight bytes of `word` is below 0x20, 0x7F or above.
    @inline(__always)
    private func unprintable(_ word: UInt64) -> UInt64 {
        // Where no high bit is set, none of the two sums carries from one byte into the next: 0x7F + 0x60 = 0xDF.
        let low = ~((word & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x6060_6060_6060_6060)
        let delete = (word & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x0101_0101_0101_0101
        return (word | low | delete) & 0x8080_8080_8080_8080
    }
}
