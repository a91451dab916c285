internal import Digests

/// A place in the bytes of an entry, for reading fields that are as they nearly always are.
///
/// Each call says nil or false where the bytes are not what was asked for, without saying why: ``CBORCursor`` reads
/// them again and tells. What this cursor accepts, that one accepts too, with the same value.
///
/// Safety of the unchecked loads: `has(_:)` compares with `end`, which is the span's count, before each of them; the
/// one that lies before `offset` is of eight bytes that end in a text, which begins behind the eighth byte.
struct UsualCursor {
    private(set) var offset = 0
    private let end: Int

    /// A cursor at the first byte of `bytes`; every call must be given the same bytes.
    @inline(__always)
    init(_ bytes: Span<UInt8>) {
        end = bytes.count
    }

    var isAtEnd: Bool {
        @inline(__always) get { offset == end }
    }

    /// Whether `count` more bytes are there.
    @inline(__always)
    private func has(_ count: Int) -> Bool { end - offset >= count }

    @inline(__always)
    private func load<Integer: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ type: Integer.Type, _ offset: Int, _ bytes: Span<UInt8>
    ) -> Integer {
        unsafe Integer(bigEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Integer.self))
    }

    /// Eight bytes, the first one lowest.
    @inline(__always)
    private func word(_ offset: Int, _ bytes: Span<UInt8>) -> UInt64 {
        unsafe UInt64(
            littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Goes past the byte `expected`.
    @inline(__always)
    mutating func take(_ expected: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard has(1), load(UInt8.self, offset, bytes) == expected else { return false }
        offset += 1
        return true
    }

    /// Goes past the two bytes `expected`.
    @inline(__always)
    mutating func takeTwo(_ expected: UInt16, _ bytes: Span<UInt8>) -> Bool {
        guard has(2), load(UInt16.self, offset, bytes) == expected else { return false }
        offset += 2
        return true
    }

    /// Goes past the head of a map and its first pair, of the number `key`, which must have the value `value`. Returns
    /// the number of pairs of the map, of which there are at most 16.
    @inline(__always)
    mutating func mapCount(first key: UInt8, _ value: UInt8, _ bytes: Span<UInt8>) -> Int? {
        guard has(3), load(UInt16.self, offset + 1, bytes) == UInt16(key) << 8 | UInt16(value) else { return nil }
        let head = load(UInt8.self, offset, bytes)
        guard head &- 0xa0 <= 16 else { return nil }
        offset += 3
        return Int(head &- 0xa0)
    }

    /// An unsigned integer in its shortest form.
    @inline(__always)
    mutating func unsigned(_ bytes: Span<UInt8>) -> UInt64? {
        argument(0x00, bytes)
    }

    /// An integer of either sign that fits 64 signed bits.
    @inline(__always)
    mutating func integer(_ bytes: Span<UInt8>) -> Int64? {
        guard has(1) else { return nil }
        let major = load(UInt8.self, offset, bytes) & 0x20
        guard let argument = argument(major, bytes), argument <= UInt64(Int64.max) else { return nil }
        return major == 0 ? Int64(argument) : ~Int64(argument)
    }

    /// The argument of a head of the type whose head bytes begin at `major`, in its shortest form.
    @inline(__always)
    private mutating func argument(_ major: UInt8, _ bytes: Span<UInt8>) -> UInt64? {
        guard has(1) else { return nil }
        let head = load(UInt8.self, offset, bytes) ^ major
        guard head >= 24 else {
            offset += 1
            return UInt64(head)
        }
        // 24 to 27: one, two, four or eight bytes follow. Bytes behind them are shifted out.
        guard head < 28, has(9) else { return shortArgument(head, bytes) }
        let bits = UInt64(8) << UInt64(head - 24)
        let value = load(UInt64.self, offset + 1, bytes) >> (64 - bits)
        guard value >= (head == 24 ? 24 : 1 << (bits / 2)) else { return nil }
        offset += 1 + Int(bits / 8)
        return value
    }

    /// The argument of up to four bytes of a head close to the end of the bytes.
    private mutating func shortArgument(_ head: UInt8, _ bytes: Span<UInt8>) -> UInt64? {
        if head == 24, has(2) {
            let value = load(UInt8.self, offset + 1, bytes)
            offset += 2
            return value >= 24 ? UInt64(value) : nil
        }
        if head == 25, has(3) {
            let value = load(UInt16.self, offset + 1, bytes)
            offset += 3
            return value >> 8 != 0 ? UInt64(value) : nil
        }
        if head == 26, has(5) {
            let value = load(UInt32.self, offset + 1, bytes)
            offset += 5
            return value >> 16 != 0 ? UInt64(value) : nil
        }
        return nil
    }

    /// Where a byte string of 32 bytes begins, behind the byte `key`.
    @inline(__always)
    mutating func digest(_ key: UInt8, _ bytes: Span<UInt8>) -> UInt16? {
        guard has(35), load(UInt16.self, offset, bytes) == UInt16(key) << 8 | 0x58,
            load(UInt8.self, offset + 2, bytes) == 0x20
        else { return nil }
        offset += 35
        return UInt16(truncatingIfNeeded: offset - 32)
    }

    /// Where a byte string of 16 bytes begins, behind the byte `key`.
    @inline(__always)
    mutating func id(_ key: UInt8, _ bytes: Span<UInt8>) -> UInt16? {
        guard has(18), load(UInt16.self, offset, bytes) == UInt16(key) << 8 | 0x50 else { return nil }
        offset += 18
        return UInt16(truncatingIfNeeded: offset - 16)
    }

    /// A byte string of 1 to `maximum` bytes.
    mutating func run(_ bytes: Span<UInt8>, maximum: Int) -> ByteRange? {
        guard let count = argument(0x40, bytes), count >= 1, count <= UInt64(maximum), has(Int(count)) else {
            return nil
        }
        defer { offset += Int(count) }
        return ByteRange(start: offset, count: Int(count))
    }

    /// A text of 1 to `maximum` characters of ASCII, none of them a control character.
    mutating func text(_ bytes: Span<UInt8>, maximum: Int) -> ByteRange? {
        guard let count = argument(0x60, bytes), count >= 1, count <= UInt64(maximum), has(Int(count)) else {
            return nil
        }
        let range = ByteRange(start: offset, count: Int(count))
        offset += Int(count)
        return isPrintable(range, bytes) ? range : nil
    }

    /// Whether the bytes of `range`, which lies behind the eighth byte of `bytes`, are 0x20–0x7E, eight at a time.
    @inline(__always)
    private func isPrintable(_ range: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        var place = range.start
        while range.end - place >= 8 {
            guard isPrintable(word(place, bytes)) else { return false }
            place += 8
        }
        guard place < range.end else { return true }
        // The last eight bytes, of which those before `place` are overwritten by spaces.
        precondition(range.start >= 8, "an entry's texts begin behind its eighth byte")
        let rest = UInt64(range.end - place) * 8
        return isPrintable(word(range.end - 8, bytes) & ~(.max >> rest) | 0x2020_2020_2020_2020 >> rest)
    }

    /// Whether the eight bytes of `word` are 0x20–0x7E.
    @inline(__always)
    private func isPrintable(_ word: UInt64) -> Bool {
        // Where no byte has its high bit, the sums do not carry from one byte into the next, and their high bits say
        // which bytes are 0x7F and which are below 0x20. One that has it is seen by itself.
        let (isDelete, isBelow) = (word &+ 0x0101_0101_0101_0101, ~(word &+ 0x6060_6060_6060_6060))
        return (word | isDelete | isBelow) & 0x8080_8080_8080_8080 == 0
    }
}
