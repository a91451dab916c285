import Digests
import TestSupport
import Testing

@testable import EventFormat

struct EntryRoundTripTests {
    @Test func `what is encoded decodes to the same entry and the same bytes`() throws {
        let seed = printedSeed("entries")
        var random = SeededGenerator(seed: seed)
        for number in 0..<1500 {
            let entry = random.entry()
            let bytes = try entry.encoded()
            let back = try decoding(bytes).get()
            #expect(back == entry, "entry \(number) of seed \(seed)")
            #expect(try back.encoded() == bytes, "entry \(number) of seed \(seed)")
        }
    }

    @Test func `a layout points at the bytes of each field`() throws {
        let bytes = RawEntry.full.bytes
        let layout = try EntryLayout(bytes.span)
        let payload = try #require(layout.payload)
        let append = try #require(layout.append)
        let ranges = [layout.stream, layout.type, layout.source, try #require(layout.schema), payload.mediaType]
        #expect(
            ranges.map { Array(bytes[$0.start..<$0.end]) }
                == ["perms", "made", "source", "schema", "a/b"].map { Array($0.utf8) })
        #expect(Array(bytes[append.keyID.start..<append.keyID.end]) == [7, 7])
        #expect(Array(bytes[append.signature.start..<append.signature.end]) == [8, 8, 8])
        #expect(layout.index == 5 && layout.revision == 1 && append.count == 2 && payload.size == 60)
        #expect(layout.occurred.microseconds == -257)
        let same = layout.matches(layout.type, Array("made".utf8), in: bytes.span)
        let other = layout.matches(layout.type, Array("mode".utf8), in: bytes.span)
        let longer = layout.matches(layout.type, Array("made2".utf8), in: bytes.span)
        #expect(same && !other && !longer)
    }

    @Test func `the fields of the sample decode to what stands in it`() throws {
        let entry = try decoding(RawEntry.full.bytes).get()
        #expect(entry.previous.bytes == Array(repeating: 0x11, count: 32))
        #expect(entry.streamPrevious?.bytes == Array(repeating: 0x22, count: 32))
        #expect(entry.id.bytes == Array(repeating: 0x33, count: 16))
        #expect(entry.payload?.digest.bytes == Array(repeating: 0x44, count: 32))
        #expect(entry.correlation?.bytes == Array(repeating: 0x55, count: 16))
        #expect(entry.causation?.bytes == Array(repeating: 0x66, count: 16))
        #expect(entry.recorded.description == "2025-08-19T08:00:00.000000Z")
        #expect(entry.append == AppendSignature(count: 2, keyID: [7, 7], signature: [8, 8, 8]))
    }

    @Test func `the largest value of every field is accepted`() throws {
        var raw = RawEntry.full
        let greatest: [UInt8] = [0x1b] + Array(repeating: 0xff, count: 8)
        func text(_ count: Int) -> [UInt8] { RawEntry.text(Array(repeating: UInt8(ascii: "x"), count: count)) }
        raw[1] = greatest
        raw[3] = [0x1b] + [UInt8](bigEndian: UInt64(Timestamp.latest.microseconds))
        raw[4] = text(255)
        raw[5] = greatest
        raw[8] = text(255)
        raw[9] = text(2048)
        raw[10] = raw[3]
        raw[11] = Array(RawEntry.full[11].prefix(36)) + greatest + text(255)
        raw[12] = text(2048)
        raw[15] =
            [0x83] + greatest + RawEntry.data(Array(repeating: 1, count: 64))
            + RawEntry.data(Array(repeating: 2, count: 8192))
        let entry = try decoding(raw.bytes).get()
        #expect(entry.index.rawValue == .max && entry.revision.rawValue == .max && entry.append?.count == .max)
        #expect(entry.payload?.size == .max && entry.recorded == .latest && entry.occurred == .latest)
        #expect(try entry.encoded() == raw.bytes)
    }

    @Test func `an entry of more than 65,535 bytes is not encoded and leaves the output as it was`() throws {
        var entry = try decoding(RawEntry.full.bytes).get()
        let rest = RawEntry.full.bytes.count - RawEntry.full[9].count
        entry.source = String(repeating: "x", count: 65_535 - rest - 3)
        #expect(try entry.encoded().count == 65_535)
        entry.source += "x"
        var output: [UInt8] = [1, 2, 3]
        #expect(throws: FormatError(.tooLarge, "")) { try entry.encode(into: &output) }
        #expect(output == [1, 2, 3])
    }

    @Test func `an entry recorded before 1970 is not encoded`() throws {
        var entry = try decoding(RawEntry.full.bytes).get()
        entry.recorded = try Timestamp(microseconds: -1)
        var output: [UInt8] = []
        #expect(throws: FormatError(.outOfRange, "")) { try entry.encode(into: &output) }
        #expect(output.isEmpty)
    }
}
