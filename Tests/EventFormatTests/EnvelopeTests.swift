import Digests
import EventFormat
import Testing

struct EnvelopeTests {
    private static let salt = (1...16).map { UInt8($0) }

    @Test(arguments: [0, 1, 5, 1000])
    func `a clear envelope is its salt and its payload and opens to it`(count: Int) throws {
        let payload = Payload(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) }, mediaType: "a/b")
        var output: [UInt8] = [9, 9]
        let salt = EnvelopeTests.salt
        let commitment = Envelope.seal(clear: payload, salt: salt.span, into: &output)
        let envelope = Array(output.dropFirst(2))
        #expect(output.prefix(2) == [9, 9])
        #expect(envelope == EnvelopeTests.salt + payload.bytes)
        #expect(commitment.form == .clear && commitment.mediaType == "a/b")
        #expect(commitment.size == UInt64(16 + count))
        let digest = SHA256.hash(([2] + envelope).span)
        #expect(commitment.digest == digest)
        #expect(try Envelope.open(clear: envelope.span) == payload.bytes)
    }

    @Test func `one payload under two salts has two digests`() {
        var output: [UInt8] = []
        let (salt, backwards) = (EnvelopeTests.salt, Array(EnvelopeTests.salt.reversed()))
        let first = Envelope.seal(clear: .json("{}"), salt: salt.span, into: &output)
        let second = Envelope.seal(clear: .json("{}"), salt: backwards.span, into: &output)
        #expect(first.digest != second.digest)
    }

    @Test(arguments: [0, 1, 15])
    func `an envelope shorter than its salt is refused`(count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        let error = #expect(throws: FormatError(.truncated, "")) { try Envelope.open(clear: bytes.span) }
        #expect(error?.description == "the envelope has \(count) bytes; a clear one has at least 16")
    }
}

struct GenesisTests {
    private static let genesis: Genesis? = try? Genesis(origin: Origin("records.example.gov/permits"))

    private func entry() throws -> Entry {
        let event = try #require(GenesisTests.genesis).event
        return Entry(
            index: 0, previous: .zero, recorded: .epoch, stream: .ledger, revision: 0, streamPrevious: nil,
            id: event.id, type: event.type, source: event.source, occurred: .epoch)
    }

    @Test func `origin and incarnation are read from entry 0`() throws {
        #expect(try Genesis(entry()) == GenesisTests.genesis)
    }

    @Test func `the genesis is a valid event whose payload names origin and incarnation`() throws {
        let genesis = try #require(GenesisTests.genesis)
        let event = genesis.event
        try event.validate()
        let text = String(decoding: try #require(event.payload).bytes, as: UTF8.self)
        #expect(
            text == #"{"origin":"records.example.gov/permits","incarnation":"\#(genesis.incarnation)","#
                + #""formatVersion":1,"keys":[]}"#)
        #expect(event.payload?.mediaType == "application/json" && event.id == genesis.incarnation)
    }

    @Test func `two ledgers of one origin have two incarnations`() throws {
        let origin = try Origin("a")
        #expect(Genesis(origin: origin) != Genesis(origin: origin))
    }

    @Test(arguments: ["index", "stream", "type", "source"])
    func `an entry that is no genesis is refused`(field: String) throws {
        var entry = try entry()
        switch field {
        case "index": entry.index = 1
        case "stream": entry.stream = "ledger-2"
        case "type": entry.type = "ledger.Created"
        default: entry.source = "https://records.example.gov"
        }
        let error = #expect(throws: FormatError(.outOfRange, "")) { try Genesis(entry) }
        let expected = field == "source" ? "is no origin" : "entry 0 is not \"ledger.created\" in the stream \"ledger\""
        #expect(error?.reason.contains(expected) == true)
    }

    @Test(arguments: ["occurred", "schema", "correlation", "causation", "append"])
    func `an entry 0 that says more than a genesis does is refused`(field: String) throws {
        var entry = try entry()
        switch field {
        case "occurred": entry.occurred = try Timestamp(microseconds: 1)
        case "schema": entry.schema = "/schema"
        case "correlation": entry.correlation = EventID()
        case "causation": entry.causation = EventID()
        default: entry.append = AppendSignature(count: 1, keyID: [1], signature: [1])
        }
        let error = #expect(throws: FormatError(.outOfRange, "")) { try Genesis(entry) }
        #expect(error?.reason.contains("the genesis of a ledger has none of them") == true)
    }
}
