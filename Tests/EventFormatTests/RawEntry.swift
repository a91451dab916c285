@testable import EventFormat

/// An entry as a list of encoded pairs, so that tests can write what the encoder never does.
struct RawEntry {
    var head: [UInt8]?
    var pairs: [(key: [UInt8], value: [UInt8])]
    var tail: [UInt8] = []

    /// Every key of version 1, at index 5 and revision 1.
    static let full = RawEntry(pairs: [
        ([0], [1]),
        ([1], [5]),
        ([2], [0x58, 32] + Array(repeating: 0x11, count: 32)),
        ([3], [0x1b, 0x00, 0x06, 0x3c, 0xb3, 0x3e, 0x29, 0xc0, 0x00]),
        ([4], [0x65] + Array("perms".utf8)),
        ([5], [1]),
        ([6], [0x58, 32] + Array(repeating: 0x22, count: 32)),
        ([7], [0x50] + Array(repeating: 0x33, count: 16)),
        ([8], [0x64] + Array("made".utf8)),
        ([9], [0x66] + Array("source".utf8)),
        ([10], [0x39, 0x01, 0x00]),
        ([11], [0x84, 1, 0x58, 32] + Array(repeating: 0x44, count: 32) + [0x18, 60, 0x63] + Array("a/b".utf8)),
        ([12], [0x66] + Array("schema".utf8)),
        ([13], [0x50] + Array(repeating: 0x55, count: 16)),
        ([14], [0x50] + Array(repeating: 0x66, count: 16)),
        ([15], [0x83, 2, 0x42, 7, 7, 0x43, 8, 8, 8]),
    ])

    /// The keys that must be there, at index 0 and revision 0.
    static let first: RawEntry = {
        var entry = full
        entry.pairs = full.pairs.filter { [0, 1, 2, 3, 4, 5, 7, 8, 9, 10].contains($0.key[0]) }
        entry[1] = [0]
        entry[2] = [0x58, 32] + Array(repeating: 0, count: 32)
        entry[5] = [0]
        return entry
    }()

    /// The encoded value of a key that is there.
    subscript(key: UInt8) -> [UInt8] {
        get { pairs[position(of: key)].value }
        set { pairs[position(of: key)].value = newValue }
    }

    mutating func remove(_ key: UInt8) { pairs.remove(at: position(of: key)) }

    /// The entry with another value for `key`.
    func with(_ key: UInt8, _ value: [UInt8]) -> RawEntry {
        var copy = self
        copy[key] = value
        return copy
    }

    var bytes: [UInt8] { mapHead + pairs.flatMap { $0.key + $0.value } + tail }

    private var mapHead: [UInt8] { head ?? [0xa0 | UInt8(pairs.count)] }

    func position(of key: UInt8) -> Int {
        guard let position = pairs.firstIndex(where: { $0.key == [key] }) else {
            preconditionFailure("the entry has no key \(key)")
        }
        return position
    }

    /// Where the pair at `position` begins.
    func offset(ofPair position: Int) -> Int {
        mapHead.count + pairs[..<position].reduce(0) { $0 + $1.key.count + $1.value.count }
    }

    /// Where the value of `key` begins.
    func offset(ofValue key: UInt8) -> Int { offset(ofPair: position(of: key)) + 1 }

    /// A text string with its head in the shortest form.
    static func text(_ bytes: [UInt8]) -> [UInt8] { string(.text, bytes) }

    /// A byte string with its head in the shortest form.
    static func data(_ bytes: [UInt8]) -> [UInt8] { string(.bytes, bytes) }

    private static func string(_ major: CBOR.Major, _ bytes: [UInt8]) -> [UInt8] {
        [UInt8](capacity: bytes.count + 9) { $0.append(major, collecting: bytes.span) }
    }
}

/// What the decoder makes of `bytes`: an entry, or its refusal.
func decoding(_ bytes: [UInt8]) -> Result<Entry, FormatError> {
    do throws(FormatError) {
        return .success(try Entry(decoding: bytes.span))
    } catch {
        return .failure(error)
    }
}
