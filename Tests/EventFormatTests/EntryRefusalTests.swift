import Digests
import Testing

@testable import EventFormat

/// Bytes that are no entry, the code of the refusal and the offset that it names.
struct Refusal: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    let code: FormatError.Code
    let offset: Int

    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], _ code: FormatError.Code, at offset: Int) {
        self.name = name
        self.bytes = bytes
        self.code = code
        self.offset = offset
    }

    /// The full sample with another value for `key`; the offset counts from where that value begins.
    init(_ name: String, _ key: UInt8, _ value: [UInt8], _ code: FormatError.Code, plus offset: Int = 0) {
        self.init(
            name, RawEntry.full.with(key, value).bytes, code, at: RawEntry.full.offset(ofValue: key) + offset)
    }
}

struct EntryRefusalTests {
    @Test func `the samples that the refusals are made from are accepted`() throws {
        #expect(try decoding(RawEntry.full.bytes).get().index == 5)
        #expect(try decoding(RawEntry.first.bytes).get().index == 0)
    }

    @Test(arguments: heads + keys + types)
    func `bytes that are not deterministic CBOR with the keys of version 1 are refused`(refusal: Refusal) {
        check(refusal)
    }

    @Test(arguments: links + values + lengths + arrays)
    func `a value that the format excludes is refused`(refusal: Refusal) {
        check(refusal)
    }

    @Test(arguments: texts)
    func `a text that is not UTF-8 or has a control character is refused`(refusal: Refusal) {
        check(refusal)
    }

    private func check(_ refusal: Refusal) {
        switch decoding(refusal.bytes) {
        case .success(let entry): Issue.record("\(refusal.name) was accepted: \(entry)")
        case .failure(let error):
            #expect(error.code == refusal.code, "\(error)")
            #expect(error.offset == refusal.offset, "\(error)")
            #expect(error.description == "\(error.reason) (at byte \(refusal.offset))")
        }
    }

    @Test(arguments: [
        [0xc2, 0xa0], [0x20], [0x7e], [0xdf, 0xbf], [0xe0, 0xa0, 0x80], [0xed, 0x9f, 0xbf], [0xee, 0x80, 0x80],
        [0xf0, 0x90, 0x80, 0x80], [0xf4, 0x8f, 0xbf, 0xbf], [0xef, 0xbf, 0xbf], [0x65, 0xcc, 0x81],
    ])
    func `a text at the edges of UTF-8 is accepted as it is`(text: [UInt8]) throws {
        let raw = RawEntry.full.with(4, RawEntry.text(text))
        let entry = try decoding(raw.bytes).get()
        #expect(Array(entry.stream.text.utf8) == text)
        #expect(try entry.encoded() == raw.bytes)
    }
}

// MARK: - Heads and keys (F1, F2, F3)

extension EntryRefusalTests {
    /// F1, F2: the map's head, long heads, indefinite lengths.
    static var heads: [Refusal] {
        let full = RawEntry.full
        func map(_ head: [UInt8]) -> [UInt8] {
            var raw = full
            raw.head = head
            return raw.bytes
        }
        var trailing = full
        trailing.tail = [0]
        var huge = full
        huge.tail = Array(repeating: 0, count: 65_536 - full.bytes.count)
        let whole: [Refusal] = [
            Refusal("no bytes", [], .truncated, at: 0),
            Refusal("a long map head", map([0xb8, 16]), .notCanonical, at: 0),
            Refusal("a map of indefinite length", map([0xbf]) + [0xff], .notCanonical, at: 0),
            Refusal("a map of 17 pairs", map([0xb1]), .unexpectedKey, at: 0),
            Refusal("a map of 2^64-1 pairs", map([0xbb] + Array(repeating: 0xff, count: 8)), .unexpectedKey, at: 0),
            Refusal("one pair too many in the head", RawEntry.first.withHead([0xab]).bytes, .truncated, at: first),
            Refusal("one pair too few in the head", map([0xaf]), .trailingBytes, at: full.offset(ofPair: 15)),
            Refusal("an empty map", [0xa0], .missingKey, at: 0),
            Refusal("an array", [0x80], .wrongType, at: 0),
            Refusal("a tagged map", [0xd9, 0xd9, 0xf7] + full.bytes, .wrongType, at: 0),
            Refusal("null", [0xf6], .wrongType, at: 0),
            Refusal("a break", [0xff], .wrongType, at: 0),
            Refusal("a byte behind the entry", trailing.bytes, .trailingBytes, at: full.bytes.count),
            Refusal("65,536 bytes", huge.bytes, .tooLarge, at: 65_535),
        ]
        return whole + longHeads
    }

    private static let first = RawEntry.first.bytes.count

    private static let longHeads: [Refusal] = {
        let digest = [UInt8](repeating: 0x11, count: 32)
        let id = [UInt8](repeating: 0x33, count: 16)
        return [
            Refusal("version 1 in two bytes", 0, [0x18, 1], .notCanonical),
            Refusal("23 in two bytes", 1, [0x18, 23], .notCanonical),
            Refusal("255 in three bytes", 1, [0x19, 0, 255], .notCanonical),
            Refusal("65,535 in five bytes", 1, [0x1a, 0, 0, 255, 255], .notCanonical),
            Refusal("2^32-1 in nine bytes", 5, [0x1b, 0, 0, 0, 0, 255, 255, 255, 255], .notCanonical),
            Refusal("a reserved head 28", 1, [0x1c], .notCanonical),
            Refusal("a reserved head 29", 3, [0x1d], .notCanonical),
            Refusal("a reserved head 30", 10, [0x1e], .notCanonical),
            Refusal("an integer of indefinite length", 1, [0x1f], .notCanonical),
            Refusal("a long head of a negative integer", 10, [0x38, 23], .notCanonical),
            Refusal("a long length of previous", 2, [0x59, 0, 32] + digest, .notCanonical),
            Refusal("a long length of id", 7, [0x58, 16] + id, .notCanonical),
            Refusal("a long length of stream", 4, [0x78, 5] + Array("perms".utf8), .notCanonical),
            Refusal("a stream in pieces", 4, [0x7f, 0x65] + Array("perms".utf8) + [0xff], .notCanonical),
            Refusal("previous in pieces", 2, [0x5f, 0x58, 32] + digest + [0xff], .notCanonical),
            Refusal(
                "a payload of indefinite length", 11, [0x9f] + RawEntry.full[11].dropFirst() + [0xff], .notCanonical),
            Refusal("a long array head", 11, [0x98, 4] + RawEntry.full[11].dropFirst(), .notCanonical),
            Refusal("a long payload size", 11, payload(size: [0x19, 0, 60]), .notCanonical, plus: 36),
            Refusal("a long append count", 15, [0x83, 0x18, 2, 0x41, 7, 0x41, 8], .notCanonical, plus: 1),
        ]
    }()

    /// F2, F3: unknown, double, unsorted and missing keys.
    static var keys: [Refusal] {
        let full = RawEntry.full
        var refusals = [UInt8(0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map { key in
            var raw = full
            raw.remove(key)
            return Refusal("no key \(key)", raw.bytes, .missingKey, at: 0)
        }
        for key in full.pairs.indices.dropLast() {
            var double = full
            double.pairs[key + 1] = double.pairs[key]
            let place = double.offset(ofPair: key + 1)
            refusals.append(Refusal("key \(key) twice", double.bytes, .unexpectedKey, at: place))
            var swapped = full
            swapped.pairs.swapAt(key, key + 1)
            let second = swapped.offset(ofPair: key + 1)
            refusals.append(Refusal("keys \(key + 1), \(key)", swapped.bytes, .unexpectedKey, at: second))
        }
        let last = full.offset(ofPair: 15)
        let others: [(String, [UInt8], FormatError.Code)] = [
            ("key 16", [16], .unexpectedKey),
            ("key 24", [0x18, 24], .unexpectedKey),
            ("key 2^64-1", [0x1b] + Array(repeating: 0xff, count: 8), .unexpectedKey),
            ("key 15 in two bytes", [0x18, 15], .notCanonical),
            ("a text key", [0x61, 0x61], .wrongType),
            ("a negative key", [0x20], .wrongType),
            ("a byte string as key", [0x41, 0], .wrongType),
            ("a float as key", [0xf9, 0, 0], .wrongType),
        ]
        for (name, key, code) in others {
            var raw = full
            raw.pairs[15].key = key
            refusals.append(Refusal(name, raw.bytes, code, at: last))
        }
        return refusals
    }

    /// Every other type in place of every field's own.
    static var types: [Refusal] {
        let samples: [(String, [UInt8])] = [
            ("an unsigned integer", [0]), ("a negative integer", [0x20]), ("a byte string", [0x41, 0x61]),
            ("a text", [0x61, 0x61]), ("an array", [0x80]), ("a map", [0xa0]), ("a tag", [0xc0, 0]),
            ("false", [0xf4]), ("undefined", [0xf7]), ("a float", [0xf9, 0, 0]),
            ("a double", [0xfb] + .init(repeating: 0, count: 8)),
            ("a break", [0xff]),
        ]
        let own: [[Int]] = [
            [0], [0], [2], [0, 1], [3], [0], [2], [2], [3], [3], [0, 1], [4], [3], [2], [2], [4],
        ]
        var refusals: [Refusal] = []
        for (key, own) in own.enumerated() {
            for (place, sample) in samples.enumerated() where !own.contains(place) {
                refusals.append(Refusal("\(sample.0) as key \(key)", UInt8(key), sample.1, .wrongType))
            }
        }
        return refusals
    }
}

// MARK: - Values (F4, F6)

extension EntryRefusalTests {
    /// F3, F4: what index, previous, revision and streamPrevious say of each other.
    static var links: [Refusal] {
        var extra = RawEntry.first
        extra.pairs.insert(RawEntry.full.pairs[6], at: 6)
        let content = RawEntry.first.offset(ofValue: 2) + 2
        let digest: [UInt8] = [0x58, 32] + Array(repeating: 0, count: 31) + [1]
        return [
            Refusal("key 6 at revision 0", extra.bytes, .unexpectedKey, at: extra.offset(ofValue: 6) + 2),
            Refusal("revision 1 without key 6", RawEntry.first.with(5, [1]).bytes, .missingKey, at: 0),
            Refusal("index 0 with a predecessor", RawEntry.first.with(2, digest).bytes, .outOfRange, at: content),
            Refusal("index 1 without a predecessor", RawEntry.first.with(1, [1]).bytes, .outOfRange, at: content),
        ]
    }

    static let values: [Refusal] = {
        func number(_ head: UInt8, _ value: UInt64) -> [UInt8] { [head] + [UInt8](bigEndian: value) }
        let latest = UInt64(Timestamp.latest.microseconds)
        let earliest = UInt64(-1 - Timestamp.earliest.microseconds)
        return [
            Refusal("version 0", 0, [0], .unknownVersion),
            Refusal("version 2", 0, [2], .unknownVersion),
            Refusal("version 2^64-1", 0, number(0x1b, .max), .unknownVersion),
            Refusal("recorded before 1970", 3, [0x20], .outOfRange),
            Refusal("recorded in the year 10000", 3, number(0x1b, latest + 1), .outOfRange),
            Refusal("recorded past 63 bits", 3, number(0x1b, 1 << 63), .outOfRange),
            Refusal("occurred in the year 10000", 10, number(0x1b, latest + 1), .outOfRange),
            Refusal("occurred past 63 bits", 10, number(0x1b, .max), .outOfRange),
            Refusal("occurred in the year 0", 10, number(0x3b, earliest + 1), .outOfRange),
            Refusal("occurred at the least of 64 bits", 10, number(0x3b, UInt64(Int64.max)), .outOfRange),
            Refusal("occurred below 64 bits", 10, number(0x3b, 1 << 63), .outOfRange),
        ]
    }()

    static let lengths: [Refusal] = {
        func data(_ count: Int) -> [UInt8] { RawEntry.data(Array(repeating: 1, count: count)) }
        func text(_ count: Int) -> [UInt8] { RawEntry.text(Array(repeating: 0x61, count: count)) }
        let huge = [UInt8](repeating: 0xff, count: 8)
        var refusals = [UInt8(2), 6].flatMap { key in
            [(0, .outOfRange), (31, .outOfRange), (33, .tooLarge)].map { (count: Int, code: FormatError.Code) in
                Refusal("key \(key) of \(count) bytes", key, data(count), code)
            }
        }
        for key: UInt8 in [7, 13, 14] {
            refusals.append(Refusal("key \(key) of 15 bytes", key, data(15), .outOfRange))
            refusals.append(Refusal("key \(key) of 17 bytes", key, data(17), .tooLarge))
            refusals.append(Refusal("key \(key) of 2^64-1 bytes", key, [0x5b] + huge, .tooLarge))
        }
        for (key, maximum): (UInt8, Int) in [(4, 255), (8, 255), (9, 2048), (12, 2048)] {
            refusals.append(Refusal("key \(key) empty", key, [0x60], .outOfRange))
            refusals.append(Refusal("key \(key) of \(maximum + 1) bytes", key, text(maximum + 1), .tooLarge))
            refusals.append(Refusal("key \(key) of 2^64-1 bytes", key, [0x7b] + huge, .tooLarge))
        }
        return refusals
    }()

    /// Key 11 with other parts than the sample's.
    static func payload(
        form: [UInt8] = [1], digest: Int = 32, size: [UInt8] = [0x18, 60], mediaType: [UInt8] = [0x61, 0x61]
    ) -> [UInt8] {
        [0x84] + form + RawEntry.data(Array(repeating: 0x44, count: digest)) + size + mediaType
    }

    static let arrays: [Refusal] = {
        let media = RawEntry.text(Array(repeating: 0x61, count: 256))
        func append(_ key: Int, _ signature: Int) -> [UInt8] {
            [0x83, 1] + RawEntry.data(Array(repeating: 1, count: key))
                + RawEntry.data(Array(repeating: 2, count: signature))
        }
        return [
            Refusal("a payload of 3 parts", 11, [0x83] + payload().dropFirst(), .wrongType),
            Refusal("a payload of 5 parts", 11, [0x85] + payload().dropFirst() + [0], .wrongType),
            Refusal("payload form 0", 11, payload(form: [0]), .outOfRange, plus: 1),
            Refusal("payload form 3", 11, payload(form: [3]), .outOfRange, plus: 1),
            Refusal("payload form 257", 11, payload(form: [0x19, 1, 1]), .outOfRange, plus: 1),
            Refusal("payload form as text", 11, payload(form: [0x61, 0x31]), .wrongType, plus: 1),
            Refusal("a payload digest of 31 bytes", 11, payload(digest: 31), .outOfRange, plus: 2),
            Refusal("a payload digest of 33 bytes", 11, payload(digest: 33), .tooLarge, plus: 2),
            Refusal("a negative payload size", 11, payload(size: [0x20]), .wrongType, plus: 36),
            Refusal("no media type", 11, payload(mediaType: [0x60]), .outOfRange, plus: 38),
            Refusal("a media type of 256 bytes", 11, payload(mediaType: media), .tooLarge, plus: 38),
            Refusal("a media type with a line feed", 11, payload(mediaType: [0x61, 10]), .outOfRange, plus: 39),
            Refusal("an append of 2 parts", 15, [0x82, 1, 0x41, 1], .wrongType),
            Refusal("an append of 4 parts", 15, [0x84, 1, 0x41, 1, 0x41, 2, 0], .wrongType),
            Refusal("an append of 0 entries", 15, [0x83, 0, 0x41, 1, 0x41, 2], .outOfRange, plus: 1),
            Refusal("an empty key id", 15, append(0, 1), .outOfRange, plus: 2),
            Refusal("a key id of 65 bytes", 15, append(65, 1), .tooLarge, plus: 2),
            Refusal("an empty signature", 15, append(1, 0), .outOfRange, plus: 4),
            Refusal("a signature of 8,193 bytes", 15, append(1, 8193), .tooLarge, plus: 4),
            Refusal("a key id as text", 15, [0x83, 1, 0x61, 0x61, 0x41, 2], .wrongType, plus: 2),
        ]
    }()
}

// MARK: - Texts (F5)

extension EntryRefusalTests {
    /// The bytes, where in them the fault lies, and the code.
    private static let faults: [(bytes: [UInt8], offset: Int, code: FormatError.Code)] =
        [
            [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
            [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc3, 0x61], [0xe2, 0x82, 0x61], [0xf8, 0x88, 0x80, 0x80, 0x80],
        ].map { ($0, 0, .invalidText) }
        + [[0x61, 0x62, 0x80], [0x61, 0x62, 0xc3], [0xc3, 0xa9, 0xff]].map { ($0, 2, .invalidText) }
        + [[0x00], [0x09], [0x0a], [0x1b], [0x1f], [0x7f], [0xc2, 0x80], [0xc2, 0x85], [0xc2, 0x9f]]
        .map { ($0, 0, .outOfRange) }
        + [[0x61, 0x62, 0x00], [0xc3, 0xa9, 0x7f], [0x61, 0x62, 0xc2, 0x9b, 0x63]].map { ($0, 2, .outOfRange) }

    static var texts: [Refusal] {
        let fields: [(key: UInt8, head: Int)] = [(4, 1), (8, 1), (9, 1), (12, 1)]
        return fields.flatMap { field in
            faults.map { fault in
                Refusal(
                    "key \(field.key) is \(fault.bytes)", field.key, RawEntry.text(fault.bytes), fault.code,
                    plus: field.head + fault.offset)
            }
        }
    }
}

extension RawEntry {
    /// The entry with another map head.
    fileprivate func withHead(_ head: [UInt8]) -> RawEntry {
        var copy = self
        copy.head = head
        return copy
    }
}
