import Digests
import TestSupport
import Testing

@testable import EventFormat

/// What a source signs of an event is the same before it is recorded and after, and covers what the source decides.
@Suite struct SourceDigestTests {
    /// An event of every shape, and the stream that it goes to.
    private func event(_ random: inout SeededGenerator) -> (Event, StreamName, PayloadCommitment?) {
        let entry = random.entry()
        let event = Event(
            id: entry.id, type: entry.type, source: entry.source, occurred: entry.occurred, schema: entry.schema,
            correlation: entry.correlation, causation: entry.causation)
        return (event, entry.stream, entry.payload)
    }

    private func digest(_ event: Event, _ payload: PayloadCommitment?, to stream: StreamName) -> Digest {
        var bytes: [UInt8] = [1, 2, 3]
        return event.encode(payload: payload, to: stream, time: .latest, into: &bytes).digest
    }

    private func entry(
        _ event: Event, _ payload: PayloadCommitment?, to stream: StreamName, _ random: inout SeededGenerator
    ) -> Entry {
        let other = random.entry()
        return Entry(
            index: other.index, previous: other.previous, recorded: other.recorded, stream: stream,
            revision: other.revision, streamPrevious: other.streamPrevious, id: event.id, type: event.type,
            source: event.source, occurred: event.occurred ?? .epoch, payload: payload, schema: event.schema,
            correlation: event.correlation, causation: event.causation, append: other.append)
    }

    private func digest(_ entry: Entry) throws -> Digest {
        let bytes = try entry.encoded()
        return try EntryLayout(bytes.span).sourceDigest(in: bytes.span)
    }

    @Test func `the digest of an event is that of its entry wherever the entry stands`() throws {
        let seed = printedSeed("source digests")
        var random = SeededGenerator(seed: seed)
        for number in 0..<1_000 {
            let (event, stream, payload) = event(&random)
            let before = digest(event, payload, to: stream)
            for _ in 0..<2 {
                let after = try digest(entry(event, payload, to: stream, &random))
                #expect(after == before, "event \(number) of seed \(seed)")
            }
        }
    }

    @Test func `the digest is that of a map of the source's keys behind the byte 3`() throws {
        let raw = RawEntry.full
        var map: [UInt8] = [0x03, 0xa9]
        for key in [4, 7, 8, 9, 10, 11, 12, 13, 14] { map += [UInt8(key)] + raw[UInt8(key)] }
        let layout = try EntryLayout(raw.bytes.span)
        let (digest, expected) = (layout.sourceDigest(in: raw.bytes.span), SHA256.hash(map.span))
        #expect(digest == expected)
    }

    @Test func `each thing that the source decides changes the digest`() throws {
        let seed = printedSeed("altered source fields")
        var random = SeededGenerator(seed: seed)
        let payload = PayloadCommitment(form: .clear, digest: random.digest(), size: 60, mediaType: "a/b")
        var (event, stream, _) = event(&random)
        (event.schema, event.correlation, event.causation) = ("urn:s", random.id(), random.id())
        stream = "a-1"
        var digests: Set<Digest> = [digest(event, payload, to: stream), digest(event, payload, to: "a-2")]
        let changes: [(inout Event) -> Void] = [
            { $0.id = EventID() }, { $0.type += "x" }, { $0.source += "x" }, { $0.occurred = .now },
            { $0.schema = nil }, { $0.schema = "urn:t" }, { $0.correlation = nil }, { $0.causation = nil },
            // The same bytes under another key.
            { ($0.correlation, $0.causation) = (nil, $0.correlation) },
        ]
        for change in changes {
            var changed = event
            change(&changed)
            digests.insert(digest(changed, payload, to: stream))
        }
        digests.insert(digest(event, nil, to: stream))
        for alter in [
            { $0.digest = .zero }, { $0.size = 61 }, { $0.mediaType = "a/c" }, { $0.form = .sealed },
        ] as [(inout PayloadCommitment) -> Void] {
            var changed = payload
            alter(&changed)
            digests.insert(digest(event, changed, to: stream))
        }
        #expect(digests.count == 2 + changes.count + 5, "seed \(seed)")
    }

    @Test func `a signature can be added to an entry that is made from encoded fields`() throws {
        var random = SeededGenerator(seed: 7)
        let (event, stream, payload) = event(&random)
        var expected = entry(event, payload, to: stream, &random)
        expected.append = AppendSignature(
            count: 3, keyID: random.digest().bytes, signature: Array(repeating: 9, count: 64))
        var fields: [UInt8] = []
        let encoded = event.encode(payload: payload, into: &fields)
        var bytes: [UInt8] = []
        try expected.position.encode(
            encoded, in: fields.span, stream: stream, signature: expected.append, into: &bytes)
        let decoded = try Entry(decoding: bytes.span)
        #expect(decoded == expected)
        #expect(try bytes == expected.encoded())
    }
}
