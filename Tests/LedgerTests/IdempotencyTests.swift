import Ledger
import Testing

/// Promise 2: an append may be repeated with the same ids.
@Suite struct IdempotencyTests {
    static let full = Event(
        id: EventID(), type: "note.made", source: "urn:test", occurred: .epoch, payload: .json("{}"),
        schema: "urn:schema:1", correlation: EventID(), causation: EventID())

    @Test(arguments: Store.all, [Expected.any, .none, .exists, .revision(0), .revision(99)])
    func `a repeated append gives the original places whatever it expects`(
        _ store: Store, _ expectation: Expected
    ) async throws {
        try await store.withLedger { ledger in
            let events = [note(), IdempotencyTests.full, note()]
            let places = try await ledger.append(events, to: "a-1")
            try await ledger.append([note()], to: "a-1")
            let root = try await ledger.root().root
            let again = try await ledger.append(events, to: "a-1", expecting: expectation)
            #expect(again.map(\.index) == places.map(\.index) && again.map(\.revision) == places.map(\.revision))
            #expect(again.allSatisfy { $0.repeated })
            #expect(try await ledger.root().root == root)
        }
    }

    @Test(arguments: Store.all)
    func `a repeated append is recognised by another opening and by each event alone`(_ store: Store) async throws {
        let folder = try Folder()
        let events = [note(), note()]
        var ledger = try await store.create(folder.path("a"), LogOptions())
        try await ledger.append(events, to: "a-1")
        await ledger.close()
        ledger = try await store.open(folder.path("a"), LogOptions())
        #expect(try await ledger.append([events[1]], to: "a-1")[0].index == 2)
        #expect(try await ledger.append([events[1], events[0]], to: "a-1").map(\.index) == [2, 1])
        #expect(try await ledger.size() == 3)
        await ledger.close()
    }

    static let changes: [(String, @Sendable (inout Event) -> Void)] = [
        ("type", { $0.type = "note.other" }), ("source", { $0.source = "urn:other" }),
        ("time", { $0.occurred = .now }), ("payload", { $0.payload = .json("[]") }),
        ("payload", { $0.payload = .json("") }),
        ("media type", { $0.payload?.mediaType = "text/plain" }), ("media type", { $0.payload = nil }),
        ("schema", { $0.schema = "urn:schema:2" }), ("schema", { $0.schema = nil }),
        ("correlation", { $0.correlation = EventID() }), ("correlation", { $0.correlation = nil }),
        ("causation", { $0.causation = EventID() }), ("causation", { $0.causation = nil }),
    ]

    @Test(arguments: Store.all, changes.indices)
    func `an id with changed content is refused and names the difference`(_ store: Store, _ number: Int) async throws {
        let (difference, change) = IdempotencyTests.changes[number]
        try await store.withLedger { ledger in
            try await ledger.append([IdempotencyTests.full], to: "a-1")
            var changed = IdempotencyTests.full
            change(&changed)
            let error = await refusal { try await ledger.append([note(), changed], to: "a-1") }
            #expect(says(error, .idConflict, "event 2", "\(changed.id)", "index 1", "another \(difference)"))
            #expect(try await ledger.size() == 2)
        }
    }

    @Test(arguments: Store.all)
    func `an id in another stream is refused, also one of another spelling`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let event = note()
            try await ledger.append([event], to: StreamName("caf\u{e9}"))
            for name in ["a-2", "cafe\u{301}"] {
                let error = await refusal { try await ledger.append([event], to: try StreamName(name)) }
                #expect(says(error, .idConflict, "another stream", "new id"))
            }
        }
    }

    @Test(arguments: Store.all)
    func `a time that was left open is not compared`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            var event = IdempotencyTests.full
            try await ledger.append([event], to: "a-1")
            event.occurred = nil
            #expect(try await ledger.append([event], to: "a-1")[0].repeated)
        }
    }

    @Test(arguments: Store.all)
    func `an append of which a part is recorded is refused and names what is missing`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let events = [note(), note(), note()]
            try await ledger.append([events[0]], to: "a-1")
            let error = await refusal { try await ledger.append(events, to: "a-1") }
            #expect(says(error, .partlyRecorded, "1 of the append's 3 events", "event 2", "\(events[1].id)"))
            #expect(try await ledger.size() == 2)
        }
    }

    @Test(arguments: Store.all)
    func `an id that stands twice in one append is refused`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let event = note()
            let error = await refusal { try await ledger.append([note(), event, event], to: "a-1") }
            #expect(says(error, .idConflict, "event 3 of the append repeats", "\(event.id)"))
            let size = try await ledger.size()
            #expect(size == 1)
        }
    }

    @Test(arguments: Store.all)
    func `the same events sent by many tasks at once are recorded once`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for _ in 0..<10 {
                let events = [note(), note()]
                let answers = try await withThrowingTaskGroup(of: [AppendedEvent].self) { group in
                    for _ in 0..<20 { group.addTask { try await ledger.append(events, to: "a-1") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.filter { !$0[0].repeated }.count == 1)
                #expect(Set(answers.map { $0.map(\.index) }).count == 1)
            }
            #expect(try await ledger.size() == 21)
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `a large append sent twice at once costs about as much as once`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let events = (0..<2000).map { note("\($0)") }
            let clock = ContinuousClock()
            let once = try await clock.measure { try await ledger.append((0..<2000).map { note("\($0)") }, to: "b-1") }
            let twice = try await clock.measure {
                // Keeps the writer busy, so that the others come into one commit.
                let first = try ledger.submit((0..<2000).map { StreamEvent(note("\($0)"), to: "b-1") })
                let pending = try (0..<8).map { _ in try ledger.submit(events.map { StreamEvent($0, to: "a-1") }) }
                for append in [first] + pending { _ = try await append.value }
            }
            #expect(try await ledger.head(of: "a-1") == 1999)
            // Comparing each event with each other one would take minutes.
            #expect(twice < once * 20 + .seconds(60), "once \(once), eight times at once \(twice)")
        }
    }
}
