import Ledger
import Testing

/// Promises 1, 3 and 4.
@Suite struct AppendingTests {
    @Test(arguments: Store.all)
    func `events get consecutive indexes and each stream its own revisions`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let events = (0..<10).map { StreamEvent(note("\($0)"), to: $0 % 3 == 0 ? "a-1" : "b-1") }
            let places = try await ledger.append(events)
            #expect(places.map(\.index.rawValue) == Array(1...10))
            #expect(places.map(\.revision.rawValue) == [0, 0, 1, 1, 2, 3, 2, 4, 5, 3])
            #expect(places.map(\.id) == events.map(\.event.id))
            #expect(places.allSatisfy { !$0.repeated })
            for (event, place) in zip(events, places) {
                let stored = try await ledger.event(at: place.index)
                #expect(stored.id == event.event.id && stored.stream == event.stream)
                #expect(stored.revision == place.revision && stored.payload == event.event.payload)
            }
        }
    }

    struct Case: Sendable {
        let expected: Expected
        /// The stream's newest revision; nil: the stream has no entry.
        let newest: UInt64?
        let holds: Bool

        init(_ expected: Expected, _ newest: UInt64?, _ holds: Bool) {
            self.expected = expected
            self.newest = newest
            self.holds = holds
        }
    }

    static let cases = [
        Case(.any, nil, true), Case(.any, 0, true), Case(.none, nil, true), Case(.none, 0, false),
        Case(.none, 4, false), Case(.exists, nil, false), Case(.exists, 0, true), Case(.exists, 4, true),
        Case(.revision(0), nil, false), Case(.revision(0), 0, true), Case(.revision(1), 0, false),
        Case(.revision(4), 4, true), Case(.revision(3), 4, false), Case(.revision(Revision(UInt64.max)), 4, false),
        Case(.revision(Revision(UInt64.max)), nil, false),
    ]

    @Test(arguments: Store.all, cases)
    func `an expectation holds or is refused with what was found`(
        _ store: Store, _ example: Case
    ) async throws {
        try await store.withLedger { ledger in
            let stream: StreamName = "case-1"
            if let newest = example.newest {
                try await ledger.append((0...newest).map { _ in note() }, to: stream)
            }
            let size = try await ledger.size()
            let error = await refusal { try await ledger.append([note()], to: stream, expecting: example.expected) }
            #expect((error == nil) == example.holds)
            #expect(try await ledger.size() == size + (example.holds ? 1 : 0))
            guard let error else { return }
            let found = example.newest.map { "revision \($0)" } ?? "no entry"
            #expect(says(error, .expectationFailed, "nothing was recorded", "\"case-1\"", "found \(found)"))
            #expect(error.failedChecks.map(\.actual) == [example.newest.map { Revision($0) }])
            #expect(error.failedChecks.map(\.expected) == [example.expected])
        }
    }

    @Test(arguments: Store.all)
    func `every check that fails is told, of streams that are not written too`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await ledger.append([note(), note()], to: "a-1")
            let error = await refusal {
                try await ledger.append(
                    [StreamEvent(note(), to: "c-1")],
                    checking: [
                        StreamCheck("a-1", .none), StreamCheck("a-1", .exists), StreamCheck("b-1", .exists),
                        StreamCheck("c-1", .none), StreamCheck("a-1", .revision(7)),
                        StreamCheck("ledger", .revision(0)),
                    ])
            }
            #expect(error?.failedChecks.map(\.stream.text) == ["a-1", "b-1", "a-1"])
            #expect(error?.failedChecks.map(\.actual) == [1, nil, 1])
            #expect(
                says(error, .expectationFailed, "expected revision 7, found revision 1", "expected an entry, found no"))
            let places = try await ledger.append(
                [StreamEvent(note(), to: "c-1")],
                checking: [StreamCheck("a-1", .revision(1)), StreamCheck("b-1", .none), StreamCheck("c-1", .none)])
            #expect(places[0].index == 3)
        }
    }

    @Test(arguments: Store.all)
    func `refused appends consume neither indexes nor revisions`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await ledger.append([note()], to: "a-1")
            let root = try await ledger.root().root
            let mixed = [StreamEvent(note(), to: "a-1"), StreamEvent(note(), to: "b-1")]
            let unmet = await refusal { try await ledger.append(mixed, checking: [StreamCheck("b-1", .exists)]) }
            #expect(unmet?.code == .expectationFailed)
            var bad = mixed
            bad[1].event.type = ""
            let invalid = await refusal { try await ledger.append(bad) }
            #expect(says(invalid, .invalid, "event 2 of the append", "\(bad[1].event.id)", "type is empty"))
            #expect(try await ledger.root().root == root)
            #expect(try await ledger.head(of: "b-1") == nil)
            #expect(try await ledger.index(of: mixed[0].event.id) == nil)
            let places = try await ledger.append(mixed)
            #expect(places.map(\.index) == [2, 3] && places.map(\.revision) == [1, 0])
        }
    }

    @Test(arguments: Store.all)
    func `concurrent appends are each recorded together, in some order without gaps`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let all = try await withThrowingTaskGroup(of: [AppendedEvent].self) { group in
                for task in 0..<60 {
                    group.addTask {
                        let own = try StreamName("own-\(task)")
                        return try await ledger.append(
                            [
                                StreamEvent(note(), to: "all-1"), StreamEvent(note(), to: own),
                                StreamEvent(note(), to: "all-1"),
                            ])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for places in all {
                #expect(places[1].index.rawValue == places[0].index.rawValue + 1)
                #expect(places[2].index.rawValue == places[0].index.rawValue + 2)
                #expect(places[2].revision.rawValue == places[0].revision.rawValue + 1 && places[1].revision == 0)
            }
            #expect(all.joined().map(\.index.rawValue).sorted() == Array(1...180))
            let shared = all.joined().filter { $0.stream == "all-1" }.sorted { $0.index < $1.index }
            #expect(shared.map(\.revision.rawValue) == Array(0..<120))
        }
    }

    @Test(arguments: Store.all)
    func `of many writers that expect the same revision one succeeds`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for round in 0..<10 {
                let expected: Expected = round == 0 ? .none : .revision(Revision(UInt64(round - 1)))
                let successes = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<12 {
                        group.addTask {
                            await refusal { try await ledger.append([note()], to: "case-1", expecting: expected) }
                                == nil
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(successes == 1)
            }
            let head = try await ledger.head(of: "case-1")
            #expect(head == 9)
        }
    }

    @Test(arguments: Store.all)
    func `submitted appends are recorded in the order in which they were submitted`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let pending = try (0..<200).map { try ledger.submit([StreamEvent(note("\($0)"), to: "a-1")]) }
            var revisions: [UInt64] = []
            for append in pending.reversed() { revisions.append(try await append.value[0].revision.rawValue) }
            #expect(revisions == Array((0..<200).reversed()))
            #expect(try await pending[7].value[0].revision == 7)
        }
    }

    @Test(arguments: Store.all)
    func `the ledger's own category is closed to others`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for name in ["ledger", "ledger-1", "ledger-\u{301}x"] {
                let error = await refusal { try await ledger.append([note()], to: try StreamName(name)) }
                #expect(says(error, .invalid, "\"ledger\" is the ledger's own", "event 1"))
            }
            try await ledger.append([note()], to: "ledgers-1")
            try await ledger.append([note()], to: "Ledger")
            #expect(try await ledger.size() == 3)
        }
    }
}
