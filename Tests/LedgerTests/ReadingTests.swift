import Digests
import Ledger
import Testing

/// Promise 9, and what the reading calls return.
@Suite struct ReadingTests {
    /// Entries 1 … 60 over the streams a-0 … a-2 and b-0 … b-2, in rounds.
    private func fill(_ ledger: Ledger) async throws {
        for round in 0..<10 {
            let events = try (0..<6).map { number in
                StreamEvent(
                    note("\(round)", type: number % 2 == 0 ? "even.noted" : "odd.noted"),
                    to: try StreamName("\(number < 3 ? "a" : "b")-\(number % 3)"))
            }
            try await ledger.append(events)
        }
    }

    @Test(arguments: Store.all)
    func `an entry is read by its index and its id, and what is not there is refused`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await fill(ledger)
            let event = try await ledger.event(at: 17)
            #expect(event.index == 17)
            #expect(try await ledger.event(id: event.id) == event)
            #expect(try await ledger.index(of: event.id) == 17)
            #expect(try await ledger.event(id: EventID()) == nil)
            #expect(try await ledger.index(of: EventID()) == nil)
            for index in [61, EntryIndex(.max)] {
                let error = await refusal { try await ledger.event(at: index) }
                #expect(says(error, .outOfRange, "entry \(index) is not recorded"))
            }
        }
    }

    @Test(arguments: Store.all)
    func `ranges hold what they say`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await fill(ledger)
            let ranges: [(UInt64, UInt64?, Range<UInt64>)] = [
                (0, nil, 0..<61), (5, 9, 5..<9), (60, nil, 60..<61), (61, nil, 61..<61), (500, nil, 61..<61),
                (7, 7, 7..<7), (9, 4, 9..<9), (50, 1000, 50..<61), (.max, .max, 61..<61), (0, 0, 0..<0),
            ]
            for (start, end, expected) in ranges {
                let events = try await ledger.events(
                    from: EntryIndex(start), below: end.map { EntryIndex($0) }
                ).collected()
                #expect(
                    events.map(\.index.rawValue) == Array(expected), "from \(start) below \(String(describing: end))")
            }
            let page = try await ledger.page(from: 10, limit: 7)
            #expect(page.events.map(\.index.rawValue) == Array(10..<17) && page.next == 17 && page.size == 61)
            let bare = try await ledger.page(from: 10, limit: 1, withPayloads: false)
            #expect(bare.events[0].payload == nil && bare.events[0].entry.payload != nil)
        }
    }

    @Test(arguments: Store.all)
    func `a scan shows every entry's fields and bytes, in order and within its range`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await fill(ledger)
            let ranges: [(UInt64, UInt64?)] = [(0, nil), (5, 9), (60, 1000), (61, nil), (7, 7), (9, 4), (.max, .max)]
            for (start, end) in ranges {
                let (from, below) = (EntryIndex(start), end.map { EntryIndex($0) })
                let shown = try await ledger.scan(from: from, below: below, into: [Entry]()) { entries, layout, bytes in
                    entries.append(Entry(layout, in: bytes))
                    let encoded = try? entries[entries.count - 1].encoded()
                    if encoded.map({ $0.span.isSame(as: bytes) }) != true {
                        Issue.record("the bytes shown are not those of entry \(layout.index)")
                    }
                }
                let read = try await ledger.events(from: from, below: below).collected()
                #expect(shown == read.map(\.entry), "from \(start) below \(String(describing: end))")
            }
        }
    }

    @Test(arguments: Store.all)
    func `a scan ends where it is told to, and crosses the limits of one view`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for _ in 0..<3 {
                let events = try (0..<5000).map { number in
                    StreamEvent(Event(type: "t", source: "s"), to: try StreamName("a-\(number % 7)"))
                }
                try await ledger.append(events)
            }
            let seen = try await ledger.scan(into: [UInt64]()) { seen, layout, _ in seen.append(layout.index.rawValue) }
            #expect(seen == Array(0...15_000))
            let log = try EventLog(opening: ledger.path)
            let stopped = try log.scan(from: 10) { layout, _ in layout.index != 9000 }
            log.close()
            #expect(stopped == 9001)
        }
    }

    @Test(arguments: Store.all)
    func `filters admit by type, category, correlation and causation`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await fill(ledger)
            let process = EventID()
            var event = note()
            event.correlation = process
            event.causation = try await ledger.event(at: 3).id
            try await ledger.append([event], to: "ab-1")
            func count(_ filter: EntryFilter) async throws -> Int {
                try await ledger.events(filter: filter).collected().count
            }
            #expect(try await count(EntryFilter(types: ["even.noted"])) == 30)
            #expect(try await count(EntryFilter(types: ["even.noted", "odd.noted"])) == 60)
            #expect(try await count(EntryFilter(types: ["even"])) == 0)
            #expect(try await count(EntryFilter(types: [])) == 0)
            #expect(try await count(EntryFilter(categories: ["a"])) == 30)
            #expect(try await count(EntryFilter(categories: ["ab", "ledger"])) == 2)
            #expect(try await count(EntryFilter(categories: ["a-0", ""])) == 0)
            #expect(try await count(EntryFilter(categories: ["b"], types: ["even.noted"])) == 10)
            #expect(try await count(EntryFilter(correlation: process)) == 1)
            #expect(try await count(EntryFilter(causation: event.causation)) == 1)
            #expect(try await count(EntryFilter(correlation: EventID())) == 0)
        }
    }

    @Test(arguments: Store.all)
    func `a stream is read from any revision in both directions`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await fill(ledger)
            let stream: StreamName = "b-1"
            for start in 0..<12 as Range<UInt64> {
                let forwards = try await ledger.events(of: stream, from: Revision(start)).collected()
                #expect(forwards.map(\.revision.rawValue) == Array(min(start, 10)..<10))
                let backwards = try await ledger.events(of: stream, from: Revision(start), direction: .backwards)
                    .collected()
                #expect(backwards.map(\.revision.rawValue) == Array((0...min(start, 9)).reversed()))
                #expect((forwards + backwards).allSatisfy { $0.stream == stream })
            }
            let all = try await ledger.events(of: stream, direction: .backwards).collected()
            #expect(all.map(\.revision.rawValue) == Array((0..<10).reversed()))
            #expect(try await ledger.events(of: "no-1").collected().isEmpty)
            #expect(try await ledger.head(of: "no-1") == nil)
        }
    }

    @Test(arguments: Store.all)
    func `below an index a stream is as it was then`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await fill(ledger)
            let stream: StreamName = "a-2"
            let places = try await ledger.events(of: stream).collected().map(\.index)
            for end in 0..<62 as Range<UInt64> {
                let seen = places.filter { $0.rawValue < end }
                let end = EntryIndex(end)
                let head = try await ledger.head(of: stream, below: end)
                #expect(head?.rawValue == (seen.isEmpty ? nil : UInt64(seen.count - 1)))
                #expect(try await ledger.events(of: stream, below: end).collected().map(\.index) == seen)
                let backwards = try await ledger.events(of: stream, direction: .backwards, below: end).collected()
                #expect(backwards.map(\.index) == seen.reversed())
            }
        }
    }

    @Test(arguments: Store.all)
    func `pages of a stream lead to its end`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await fill(ledger)
            var revisions: [UInt64] = []
            var next: Revision? = 0
            while let start = next {
                let page = try await ledger.page(of: "a-1", from: start, limit: 3)
                revisions += page.events.map(\.revision.rawValue)
                next = page.next
            }
            #expect(revisions == Array(0..<10))
            let end = try await ledger.page(of: "a-1", from: 10, limit: 3)
            #expect(end.events.isEmpty && end.next == nil)
        }
    }

    @Test(arguments: Store.all)
    func `streams are listed in the order of their bytes`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let names = ["b", "a-2", "a-10", "Z", "\u{e9}", "z\u{10FFFF}", "e\u{301}", "~", " "]
            try await ledger.append(names.map { StreamEvent(note(), to: try StreamName($0)) })
            let sorted = (names + ["ledger"]).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let listed = try await ledger.streams()
            #expect(listed.map { Array($0.stream.text.utf8) } == sorted.map { Array($0.utf8) })
            #expect(listed.allSatisfy { $0.revision == 0 })
            let some = try await ledger.streams(from: "b", limit: 2)
            #expect(some.map(\.stream.text) == ["b", "e\u{301}"])
            #expect(try await ledger.streams(limit: 0).isEmpty)
            #expect(try await ledger.streams(limit: -1).isEmpty)
            #expect(try await ledger.summary().streamCount == 10)
        }
    }

    @Test(arguments: Store.all)
    func `names that look alike are streams of their own, also within one commit`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let composed = StreamName("caf\u{e9}")
            let decomposed = StreamName("cafe\u{301}")
            let places = try await ledger.append(
                [
                    StreamEvent(note(), to: composed), StreamEvent(note(), to: decomposed),
                    StreamEvent(note(), to: composed),
                ])
            #expect(places.map(\.revision) == [0, 0, 1])
            try await ledger.append([note()], to: decomposed, expecting: .revision(0))
            #expect(try await ledger.events(of: decomposed).collected().map(\.index) == [2, 4])
        }
    }

    @Test(arguments: Store.all)
    func `hostile names and texts come back as they went in`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let names = [
                "a", String(repeating: "\u{10FFFF}", count: 63), String(repeating: "n", count: 255), "../../etc/passwd",
                "'; DROP TABLE streams; --", "\u{202E}gnp.exe", "a\u{200B}b", "-", "--", "%00", "\u{FEFF}x",
            ]
            for name in names {
                let stream = try StreamName(name)
                var event = note(type: name)
                event.source = name
                event.schema = name
                event.payload?.mediaType = name
                let place = try await ledger.append([event], to: stream, expecting: .none)[0]
                let stored = try await ledger.event(at: place.index)
                #expect(
                    Array(stored.stream.text.utf8) == Array(name.utf8) && Array(stored.type.utf8) == Array(name.utf8))
                #expect(stored.entry.schema == name && stored.payload?.mediaType == name && stored.source == name)
                #expect(try await ledger.head(of: stream) == 0)
            }
            #expect(try await ledger.size() == UInt64(names.count + 1))
        }
    }

    @Test(arguments: Store.all)
    func `an empty payload is not the same as none`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let empty = Event(
                type: "t", source: "s", payload: Payload(bytes: [], mediaType: "application/octet-stream"))
            try await ledger.append([Event(type: "t", source: "s"), empty], to: "a-1")
            let without = try await ledger.event(at: 1)
            let with = try await ledger.event(at: 2)
            #expect(without.payload == nil && without.entry.payload == nil && without.envelope == nil)
            #expect(with.payload == empty.payload && with.envelope?.count == 16)
            #expect(try await ledger.append([empty], to: "a-1")[0].repeated)
        }
    }

    @Test(arguments: Store.all)
    func `reading goes on across the limits of one read`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for part in 0..<3 {
                let events = (0..<6000).map {
                    StreamEvent(Event(type: "t", source: "s"), to: $0 == 5999 ? "rare-1" : "a-1")
                }
                let places = try await ledger.append(events)
                #expect(places.last?.index.rawValue == UInt64(part + 1) * 6000)
            }
            var next: UInt64 = 0
            for try await event in ledger.events() {
                #expect(event.index.rawValue == next)
                next += 1
            }
            #expect(next == 18_001)
            let rare = try await ledger.events(filter: EntryFilter(categories: ["rare"])).collected()
            #expect(rare.map(\.index) == [6000, 12_000, 18_000])
            let page = try await ledger.page(from: 0, limit: 100, filter: EntryFilter(categories: ["rare"]))
            #expect(page.next.rawValue <= 8192 && page.events.count == 1)
            let stream = try await ledger.events(of: "a-1", direction: .backwards).collected()
            #expect(stream.map(\.revision.rawValue) == Array((0..<17_997).reversed()))
        }
    }
}
