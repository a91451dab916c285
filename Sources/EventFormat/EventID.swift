public import Digests

/// The name of an event for ever: a UUID (RFC 9562), 16 bytes.
///
/// Appending an event whose id is recorded already records nothing, so a source that may retry must choose the id
/// before its first try.
public struct EventID: Hashable, Sendable {
    /// The number of bytes of every id.
    @inlinable public static var byteCount: Int { 16 }

    /// The first eight bytes as a number, most significant first.
    @usableFromInline package let high: UInt64
    /// The last eight bytes.
    @usableFromInline package let low: UInt64

    @inlinable
    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new UUID of version 7, greater than every other that this process has made.
    public init() {
        self = IdentifierClock.shared.next()
    }

    /// Takes a copy of the 16 bytes of `span` from `offset`; traps when fewer are there.
    @inlinable
    @inline(__always)
    public init(copying span: Span<UInt8>, at offset: Int = 0) {
        precondition(offset >= 0 && span.count - offset >= EventID.byteCount, "an event id needs 16 bytes")
        self.init(high: span.bigEndian(at: offset), low: span.bigEndian(at: offset + 8))
    }

    /// Takes a copy of `bytes`, or nil when they are not exactly 16.
    public init?(bytes: [UInt8]) {
        guard bytes.count == EventID.byteCount else { return nil }
        self.init(copying: bytes.span)
    }

    /// Reads `018f4e2a-…` (8-4-4-4-12 hexadecimal digits of either case), or returns nil.
    public init?(uuid text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count == 36, [8, 13, 18, 23].allSatisfy({ characters[$0] == UInt8(ascii: "-") }) else {
            return nil
        }
        let digits = characters.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32, let bytes = Hex.decode(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.init(bytes: bytes)
    }

    /// An id made from what it names, so that recording the same thing again is recognised: a UUID of version 8 whose
    /// first 48 bits are `moment` in milliseconds (ids that follow time keep the id index compact) and whose other
    /// bits are SHA-256 of `parts`.
    ///
    /// Each part is hashed with its length before it, so that no two lists of parts give the same bytes.
    public init(naming parts: [[UInt8]], at moment: Timestamp) {
        var input: [UInt8] = Array("mohur/event-id/v1".utf8)
        for part in parts {
            input.append(bigEndian: UInt64(part.count))
            input.append(contentsOf: part)
        }
        let digest = SHA256.hash(input.span).bytes
        self.init(milliseconds: moment.microseconds / 1000, random: Array(digest.prefix(10)), version: 8)
    }

    /// Forty-eight bits of `milliseconds`, then the version, then 74 bits of `random` (10 bytes, RFC 9562 §5.7 and
    /// §5.8).
    init(milliseconds: Int64, random: [UInt8], version: UInt64) {
        let stamp = UInt64(max(0, milliseconds)) & 0xffff_ffff_ffff
        var tail: UInt64 = 0
        for byte in random[2..<10] { tail = tail << 8 | UInt64(byte) }
        let first = UInt64(random[0]) << 8 | UInt64(random[1])
        self.init(high: stamp << 16 | version << 12 | first & 0xfff, low: 2 << 62 | tail & 0x3fff_ffff_ffff_ffff)
    }

    /// The 16 bytes as a new array.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(EventID.byteCount)
        append(to: &output)
        return output
    }

    /// Appends the 16 bytes to `output`.
    public func append(to output: inout [UInt8]) {
        output.append(bigEndian: high)
        output.append(bigEndian: low)
    }
}

extension EventID: Comparable {
    public static func < (left: EventID, right: EventID) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

extension EventID: CustomStringConvertible {
    /// Lowercase, 8-4-4-4-12.
    public var description: String {
        let hex = Array(Hex.encode(bytes).utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, character) in hex.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(character)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
