import Digests
import EventFormat
import Merkle
import StoreFormat
import TestSupport
import Testing

/// docs/format.md, part 2: what the page states and what the code computes are the same bytes.
struct StorePageTests {
    let page: FormatPage

    init() throws { page = try FormatPage() }

    @Test func `the segment of the page is the one that the code makes of its three entries`() throws {
        let links: [StreamLink] = [
            StreamLink(previous: nil, jump: nil), StreamLink(previous: nil, jump: nil),
            StreamLink(previous: 1, jump: 1),
        ]
        var encoded = SegmentBuilder(after: LogTail())
        var copied = SegmentBuilder(after: LogTail())
        for number in 0...2 {
            let bytes = try page.block("entry-\(number)")
            let envelope = number == 2 ? [] : try page.block("envelope-\(number)")
            let entry = try Entry(decoding: bytes.span)
            let leaf = try encoded.add(entry, envelope: envelope.span, link: links[number])
            copied.add(
                recorded: bytes.span, layout: try EntryLayout(bytes.span), envelope: envelope.span, link: links[number])
            #expect(leaf == (try page.digest("leaf-\(number)")))
        }
        #expect(encoded.key == (try page.block("segment-key")))
        #expect(encoded.tail.tree.root == (try page.digest("root-3")))
        for builder in [encoded, copied] {
            let output = builder.bytes
            #expect(output == (try page.block("segment")))
            #expect(output.count == builder.byteCount)
            #expect(page.text.contains("one segment of \(output.count) bytes"))
        }
    }

    @Test func `the parts of the page's segment are the page's entries, envelopes and leaves`() throws {
        let bytes = try page.block("segment")
        let layout = try SegmentLayout(bytes.span)
        #expect(layout.count == 3 && layout.first == 0 && layout.last == 2 && layout.nodeCount == 0)
        for number in 0...2 {
            let entry = try layout.entry(number, in: bytes.span)
            #expect(Array(bytes[entry]) == (try page.block("entry-\(number)")))
            let envelope = try layout.envelope(number, in: bytes.span)
            #expect(Array(bytes[envelope]) == (number == 2 ? [] : try page.block("envelope-\(number)")))
            let leaf = try layout.leaf(number, in: bytes.span)
            #expect(leaf == (try page.digest("leaf-\(number)")))
        }
        let link = layout.link(2, in: bytes.span)
        #expect(link == StreamLink(previous: 1, jump: 1))
    }

    @Test func `the rows of the page are those that the code makes`() throws {
        let entryBytes = try page.block("entry-2")
        let entry = try Entry(decoding: entryBytes.span)
        #expect(Array(entry.stream.text.utf8) == (try page.block("stream-key")))
        #expect(entry.id.bytes == (try page.block("id-key")))
        let head = StreamHead(revision: entry.revision, index: entry.index, jump: 1)
        let row = try page.block("stream-row")
        #expect(head.bytes == row)
        #expect(try StreamHead(row.span) == head)
        let idRow = try page.block("id-row")
        let index = StoreLayout.index(ofIDRow: idRow.span)
        #expect(index == entry.index)
        #expect([UInt8](bigEndian: entry.index.rawValue) == idRow)
    }

    @Test func `the table of jumps of the page is what the code computes`() throws {
        let rows = page.text.split(separator: "\n").compactMap { line -> (String, String)? in
            let cells = line.split(separator: "|").map { $0.filter { $0 != " " } }
            guard cells.count == 3, let revision = UInt64(cells[0]), revision < 16, line.hasPrefix("| \(revision) |"),
                cells[2] == "none" || UInt64(cells[2]) != nil
            else { return nil }
            return (cells[0], cells[2])
        }
        let expected = (0..<16).map { number -> (String, String) in
            ("\(number)", StreamJump.target(of: Revision(UInt64(number))).map { "\($0)" } ?? "none")
        }
        #expect(rows.map(\.0) == expected.map(\.0))
        #expect(rows.map(\.1) == expected.map(\.1))
    }

    @Test func `names and version of the page are those of the code`() {
        let tables = [
            StoreLayout.aboutTable, StoreLayout.segmentsTable, StoreLayout.streamsTable, StoreLayout.idsTable,
        ]
        #expect(tables == ["about", "segments", "streams", "ids"])
        for name in tables { #expect(page.text.contains("| `\(name)` | ")) }
        #expect(StoreLayout.versionKey == Array("store".utf8) && page.text.contains("| `about` | `store`"))
        #expect(StoreLayout.indexedKey == Array("indexed".utf8) && page.text.contains("| `about` | `indexed`"))
        #expect(page.text.contains("one byte: 03") && page.text.contains("version of the segment, 2"))
        #expect(StoreLayout.version == 3 && SegmentLayout.version == 2 && StoreLayout.dataFileName == "data.mdb")
        #expect(StoreLayout.recentCount == 4096 && page.text.contains("at least that less 4,096"))
        #expect(StoreLayout.nodeBaseLevel == 4 && StoreLayout.leavesPerBlock == 16)
    }
}
