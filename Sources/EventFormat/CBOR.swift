internal import Digests

/// The part of deterministic CBOR (RFC 8949 §4.2.1) that entries use: unsigned and negative integers, byte and text
/// strings, arrays and maps of definite length, every head in its shortest form.
enum CBOR {
    enum Major: UInt8 {
        case unsigned = 0
        case negative = 1
        case bytes = 2
        case text = 3
        case array = 4
        case map = 5

        var name: String {
            switch self {
            case .unsigned: "an unsigned integer"
            case .negative: "a negative integer"
            case .bytes: "a byte string"
            case .text: "a text string"
            case .array: "an array"
            case .map: "a map"
            }
        }
    }
}

/// A place in bytes being decoded. Every read checks that the bytes are there, and names the offset when they are not
/// what the format asks for.
struct CBORCursor {
    var offset = 0

    private mutating func byte(_ bytes: Span<UInt8>) throws(FormatError) -> UInt8 {
        guard offset < bytes.count else {
            throw FormatError(.truncated, "the bytes end inside an item", at: offset)
        }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// Reads the head of an item: its type and its argument, which must be in the shortest form.
    mutating func head(_ bytes: Span<UInt8>) throws(FormatError) -> (major: CBOR.Major, argument: UInt64) {
        let start = offset
        let first = try byte(bytes)
        guard let major = CBOR.Major(rawValue: first >> 5) else {
            throw FormatError(.wrongType, "CBOR tags, simple values and floats have no place in an entry", at: start)
        }
        let width: Int
        switch first & 31 {
        case let small where small < 24: return (major, UInt64(small))
        case 24: width = 1
        case 25: width = 2
        case 26: width = 4
        case 27: width = 8
        default:
            throw FormatError(.notCanonical, "indefinite lengths and reserved heads are refused", at: start)
        }
        var argument: UInt64 = 0
        for _ in 0..<width { argument = argument << 8 | UInt64(try byte(bytes)) }
        let least: UInt64 = width == 1 ? 24 : 1 << UInt64(width * 4)
        guard argument >= least else {
            throw FormatError(.notCanonical, "\(argument) is not written in its shortest form", at: start)
        }
        return (major, argument)
    }

    /// Reads the head of an item that must be of type `expected`.
    mutating func head(_ bytes: Span<UInt8>, _ expected: CBOR.Major, for field: StaticString) throws(FormatError)
        -> UInt64
    {
        let start = offset
        let (major, argument) = try head(bytes)
        guard major == expected else {
            throw FormatError(.wrongType, "\(field) is \(major.name); it must be \(expected.name)", at: start)
        }
        return argument
    }

    /// Reads an integer of either sign that fits 64 signed bits.
    mutating func integer(_ bytes: Span<UInt8>, for field: StaticString) throws(FormatError) -> Int64 {
        let start = offset
        let (major, argument) = try head(bytes)
        guard major == .unsigned || major == .negative else {
            throw FormatError(.wrongType, "\(field) is \(major.name); it must be an integer", at: start)
        }
        guard argument <= UInt64(Int64.max) else {
            throw FormatError(.outOfRange, "\(field) does not fit 64 bits", at: start)
        }
        return major == .unsigned ? Int64(argument) : ~Int64(argument)
    }

    /// Reads a byte string of exactly `count` bytes and returns the offset of its first byte.
    mutating func fixedBytes(
        _ bytes: Span<UInt8>, _ count: Int, for field: StaticString
    ) throws(FormatError) -> UInt16 {
        let start = offset
        let range = try run(bytes, .bytes, maximum: count, for: field)
        guard range.count == count else {
            throw FormatError(.outOfRange, "\(field) has \(range.count) bytes; it must have \(count)", at: start)
        }
        return range.first
    }

    /// Reads a string of 1 to `maximum` bytes and returns where its bytes lie.
    mutating func run(
        _ bytes: Span<UInt8>, _ major: CBOR.Major, maximum: Int, for field: StaticString
    ) throws(FormatError) -> ByteRange {
        let start = offset
        let count = try head(bytes, major, for: field)
        guard count >= 1, count <= UInt64(maximum) else {
            let code: FormatError.Code = count == 0 ? .outOfRange : .tooLarge
            throw FormatError(code, "\(field) has \(count) bytes; 1 to \(maximum) are allowed", at: start)
        }
        guard UInt64(bytes.count - offset) >= count else {
            throw FormatError(.truncated, "the bytes end inside \(field)", at: bytes.count)
        }
        let range = ByteRange(start: offset, count: Int(count))
        offset += Int(count)
        return range
    }

    /// Reads a text string of 1 to `maximum` bytes: valid UTF-8 without control characters.
    mutating func text(_ bytes: Span<UInt8>, maximum: Int, for field: StaticString) throws(FormatError) -> ByteRange {
        let range = try run(bytes, .text, maximum: maximum, for: field)
        try TextRules.check(bytes, range, for: field)
        return range
    }
}

/// Where a field's bytes lie in an entry, which has at most 65,535.
public struct ByteRange: Hashable, Sendable {
    @usableFromInline let first: UInt16
    @usableFromInline let length: UInt16

    @inline(__always)
    init(start: Int, count: Int) {
        first = UInt16(truncatingIfNeeded: start)
        length = UInt16(truncatingIfNeeded: count)
    }

    @inlinable public var start: Int { Int(first) }
    @inlinable public var count: Int { Int(length) }
    @inlinable public var end: Int { Int(first) + Int(length) }
}

/// The decoder's view of ``FieldRules``: the same rule over bytes.
enum TextRules {
    static func check(_ bytes: Span<UInt8>, _ range: ByteRange, for field: StaticString) throws(FormatError) {
        var ascii = true
        for offset in range.start..<range.end {
            let byte = bytes[offset]
            if byte < 0x20 || byte == 0x7f { throw control(byte, field, offset) }
            if byte >= 0x80 { ascii = false }
        }
        guard !ascii else { return }
        try checkUTF8(bytes, range, for: field)
        for offset in range.start..<range.end - 1 where bytes[offset] == 0xc2 && bytes[offset + 1] < 0xa0 {
            throw control(bytes[offset + 1], field, offset)
        }
    }

    private static func control(_ byte: UInt8, _ field: StaticString, _ offset: Int) -> FormatError {
        let code = String(byte, radix: 16, uppercase: true)
        return FormatError(.outOfRange, "\(field) has the control character U+\(code)", at: offset)
    }

    private static func checkUTF8(
        _ bytes: Span<UInt8>, _ range: ByteRange, for field: StaticString
    ) throws(FormatError) {
        let text = bytes.extracting(range.start..<range.end)
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            let offset = range.start + error.byteOffsets.lowerBound
            throw FormatError(.invalidText, "\(field) is not valid UTF-8", at: offset)
        }
    }
}
