import Ledger
import Testing

/// Promise 13, and that what is allowed works.
@Suite struct LimitTests {
    private func large(_ count: Int, _ byte: UInt8 = 7) -> Event {
        Event(
            type: "t", source: "s",
            payload: Payload(bytes: [UInt8](repeating: byte, count: count), mediaType: "application/octet-stream"))
    }

    @Test(arguments: Store.all)
    func `a payload may have 1 MiB and not a byte more`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let event = large(1 << 20)
            try await ledger.append([event], to: "a-1")
            #expect(try await ledger.event(at: 1).payload == event.payload)
            let error = await refusal { try await ledger.append([note(), large((1 << 20) + 1)], to: "a-1") }
            #expect(says(error, .tooLarge, "event 2", "1048577 bytes", "at most 1048576", "by digest"))
            #expect(try await ledger.size() == 2)
        }
    }

    @Test(arguments: Store.all)
    func `an append of more than a segment is recorded whole`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let events = (0..<14).map { large(1_000_000, UInt8($0)) } + [note()]
            let places = try await ledger.append(events, to: "a-1")
            #expect(places.map(\.index.rawValue) == Array(1...15))
            let stored = try await ledger.events(from: 1).collected()
            #expect(stored.map(\.payload) == events.map(\.payload))
            let backwards = try await ledger.events(of: "a-1", direction: .backwards).collected()
            #expect(backwards.map(\.index) == stored.map(\.index).reversed())
            #expect(try await ledger.append(events, to: "a-1").allSatisfy { $0.repeated })
            let root = try await ledger.root().root
            for event in stored {
                try await ledger.inclusionProof(of: event.index).verify(leaf: event.leaf, root: root)
            }
        }
    }

    @Test(arguments: Store.all)
    func `an append may have 10,000 events and not one more, nor none`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let events = (0..<10_000).map {
                StreamEvent(Event(type: "t", source: "s"), to: $0 % 2 == 0 ? "a-1" : "b-1")
            }
            let places = try await ledger.append(events)
            #expect(places.last?.index == 10_000 && places.last?.revision == 4999)
            let more = events + [StreamEvent(note(), to: "a-1")]
            let error = await refusal { try await ledger.append(more) }
            #expect(says(error, .tooLarge, "10001 events", "at most 10000", "split"))
            let none = await refusal { try await ledger.append([], to: "a-1") }
            #expect(says(none, .invalid, "at least one event"))
            #expect(try await ledger.size() == 10_001)
        }
    }

    @Test(arguments: Store.all)
    func `an append's payloads may have 64 MiB together`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let shared = large(1 << 20).payload
            let events = (0..<64).map { _ in Event(type: "t", source: "s", payload: shared) }
            let error = await refusal { try await ledger.append(events + [note()], to: "a-1") }
            #expect(says(error, .tooLarge, "at most 67108864", "split"))
            try await ledger.append(events, to: "a-1")
            #expect(try await ledger.event(at: 64).payload == shared)
        }
    }

    static let fields: [(String, LedgerError.Code, String, @Sendable (inout Event) -> Void)] = [
        ("type", .invalid, "type is empty", { $0.type = "" }),
        ("type", .tooLarge, "256 bytes; at most 255", { $0.type = String(repeating: "t", count: 256) }),
        ("type", .tooLarge, "256 bytes; at most 255", { $0.type = String(repeating: "\u{e9}", count: 128) }),
        ("type", .invalid, "control character U+A", { $0.type = "a\nb" }),
        ("source", .invalid, "source is empty", { $0.source = "" }),
        ("source", .tooLarge, "2049 bytes; at most 2048", { $0.source = String(repeating: "s", count: 2049) }),
        ("source", .invalid, "control character U+85", { $0.source = "a\u{85}" }),
        ("schema", .invalid, "schema is empty", { $0.schema = "" }),
        ("schema", .tooLarge, "2049 bytes; at most 2048", { $0.schema = String(repeating: "s", count: 2049) }),
        ("media type", .invalid, "media type is empty", { $0.payload?.mediaType = "" }),
        ("media type", .invalid, "control character U+0", { $0.payload?.mediaType = "a\0" }),
        ("media type", .tooLarge, "at most 255", { $0.payload?.mediaType = String(repeating: "m", count: 256) }),
    ]

    @Test(arguments: Store.all, fields.indices)
    func `a field that breaks the format is named`(_ store: Store, _ number: Int) async throws {
        let (field, code, words, change) = LimitTests.fields[number]
        try await store.withLedger { ledger in
            var event = note()
            change(&event)
            let error = await refusal { try await ledger.append([note(), event], to: "a-1") }
            #expect(says(error, code, "event 2 of the append", "\(event.id)", "the \(field)", words), "\(error as Any)")
            let size = try await ledger.size()
            #expect(size == 1)
        }
    }

    @Test(arguments: Store.all)
    func `the longest event that the format allows is recorded`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let event = Event(
                type: String(repeating: "t", count: 255), source: String(repeating: "s", count: 2048),
                occurred: .earliest,
                payload: Payload(bytes: [1], mediaType: String(repeating: "m", count: 255)),
                schema: String(repeating: "c", count: 2048), correlation: EventID(), causation: EventID())
            let stream = try StreamName(String(repeating: "n", count: 255))
            try await ledger.append([event, note()], to: stream)
            let stored = try await ledger.event(at: 1)
            #expect(stored.type == event.type && stored.entry.schema == event.schema && stored.occurred == .earliest)
        }
    }

    @Test func `a full map refuses the append, keeps what is there and takes smaller ones`() async throws {
        var options = LogOptions()
        options.mapSize = 1 << 20
        try await Store.all[0].withLedger(options) { ledger in
            try await ledger.append([note()], to: "a-1")
            let root = try await ledger.root().root
            let error = await refusal { try await ledger.append([large(1 << 20)], to: "a-1") }
            #expect(says(error, .mapFull, "nothing was recorded", "larger map"))
            #expect(try await ledger.root().root == root)
            var recorded: UInt64 = 1
            while await refusal({ try await ledger.append([large(60_000)], to: "a-1") }) == nil { recorded += 1 }
            #expect(recorded > 5)
            #expect(try await ledger.size() == recorded + 1)
            #expect(try await ledger.events(of: "a-1").collected().count == Int(recorded))
        }
    }
}
