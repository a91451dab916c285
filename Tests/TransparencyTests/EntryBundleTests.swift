import Digests
import Merkle
import Testing
import Transparency

@Suite struct EntryBundleTests {
    @Test(arguments: [1, 2, 255, 256])
    func `a bundle of any width is written and read`(width: Int) throws {
        let tree = TestTree(width)
        let bundle = try EntryBundle(entries: tree.entries)
        let read = try EntryBundle(bundle.bytes, width: width)
        #expect(read == bundle)
        #expect(read.count == width)
        #expect((0..<width).map { read[$0] } == tree.entries)
        #expect(read.leaves == (0..<width).map { tree.leaf($0) })
        for other in [width - 1, width + 1] {
            #expect(refusalCode { try EntryBundle(bundle.bytes, width: other) } == .malformedBundle)
        }
    }

    @Test func `lengths stand before the entries, most significant byte first`() throws {
        let long = [UInt8](repeating: 7, count: 258)
        let bundle = try EntryBundle(entries: [[], [1, 2], long])
        #expect(bundle.bytes == [0, 0, 0, 2, 1, 2, 1, 2] + long)
        #expect(try EntryBundle(bundle.bytes, width: 3).ranges == [2..<2, 4..<6, 8..<266])
    }

    @Test func `the largest entries fit and larger ones are refused`() throws {
        let largest = [UInt8](repeating: 1, count: 65_535)
        let bundle = try EntryBundle(entries: [[UInt8]](repeating: largest, count: 256))
        #expect(bundle.bytes.count == EntryBundle.maximumByteCount)
        #expect(try EntryBundle(bundle.bytes, width: 256).count == 256)
        #expect(refusalCode { try EntryBundle(entries: [largest + [1]]) } == .tooLarge)
        #expect(refusalCode { try EntryBundle(bundle.bytes + [0], width: 256) } == .tooLarge)
    }

    @Test func `every cut and every surplus byte is refused`() throws {
        let bundle = try EntryBundle(entries: TestTree(3).entries)
        for count in 0..<bundle.bytes.count {
            #expect(refusalCode { try EntryBundle(Array(bundle.bytes[..<count]), width: 3) } == .malformedBundle)
        }
        #expect(refusalCode { try EntryBundle(bundle.bytes + [0], width: 3) } == .malformedBundle)
        for width in [-1, 0, 257, Int.max] {
            #expect(refusalCode { try EntryBundle(bundle.bytes, width: width) } == .malformedBundle)
        }
        #expect(refusalCode { try EntryBundle(entries: []) } == .malformedBundle)
        #expect(refusalCode { try EntryBundle(entries: TestTree(257).entries) } == .malformedBundle)
    }
}
