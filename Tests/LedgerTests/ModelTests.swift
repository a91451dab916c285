import Ledger
import TestSupport
import Testing

/// What a ledger should hold, in plain arrays.
private struct Model {
    struct Item {
        let event: Event
        let stream: StreamName
        let revision: UInt64
    }

    var items: [Item] = []
    var streams: [StreamName: [Int]] = [:]
    var ids: [EventID: Int] = [:]

    mutating func record(_ events: [StreamEvent]) -> [Int] {
        events.map { item in
            let index = items.count
            let revision = UInt64(streams[item.stream, default: []].count)
            items.append(Item(event: item.event, stream: item.stream, revision: revision))
            streams[item.stream, default: []].append(index)
            ids[item.event.id] = index
            return index
        }
    }

    func head(_ stream: StreamName) -> UInt64? {
        streams[stream].map { UInt64($0.count - 1) }
    }

    func allows(_ check: StreamCheck) -> Bool {
        let head = head(check.stream)
        switch check.expectation {
        case .any: return true
        case .none: return head == nil
        case .exists: return head != nil
        case .revision(let revision): return head == revision.rawValue
        }
    }
}

@Suite struct ModelTests {
    private let names: [StreamName] = (0..<12).map { number in
        ["a-0", "a-1", "a-2", "b-0", "b-1", "b-2", "\u{e9}", "e\u{301}", "c", "d-\u{1F600}", " ", "-"][number]
    }

    private func randomEvents(_ generator: inout SeededGenerator, _ model: Model) -> [StreamEvent] {
        (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let payload = Bool.random(using: &generator) ? Payload(bytes: bytes, mediaType: "m") : nil
            let event = Event(type: "t\(Int.random(in: 0..<4, using: &generator))", source: "s", payload: payload)
            return StreamEvent(event, to: names[Int.random(in: 0..<names.count, using: &generator)])
        }
    }

    private func randomChecks(_ generator: inout SeededGenerator, _ model: Model) -> [StreamCheck] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            let stream = names[Int.random(in: 0..<names.count, using: &generator)]
            let near = (model.head(stream) ?? 0) &+ UInt64.random(in: 0...1, using: &generator)
            let all: [Expected] = [.any, .none, .exists, .revision(Revision(near))]
            return StreamCheck(stream, all[Int.random(in: 0..<4, using: &generator)])
        }
    }

    private func append(_ ledger: Ledger, _ model: inout Model, _ generator: inout SeededGenerator) async throws {
        var events = randomEvents(&generator, model)
        let checks = randomChecks(&generator, model)
        let old = Int.random(in: 0..<4, using: &generator) == 0
        if old, let item = model.items.dropFirst().randomElement(using: &generator) {
            let known = StreamEvent(item.event, to: item.stream)
            if Bool.random(using: &generator) { events = [known] } else { events.append(known) }
        }
        let places = events.map { model.ids[$0.event.id] }
        let failed = checks.filter { !model.allows($0) }
        do throws(LedgerError) {
            let appended = try await ledger.append(events, checking: checks)
            if places[0] != nil {
                #expect(appended.map { Int($0.index.rawValue) } == places && appended.allSatisfy(\.repeated))
            } else {
                #expect(failed.isEmpty && places.allSatisfy { $0 == nil })
                #expect(appended.map { Int($0.index.rawValue) } == model.record(events))
                #expect(
                    appended.map(\.revision.rawValue) == appended.map { model.items[Int($0.index.rawValue)].revision })
            }
        } catch {
            if places.contains(where: { $0 != nil }) {
                #expect(error.code == .partlyRecorded && places.contains(nil))
            } else {
                #expect(error.code == .expectationFailed)
                #expect(error.failedChecks.map { StreamCheck($0.stream, $0.expected) } == failed && !failed.isEmpty)
            }
        }
    }

    private func read(_ ledger: Ledger, _ model: Model, _ generator: inout SeededGenerator) async throws {
        let stream = names[Int.random(in: 0..<names.count, using: &generator)]
        let end = UInt64.random(in: 0...UInt64(model.items.count + 1), using: &generator)
        let places = (model.streams[stream] ?? []).filter { $0 < end }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            let start = UInt64.random(in: 0...UInt64(places.count), using: &generator)
            let seen = try await ledger.events(of: stream, from: Revision(start), below: EntryIndex(end)).collected()
            #expect(seen.map { Int($0.index.rawValue) } == Array(places.dropFirst(Int(start))))
        case 1:
            let seen = try await ledger.events(of: stream, direction: .backwards, below: EntryIndex(end)).collected()
            #expect(seen.map { Int($0.index.rawValue) } == places.reversed())
        case 2:
            let type = "t\(Int.random(in: 0..<4, using: &generator))"
            let start = UInt64.random(in: 0...end, using: &generator)
            let seen = try await ledger.events(
                from: EntryIndex(start), below: EntryIndex(end), filter: EntryFilter(types: [type])
            ).collected()
            let range = Int(min(start, UInt64(model.items.count)))..<Int(min(end, UInt64(model.items.count)))
            #expect(seen.map(\.id) == model.items[range].map(\.event).filter { $0.type == type }.map(\.id))
        default:
            guard let item = model.items.dropFirst().randomElement(using: &generator) else { return }
            let stored = try #require(try await ledger.event(id: item.event.id))
            #expect(stored.payload == item.event.payload && stored.revision.rawValue == item.revision)
            #expect(stored.stream == item.stream && Int(stored.index.rawValue) == model.ids[item.event.id])
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `random operations do what a model of arrays does`(_ store: Store) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("model test: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let folder = try Folder()
        var ledger = try await store.create(folder.path("a"), LogOptions())
        var model = Model()
        _ = model.record([StreamEvent(Event(id: ledger.genesis.incarnation, type: "g", source: "s"), to: .ledger)])
        for step in 0..<3000 {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<60: try await append(ledger, &model, &generator)
            case 60..<98: try await read(ledger, model, &generator)
            case 98:
                await ledger.close()
                ledger = try await store.open(folder.path("a"), LogOptions())
            default: #expect(try await ledger.size() == UInt64(model.items.count), "seed \(seed), step \(step)")
            }
        }
        let leaves = try await ledger.events().collected().map(\.leaf)
        #expect(leaves.count == model.items.count && leaves.count > 1000, "seed \(seed)")
        #expect(try await ledger.root().root == MemoryTree(leaves: leaves).root)
        await ledger.close()
    }
}
