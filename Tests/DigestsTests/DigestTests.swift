import Digests
import Testing

struct DigestTests {
    static let ascending = (0..<32).map { UInt8($0) }
    static let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

    @Test func `a digest keeps its bytes in their order`() throws {
        let digest = try #require(Digest(bytes: DigestTests.ascending))
        #expect(digest.bytes == DigestTests.ascending)
        #expect(digest.hex == DigestTests.hex)
        #expect("\(digest)" == DigestTests.hex)
        #expect(Digest(hex: DigestTests.hex.uppercased()) == digest)
        var output: [UInt8] = [9]
        digest.append(to: &output)
        #expect(output == [9] + DigestTests.ascending)
        let seen = digest.withBytes { Array(collecting: $0) }
        #expect(seen == DigestTests.ascending)
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `a digest of another length than 32 bytes is refused`(count: Int) {
        #expect(Digest(bytes: Array(repeating: 0, count: count)) == nil)
        #expect(Digest(hex: String(repeating: "00", count: count)) == nil)
    }

    @Test func `a change of any bit makes another digest`() throws {
        let digest = try #require(Digest(bytes: DigestTests.ascending))
        for bit in 0..<256 {
            var bytes = DigestTests.ascending
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Digest(bytes: bytes) != digest)
        }
    }

    @Test func `a digest is found at an offset that is no multiple of its words`() throws {
        let digest = try #require(Digest(bytes: DigestTests.ascending))
        for offset in 0...9 {
            let bytes = Array(repeating: UInt8(7), count: offset) + DigestTests.ascending + [7]
            let copy = Digest(copying: bytes.span, at: offset)
            let matches = digest.matches(bytes.span, at: offset)
            let matchesNext = digest.matches(bytes.span, at: offset + 1)
            #expect(copy == digest)
            #expect(matches && !matchesNext)
        }
    }

    @Test func `the zero digest is thirty-two zero bytes`() {
        #expect(Digest.zero.bytes == Array(repeating: 0, count: 32))
    }
}

struct BigEndianTests {
    static let numbers: [(UInt64, [UInt8])] = [
        (0, [0, 0, 0, 0, 0, 0, 0, 0]),
        (1, [0, 0, 0, 0, 0, 0, 0, 1]),
        (0x0102_0304_0506_0708, [1, 2, 3, 4, 5, 6, 7, 8]),
        (.max, [255, 255, 255, 255, 255, 255, 255, 255]),
    ]

    @Test(arguments: numbers)
    func `a number is written most significant byte first and read back`(row: (UInt64, [UInt8])) {
        #expect([UInt8](bigEndian: row.0) == row.1)
        let shifted = [9] + row.1 + [9]
        let read: UInt64 = shifted.span.bigEndian(at: 1)
        #expect(read == row.0)
    }

    @Test func `narrow numbers take their own width`() {
        var output: [UInt8] = []
        output.append(bigEndian: UInt16(0x0102))
        output.append(bigEndian: UInt32(0x0304_0506))
        output.append(bigEndian: UInt8(7))
        #expect(output == [1, 2, 3, 4, 5, 6, 7])
        let wide = output.span.bigEndian(at: 2, as: UInt32.self)
        #expect(wide == 0x0304_0506)
    }

    @Test func `keys of numbers sort as the numbers do`() {
        let numbers: [UInt64] = [0, 1, 255, 256, 65_535, 65_536, 1 << 40, .max]
        let keys = numbers.map { [UInt8](bigEndian: $0) }
        for (low, high) in zip(keys, keys.dropFirst()) { #expect(low.lexicographicallyPrecedes(high)) }
    }
}

struct RandomBytesTests {
    @Test(arguments: [-1, 0, 1, 16, 2048])
    func `as many bytes come as were asked for`(count: Int) {
        #expect(RandomBytes.make(count: count).count == max(0, count))
    }

    @Test func `salts do not repeat`() {
        let salts = (0..<1000).map { _ in RandomBytes.make(count: 16) }
        #expect(Set(salts).count == 1000)
    }

    @Test func `threads that draw at once never get the same bytes`() async {
        let drawn = await withTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<8 { group.addTask { (0..<2000).map { _ in RandomBytes.make(count: 16) } } }
            return await group.reduce(into: [[UInt8]]()) { $0 += $1 }
        }
        #expect(Set(drawn).count == 16_000 && drawn.allSatisfy { $0.contains { $0 != 0 } })
    }
}
