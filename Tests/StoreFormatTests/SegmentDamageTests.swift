import Digests
import EventFormat
import StoreFormat
import TestSupport
import Testing

/// Foreign bytes never trap: a segment is refused, or every part that it names lies in it.
struct SegmentDamageTests {
    private static let refusedHeaders: [(name: String, offset: Int, bytes: [UInt8], code: StoreError.Code)] = [
        ("version 0", 0, [0], .unknownVersion), ("version 3", 0, [3], .unknownVersion),
        ("version 1 of another length", 0, [1], .damaged),
        ("reserved byte 1", 1, [1], .damaged), ("reserved byte 3", 3, [1], .damaged),
        ("no entries", 4, [0, 0, 0, 0], .damaged), ("one entry more", 4, [0, 0, 0, 4], .damaged),
        ("2^32-1 entries", 4, [255, 255, 255, 255], .damaged),
        ("a first index past the end", 8, Array(repeating: 255, count: 8), .damaged),
        ("one byte of entries more", 19, [0xff], .damaged),
        ("2^32-1 bytes of entries", 16, [255, 255, 255, 255], .damaged),
        ("2^32-1 bytes of envelopes", 20, [255, 255, 255, 255], .damaged),
        ("a node that is not there", 24, [0, 0, 0, 1], .damaged), ("2^32-1 nodes", 24, [255, 255, 255, 255], .damaged),
        ("the last reserved bytes", 28, [0, 0, 0, 1], .damaged),
    ]

    @Test(arguments: refusedHeaders.indices)
    func `a header that contradicts itself or its segment is refused`(position: Int) throws {
        let damage = SegmentDamageTests.refusedHeaders[position]
        var log = SampleLog()
        try log.add(3)
        var bytes = log.segment
        bytes.replaceSubrange(damage.offset..<damage.offset + damage.bytes.count, with: damage.bytes)
        let error = #expect(throws: StoreError.self) { try SegmentLayout(bytes.span) }
        #expect(error?.code == damage.code, "\(damage.name): \(error?.description ?? "accepted")")
    }

    @Test func `the first index may be so large that the last one is the greatest that links can name`() throws {
        var log = SampleLog()
        try log.add(3)
        var bytes = log.segment
        bytes.replaceSubrange(8..<16, with: [UInt8](bigEndian: .max - 3))
        let layout = try SegmentLayout(bytes.span)
        #expect(layout.last.rawValue == UInt64.max - 1)
        bytes.replaceSubrange(8..<16, with: [UInt8](bigEndian: .max - 2))
        #expect(throws: StoreError(.damaged, "")) { try SegmentLayout(bytes.span) }
    }

    @Test func `a segment cut short anywhere or with a byte behind it is refused`() throws {
        var log = SampleLog()
        try log.add(17)
        let bytes = log.segment
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            #expect(throws: StoreError(.damaged, "")) { try SegmentLayout(cut.span) }
        }
        let longer = bytes + [0]
        #expect(throws: StoreError(.damaged, "")) { try SegmentLayout(longer.span) }
    }

    @Test(arguments: [1, 3, 17])
    func `a segment with any byte changed is refused, or all its parts lie in it`(count: Int) throws {
        var log = SampleLog()
        try log.add(count)
        let bytes = log.segment
        let tables = 64 + count * 8
        var refused = 0
        for offset in bytes.indices {
            for mask: UInt8 in offset < tables ? [1, 2, 4, 8, 16, 32, 64, 128, 0xff] : [0x80] {
                var changed = bytes
                changed[offset] ^= mask
                guard let parts = read(changed) else {
                    refused += 1
                    continue
                }
                let isWithin = parts.allSatisfy { $0.lowerBound >= tables && $0.upperBound <= changed.count }
                #expect(isWithin, "byte \(offset), mask \(mask)")
                if offset < 8 || (16..<32).contains(offset) { Issue.record("byte \(offset) of the header went unseen") }
            }
        }
        #expect(refused >= 24 * 9)
    }

    @Test func `ends that fall, leave the segment or stop before it are refused`() throws {
        var log = SampleLog()
        try log.add(3)
        let bytes = log.segment
        let entries = Array(bytes[16..<20])
        let damages: [(offset: Int, bytes: [UInt8], position: Int)] = [
            (64, [0, 0, 0, 0], 0), (64, [255, 255, 255, 255], 0), (64, [255, 255, 255, 255], 1), (68, [0, 0, 0, 1], 1),
            (68, [0, 0, 0, 1], 1), (72, [0, 0, 0, 1], 2), (72, [255, 255, 255, 255], 2),
            (72, Array(bytes[68..<72]), 2), (68, Array(bytes[64..<68]), 1), (68, entries, 2),
        ]
        for damage in damages {
            var changed = bytes
            changed.replaceSubrange(damage.offset..<damage.offset + 4, with: damage.bytes)
            let layout = try SegmentLayout(changed.span)
            #expect(throws: StoreError(.damaged, ""), "\(damage)") {
                try layout.entry(damage.position, in: changed.span)
            }
        }
    }

    @Test(arguments: [(0, 0), (20, 30), (254, 256)])
    func `a leaf hash is not taken from an entry that begins otherwise`(first: Int, last: Int) throws {
        var log = SampleLog()
        try log.add(first)
        log.builder = SegmentBuilder(after: log.builder.tail)
        try log.add(last - first + 2)
        let bytes = log.segment
        let layout = try SegmentLayout(bytes.span)
        #expect(layout.first.rawValue == UInt64(first))
        for position in 0..<layout.count - 1 {
            let sound = try layout.leaf(position, in: bytes.span)
            let next = try layout.entry(position + 1, in: bytes.span)
            let place = try #require(EntryLayout.previousOffset(of: layout.first, after: position, in: bytes[next]))
            for offset in 0..<place + 32 {
                for mask: UInt8 in [0x01, 0x20, 0x80, 0xff] {
                    // How many pairs the map has is no matter here.
                    if offset == 0, mask == 0x01 { continue }
                    var changed = bytes
                    changed[next.lowerBound + offset] ^= mask
                    let leaf = try? layout.leaf(position, in: changed.span)
                    #expect(offset < place ? leaf == nil : leaf != nil && leaf != sound, "byte \(offset)")
                }
            }
        }
        let stored = try layout.leaf(layout.count - 1, in: bytes.span)
        #expect(stored == log.builder.tail.leaf)
        let cut = [UInt8](repeating: 0, count: 39)
        #expect(EntryLayout.previousOffset(of: 0, in: cut.span) == nil)
    }

    @Test func `a last end one byte before the end of its part is refused`() throws {
        var log = SampleLog()
        try log.add(3)
        let bytes = log.segment
        var entries = bytes
        entries[75] -= 1
        var envelopes = bytes
        envelopes[87] -= 1
        let layout = try SegmentLayout(bytes.span)
        #expect(throws: StoreError(.damaged, "")) { try layout.entry(2, in: entries.span) }
        #expect(throws: StoreError(.damaged, "")) { try layout.envelope(2, in: envelopes.span) }
        let sound = try layout.entry(2, in: bytes.span)
        #expect(Array(bytes[sound]) == log.entries[2])
    }

    @Test func `random segments are refused, or all their parts lie in them`() throws {
        let seed = printedSeed("random segments")
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for number in 0..<5000 {
            let count = Int.random(in: 1...4, using: &random)
            let entries = Int.random(in: 0...64, using: &random)
            let version: UInt8 = number % 3 == 0 ? 1 : 2
            var bytes: [UInt8] = [version, 0, 0, 0]
            bytes.append(bigEndian: UInt32(count))
            bytes.append(bigEndian: random.next())
            for size in [entries, 16, 1, 0] { bytes.append(bigEndian: UInt32(size)) }
            if version == 2 { bytes += random.bytes(32) }
            for size in [entries, 16] {
                let ends = (1..<count).map { _ in Int.random(in: 0...size + 1, using: &random) }
                for end in ends.sorted() + [size] { bytes.append(bigEndian: UInt32(end)) }
            }
            bytes += random.bytes(count * (version == 1 ? 48 : 16) + 32 + entries + 16)
            if number % 2 == 0 {
                bytes = Array(bytes.prefix(12)) + random.bytes(Int.random(in: 0...200, using: &random))
            }
            guard let parts = read(bytes) else { continue }
            accepted += 1
            #expect(parts.allSatisfy { $0.upperBound <= bytes.count }, "case \(number) of seed \(seed)")
        }
        #expect(accepted > 100 && accepted < 4000, "seed \(seed)")
    }

    /// Every part that can be read: nil when the header or any entry or envelope is refused.
    private func read(_ bytes: [UInt8]) -> [Range<Int>]? {
        guard let layout = try? SegmentLayout(bytes.span) else { return nil }
        var parts: [Range<Int>] = []
        var isWhole = true
        for position in 0..<layout.count {
            if let entry = try? layout.entry(position, in: bytes.span) { parts.append(entry) } else { isWhole = false }
            if let envelope = try? layout.envelope(position, in: bytes.span) {
                parts.append(envelope)
            } else {
                isWhole = false
            }
            _ = try? layout.leaf(position, in: bytes.span)
            _ = layout.link(position, in: bytes.span)
        }
        for position in 0..<layout.nodeCount { _ = layout.node(position, in: bytes.span) }
        return isWhole ? parts : nil
    }
}

extension EntryLayout {
    /// Where `previous` begins in the bytes of the entry that follows the one at `position` of a segment.
    fileprivate static func previousOffset(of first: EntryIndex, after position: Int, in bytes: ArraySlice<UInt8>)
        -> Int?
    {
        let entry = Array(bytes)
        return previousOffset(of: EntryIndex(first.rawValue + UInt64(position) + 1), in: entry.span)
    }
}
