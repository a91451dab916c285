import Digests
import Testing

/// Known answers from FIPS 180-4's examples (NIST CAVP), and the empty message.
struct SHA256Tests {
    static let answers: [(message: [UInt8], hex: String)] = [
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            Array(repeating: UInt8(ascii: "a"), count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    @Test(arguments: answers)
    func `published messages have their published hashes`(row: (message: [UInt8], hex: String)) {
        #expect(plain(row.message).hex == row.hex)
    }

    @Test(arguments: answers)
    func `a published message is hashed the same when its first byte is the prefix`(
        row: (message: [UInt8], hex: String)
    ) {
        guard let first = row.message.first else { return }
        let digest = prefixed(first, Array(row.message.dropFirst()))
        #expect(digest.hex == row.hex)
    }

    @Test(arguments: [0, 1, 31, 32, 54, 55, 56, 63, 64, 65, 127, 128, 1000])
    func `a prefixed hash is the hash of the bytes behind the prefix`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        for prefix: UInt8 in [0x00, 0x01, 0x02, 0xff] {
            #expect(prefixed(prefix, bytes) == plain([prefix] + bytes))
            for cut in Set([0, count / 3, count]) {
                let head = Array(bytes[..<cut])
                let tail = Array(bytes[cut...])
                let pair = SHA256.hash(prefix: prefix, head.span, tail.span)
                #expect(pair == plain([prefix] + bytes))
            }
        }
    }

    @Test func `a node's hash is that of its two halves in order`() {
        let left = plain([1])
        let right = plain([2])
        #expect(SHA256.hash(prefix: 1, left, right) == plain([1] + left.bytes + right.bytes))
        #expect(SHA256.hash(prefix: 1, left, right) != SHA256.hash(prefix: 1, right, left))
    }

    private func plain(_ bytes: [UInt8]) -> Digest { SHA256.hash(bytes.span) }

    private func prefixed(_ prefix: UInt8, _ bytes: [UInt8]) -> Digest { SHA256.hash(prefix: prefix, bytes.span) }
}
