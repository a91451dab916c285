import Digests
import Testing

struct HexTests {
    static let table: [(bytes: [UInt8], text: String)] = [
        ([], ""),
        ([0x00], "00"),
        ([0x0f, 0xf0], "0ff0"),
        ([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef], "0123456789abcdef"),
        (Array(repeating: 0xff, count: 32), String(repeating: "ff", count: 32)),
    ]

    @Test(arguments: table)
    func `bytes are written in lowercase and read back`(row: (bytes: [UInt8], text: String)) {
        #expect(Hex.encode(row.bytes) == row.text)
        #expect(Hex.decode(row.text) == row.bytes)
    }

    @Test func `every byte has its own two digits`() {
        let texts = (0...255).map { Hex.encode([UInt8($0)]) }
        #expect(Set(texts).count == 256)
        #expect(texts.allSatisfy { $0.utf8.count == 2 && $0 == $0.lowercased() })
        #expect(texts.map { Hex.decode($0) } == (0...255).map { [UInt8($0)] })
    }

    @Test func `either case is read, mixed too`() {
        #expect(Hex.decode("DEADbeef") == [0xde, 0xad, 0xbe, 0xef])
        #expect(Hex.decode("aAbB"[...]) == [0xaa, 0xbb])
    }

    @Test(arguments: [
        "0", "abc", "0g", "g0", " 00", "0x00", "00 ", "é", "-1", "+1", "٠٠", "0:", "/0", "@A", "`a", "G0",
    ])
    func `a text that is not pairs of digits is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
