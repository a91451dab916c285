internal import Digests

extension OutputSpan where Element == UInt8 {
    /// Appends the head of an item in its shortest form: 1, 2, 3, 5 or 9 bytes.
    @inline(__always)
    mutating func append(_ major: CBOR.Major, _ argument: UInt64) {
        let type = major.rawValue << 5
        switch argument {
        case 0..<24:
            append(type | UInt8(truncatingIfNeeded: argument))
        case 24...0xff:
            append(type | 24)
            append(UInt8(truncatingIfNeeded: argument))
        case 0x100...0xffff:
            append(type | 25)
            append(bigEndian: UInt16(truncatingIfNeeded: argument))
        case 0x1_0000...0xffff_ffff:
            append(type | 26)
            append(bigEndian: UInt32(truncatingIfNeeded: argument))
        default:
            append(type | 27)
            append(bigEndian: argument)
        }
    }

    /// Appends an integer of either sign.
    mutating func append(_ value: Int64) {
        if value >= 0 {
            append(.unsigned, UInt64(value))
        } else {
            append(.negative, UInt64(bitPattern: ~value))
        }
    }

    /// Appends a string of `major`, `text` or `bytes`.
    @inline(__always)
    mutating func append(_ major: CBOR.Major, collecting bytes: Span<UInt8>) {
        append(major, UInt64(bytes.count))
        append(collecting: bytes)
    }

    /// Appends a key of an entry.
    @inline(__always)
    mutating func append(_ key: Entry.Key) {
        append(UInt8(truncatingIfNeeded: key.rawValue))
    }

    /// Appends a key and a digest.
    @inline(__always)
    mutating func append(_ key: Entry.Key, _ digest: Digest) {
        append(key)
        append(.bytes, UInt64(Digest.byteCount))
        append(digest)
    }

    /// Appends a key and an id.
    @inline(__always)
    mutating func append(_ key: Entry.Key, _ id: EventID) {
        append(key)
        append(.bytes, UInt64(EventID.byteCount))
        append(bigEndian: id.high)
        append(bigEndian: id.low)
    }

    /// Appends a key and a text.
    @inline(__always)
    mutating func append(_ key: Entry.Key, _ text: String) {
        append(key)
        append(.text, collecting: text.utf8.span)
    }
}
