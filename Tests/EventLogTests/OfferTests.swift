import Digests
import EventFormat
import StoreFormat
import Testing

@testable import EventLog

/// What one process offers to another: nothing is lost on the way, and nothing that is altered on the way is taken for
/// an event that it is not.
@Suite struct OfferTests {
    private static let target = OfferTarget(
        file: FileIdentity(device: 7, inode: 1 << 40), identity: Digest(copying: [UInt8](0..<32).span), trusted: 12)

    private static func events() throws -> [StreamEvent] {
        let time = try Timestamp(microseconds: 1_700_000_000_123_456)
        let full = Event(
            id: EventID(), type: "document.sent", source: "urn:agency:ü", occurred: time,
            payload: Payload(bytes: Array("{}".utf8), mediaType: "application/json"), schema: "urn:schema:1",
            correlation: EventID(), causation: EventID())
        return [
            StreamEvent(full, to: "case-ä"),
            StreamEvent(Event(type: "t", source: "s"), to: "a-1"),
            StreamEvent(Event(type: "t", source: "s", occurred: .epoch), to: "a-1"),
            StreamEvent(
                Event(type: "t", source: "s", payload: Payload(bytes: [], mediaType: "text/plain")), to: "case-ä"),
        ]
    }

    private static func requests() throws -> [AppendRequest] {
        let checks = [
            StreamCheck("a-1", .any), StreamCheck("a-2", .none), StreamCheck("ä", .exists),
            StreamCheck("a-1", .revision(Revision(1 << 40))),
        ]
        let signed = try AppendRequest(.ofStreams(try events()), statedTime: .now)
        let signature = AppendSignature(
            count: 4, keyID: Array(repeating: 1, count: 32), signature: Array(repeating: 2, count: 64))
        return [
            try AppendRequest(.ofStreams(try events()), checks: checks),
            AppendRequest(signed, signature: signature),
            try AppendRequest(.ofStream([Event(type: "t", source: "s")], "b-1")),
        ]
    }

    private static func offer(_ requests: [AppendRequest]) throws -> [UInt8] {
        try #require(Offer.bytes(of: requests, for: target))
    }

    private func read(_ bytes: [UInt8]) throws -> [OfferedAppend] {
        var reader = OfferReader(bytes)
        let target = try reader.target()
        let appends = try reader.appends()
        guard target == OfferTests.target else { throw OfferReader.Malformed() }
        return appends
    }

    /// The segment that the parts' events make.
    private func segment(_ appends: [(parts: [AppendPart], signature: AppendSignature?)]) throws -> [UInt8] {
        var builder = SegmentBuilder(after: LogTail())
        for (parts, signature) in appends {
            for part in parts {
                let (fields, envelopes) = (part.fields, part.envelopes)
                for (position, item) in part.items.enumerated() {
                    let place = StreamPlace(
                        revision: Revision(1 << 60), previousLeaf: .zero, link: StreamLink(previous: nil, jump: nil))
                    _ = try builder.add(
                        item.fields, in: fields.span, to: part.streams[item.stream], at: place,
                        recorded: try Timestamp(microseconds: 1 << 52),
                        signature: position == part.items.count - 1 ? signature : nil,
                        envelope: envelopes.span.extracting(item.envelope))
                }
            }
        }
        return builder.bytes
    }

    @Test func `appends that are offered make the same entries in another process`() throws {
        let requests = try OfferTests.requests()
        let appends = try read(OfferTests.offer(requests))
        #expect(appends.map(\.checks) == requests.map(\.checks))
        let signatures = try requests.map { try $0.signature() }
        #expect(appends.map(\.signature) == signatures)
        for (append, request) in zip(appends, requests) {
            #expect(append.part.items.map(\.id) == Array(request.ids))
        }
        let (mine, others) = try (
            segment(requests.map { ($0.parts, try $0.signature()) }), segment(appends.map { ([$0.part], $0.signature) })
        )
        #expect(mine == others && mine.count > 1000)
    }

    @Test func `what does not fit and what only its own process may record is not offered`() throws {
        let large = Payload(bytes: Array(repeating: 0, count: Offer.maximumByteCount), mediaType: "text/plain")
        let request = try AppendRequest(.ofStream([Event(type: "t", source: "s", payload: large)], "a-1"))
        #expect(Offer.bytes(of: [request], for: OfferTests.target) == nil)
        let own = try AppendRequest(.ofStream([Event(type: "t", source: "s")], "ledger"), reserved: true)
        #expect(Offer.bytes(of: [own], for: OfferTests.target) == nil)
        let small = try (0..<2000).map { _ in try AppendRequest(.ofStream([Event(type: "t", source: "s")], "a-1")) }
        #expect(Offer.bytes(of: small, for: OfferTests.target) == nil)
        #expect(try read(OfferTests.offer(Array(small.prefix(100)))).count == 100)
    }

    @Test func `an offer that writes the ledger's own stream is refused`() throws {
        let request = try AppendRequest(.ofStream([Event(type: "t", source: "s")], "lodger"))
        var bytes = try OfferTests.offer([request])
        #expect(try read(bytes).count == 1)
        let name = Array("lodger".utf8)
        let place = try #require((0..<bytes.count - 6).first { Array(bytes[$0..<$0 + 6]) == name })
        bytes[place + 1] = UInt8(ascii: "e")
        #expect(throws: OfferReader.Malformed.self) { try read(resealed(bytes)) }
        bytes[place + 1] = UInt8(ascii: "i")
        #expect(try read(resealed(bytes)).count == 1)
    }

    /// The same bytes with a digest that is theirs, as another program might offer them.
    private func resealed(_ bytes: [UInt8]) -> [UInt8] {
        let content = Array(bytes.dropLast(Digest.byteCount))
        return content + SHA256.hash(content.span).bytes
    }

    @Test func `a cut offer is refused at each length`() throws {
        let bytes = try OfferTests.offer(OfferTests.requests())
        for count in 0..<bytes.count {
            let part = Array(bytes.prefix(count))
            #expect(throws: OfferReader.Malformed.self, "\(count)") { try read(part) }
            guard count >= Digest.byteCount else { continue }
            #expect(throws: OfferReader.Malformed.self, "\(count), resealed") { try read(resealed(part)) }
        }
        #expect(throws: OfferReader.Malformed.self) { try read(bytes + [0]) }
        #expect(throws: OfferReader.Malformed.self) { try read(resealed(bytes + [0])) }
    }

    @Test func `an offer of which a byte was altered is refused`() throws {
        let bytes = try OfferTests.offer(OfferTests.requests())
        for position in bytes.indices {
            var altered = bytes
            altered[position] ^= 1 << UInt8(position % 8)
            #expect(throws: OfferReader.Malformed.self, "\(position)") { try read(altered) }
        }
    }

    @Test func `whatever byte another program wrote, an offer is refused or makes entries that keep the rules`() throws
    {
        let bytes = try OfferTests.offer(OfferTests.requests())
        var (refused, taken) = (0, 0)
        for position in bytes.indices {
            for change: UInt8 in [0x01, 0x80, 0xff] {
                var altered = bytes
                altered[position] ^= change
                guard let appends = try? read(resealed(altered)) else {
                    refused += 1
                    continue
                }
                taken += 1
                let segment = try segment(appends.map { ([$0.part], $0.signature) })
                let layout = try SegmentLayout(segment.span)
                for entry in 0..<layout.count {
                    let range = try layout.entry(entry, in: segment.span)
                    _ = try EntryLayout(segment.span.extracting(range))
                }
            }
        }
        #expect(refused > 1000 && taken > 100)
    }
}
