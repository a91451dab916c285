import Digests
import EventFormat
import Merkle
import TestSupport
import Testing

/// docs/format.md, part 1: what the page states and what the code computes are the same bytes.
struct PageExamplesTests {
    let page: FormatPage

    init() throws { page = try FormatPage() }

    @Test func `the page has the examples that these tests and those of the store read`() {
        let numbered = ["entry", "leaf"].flatMap { name in (0...2).map { "\(name)-\($0)" } }
        let names =
            numbered + (0...3).map { "root-\($0)" }
            + ["envelope-0", "envelope-1", "payload-digest-0", "payload-digest-1"]
            + ["derived-id-input", "derived-id-digest", "derived-id"]
            + ["key-input", "key-id", "source-map-1", "source-digest-1", "append-message", "append-signature"]
            + ["signed-entry-1", "signed-leaf-1"]
            + ["segment", "segment-key", "stream-key", "stream-row", "id-key", "id-row"]
        #expect(Set(page.blocks.keys) == Set(names))
    }

    @Test func `the genesis of the page is the one that the code makes`() throws {
        let origin = try Origin("records.example.gov/permits")
        let incarnation = try #require(EventID(uuid: "0198c0de-4a00-7a3b-8c1d-2e3f40516273"))
        let genesis = Genesis(origin: origin, incarnation: incarnation)
        let event = genesis.event
        let payload = try #require(event.payload)
        let salt = (0..<16).map { UInt8($0) }
        var envelope: [UInt8] = []
        let commitment = Envelope.seal(clear: payload, salt: salt.span, into: &envelope)
        #expect(envelope == (try page.block("envelope-0")))
        #expect(commitment.digest == (try page.digest("payload-digest-0")))
        #expect(page.text.contains(try #require(String(validating: payload.bytes, as: UTF8.self))))
        let recorded = try Timestamp(rfc3339: "2025-08-19T08:00:00Z")
        let entry = Entry(
            index: 0, previous: .zero, recorded: recorded, stream: .ledger, revision: 0, streamPrevious: nil,
            id: event.id, type: event.type, source: event.source, occurred: recorded, payload: commitment)
        #expect(try entry.encoded() == page.block("entry-0"))
        #expect(try Genesis(try decoding(page.block("entry-0")).get()) == genesis)
    }

    @Test func `entry 1 of the page is the one that the code makes`() throws {
        let salt: [UInt8] = [
            0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78, 0x69, 0x5a, 0x4b, 0x3c, 0x2d, 0x1e, 0x0f,
        ]
        var envelope: [UInt8] = []
        let commitment = Envelope.seal(
            clear: .json(#"{"kind":"building","fee":120}"#), salt: salt.span, into: &envelope)
        #expect(envelope == (try page.block("envelope-1")))
        #expect(commitment.digest == (try page.digest("payload-digest-1")))
        let entry = Entry(
            index: 1, previous: try page.digest("leaf-0"),
            recorded: try Timestamp(rfc3339: "2025-08-19T08:00:01.25Z"),
            stream: "application-0198c0de-4d10-7c5e-9f60-718293a4b5c6", revision: 0, streamPrevious: nil,
            id: try #require(EventID(uuid: "0198c0de-4ee2-7001-8203-040506070809")), type: "application.received",
            source: "https://permits.example.gov/intake",
            occurred: try Timestamp(rfc3339: "2025-08-19T07:59:58Z"), payload: commitment)
        #expect(try entry.encoded() == page.block("entry-1"))
        #expect(try decoding(page.block("entry-1")).get() == entry)
    }

    @Test func `entry 2 of the page is the one that the code makes`() throws {
        let leaf = try page.digest("leaf-1")
        let entry = Entry(
            index: 2, previous: leaf, recorded: try Timestamp(rfc3339: "2025-08-19T08:00:01.25Z"),
            stream: "application-0198c0de-4d10-7c5e-9f60-718293a4b5c6", revision: 1, streamPrevious: leaf,
            id: try #require(EventID(uuid: "0198c0de-4ee2-7002-90a1-b2c3d4e5f607")), type: "dossier.attached",
            source: "/archive/scanning", occurred: try Timestamp(rfc3339: "1969-12-31T23:59:59.5Z"),
            schema: "https://permits.example.gov/schemas/dossier/3",
            correlation: EventID(uuid: "0198c0de-4ee1-7abc-8def-0123456789ab"),
            causation: EventID(uuid: "0198c0de-4ee2-7001-8203-040506070809"))
        #expect(try entry.encoded() == page.block("entry-2"))
        #expect(try decoding(page.block("entry-2")).get() == entry)
    }

    @Test func `the leaf hashes and roots of the page are those of its entries`() throws {
        var tree = CompactRange()
        #expect(tree.root == (try page.digest("root-0")))
        for number in 0...2 {
            let bytes = try page.block("entry-\(number)")
            let leaf = MerkleHash.leaf(bytes.span)
            #expect(leaf == (try page.digest("leaf-\(number)")))
            #expect(leaf == SHA256.hash(prefix: Entry.leafPrefix, bytes.span))
            tree.append(leaf)
            #expect(tree.root == (try page.digest("root-\(number + 1)")))
        }
    }

    @Test func `the derived id of the page is the one that the code makes`() throws {
        let parts = ["import", "permits-2011.xes", "bölüm 7"].map { Array($0.utf8) }
        let id = EventID(naming: parts, at: try Timestamp(rfc3339: "2011-10-11T11:45:40.276Z"))
        #expect(id.bytes == (try page.block("derived-id")))
        #expect(id.description == "0132f2cd-67b4-87c5-a6a0-c2f4ba473313")
        #expect(page.text.contains("`\(id)`"))
        let input = try page.block("derived-id-input")
        let digest = SHA256.hash(input.span)
        #expect(digest == (try page.digest("derived-id-digest")))
    }

    @Test func `the limits of the page are those of the code`() {
        for (number, limit) in [
            ("65,535 bytes", Entry.maximumByteCount == 65_535),
            ("1,048,576 bytes", Payload.maximumByteCount == 1_048_576),
            ("1,052,672 bytes", Envelope.maximumByteCount == 1_052_672),
            ("1–64 bytes; 1–8,192 bytes", AppendSignature.maximumKeyIDByteCount == 64),
            ("1–64 bytes; 1–8,192 bytes", AppendSignature.maximumSignatureByteCount == 8192),
            ("−62,135,596,800,000,000", Timestamp.earliest.microseconds == -62_135_596_800_000_000),
            ("253,402,300,799,999,999", Timestamp.latest.microseconds == 253_402_300_799_999_999),
        ] {
            #expect(limit && page.text.contains(number), "\(number)")
        }
    }
}
