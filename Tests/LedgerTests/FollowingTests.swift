import Ledger
import Synchronization
import Testing

@Suite struct FollowingTests {
    /// The first `count` entries that following from `start` gives.
    private func take(_ count: Int, _ events: EventSequence) async throws -> [RecordedEvent] {
        var seen: [RecordedEvent] = []
        for try await event in events {
            seen.append(event)
            if seen.count == count { break }
        }
        return seen
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `followers see every entry once and in order while others append`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await ledger.append((0..<30).map { _ in note() }, to: "a-1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for start in [0, 7, 31, 100] as [UInt64] {
                    group.addTask {
                        let seen = try await take(Int(331 - start), ledger.follow(from: EntryIndex(start)))
                        #expect(seen.map(\.index.rawValue) == Array(start..<331))
                    }
                }
                for task in 0..<10 {
                    group.addTask {
                        for _ in 0..<15 {
                            try await ledger.append([note(), note()], to: try StreamName("a-\(task)"))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `a filtered and a stream's follower see theirs only`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            async let rare = take(5, ledger.follow(filter: EntryFilter(types: ["rare"])))
            async let stream = take(10, ledger.follow("b-1", from: 5))
            for number in 0..<50 {
                try await ledger.append(
                    [note(type: number % 10 == 0 ? "rare" : "common")], to: number % 3 == 0 ? "b-1" : "a-1")
            }
            #expect(try await rare.map(\.index) == [1, 11, 21, 31, 41])
            #expect(try await stream.map(\.revision.rawValue) == Array(5..<15))
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `a new entry reaches a waiting follower soon`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for round in 1...20 as ClosedRange<UInt64> {
                async let next = take(1, ledger.follow(from: EntryIndex(round)))
                try await Task.sleep(for: .milliseconds(5))
                let clock = ContinuousClock()
                let start = clock.now
                try await ledger.append([note()], to: "a-1")
                #expect(try await next[0].index.rawValue == round)
                #expect(clock.now - start < .seconds(20))
            }
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `cancelling ends a follower that waits, and one that has not begun`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            for delay in [0, 0, 1, 20] {
                let follower = Task {
                    var count = 0
                    for try await _ in ledger.follow() { count += 1 }
                    return count
                }
                try await Task.sleep(for: .milliseconds(delay))
                follower.cancel()
                #expect(try await follower.value <= 1)
            }
            #expect(try await ledger.append([note()], to: "a-1")[0].index == 1)
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `closing the ledger ends its followers with an error`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        let other = try await store.open(folder.path("a"), LogOptions())
        let follower = Task { await refusal { for try await _ in ledger.follow() {} } }
        let lasting = Task { try await take(2, other.follow()) }
        try await Task.sleep(for: .milliseconds(50))
        await ledger.close()
        #expect(says(await follower.value, .closed))
        try await other.append([note()], to: "a-1")
        #expect(try await lasting.value.map(\.index) == [0, 1])
        await other.close()
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `a slow follower holds nobody up and misses nothing`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let slow = Task {
                var seen: [UInt64] = []
                for try await event in ledger.follow() {
                    seen.append(event.index.rawValue)
                    if seen.count % 500 == 0 { try await Task.sleep(for: .milliseconds(20)) }
                    if seen.count == 4001 { break }
                }
                return seen
            }
            for _ in 0..<8 { try await ledger.append((0..<500).map { _ in note() }, to: "a-1") }
            #expect(try await ledger.size() == 4001)
            #expect(try await slow.value == Array(0..<4001))
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `growth is told at once when it has happened already`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            try await ledger.append([note()], to: "a-1")
            await ledger.growth(beyond: 0)
            await ledger.growth(beyond: 1)
            async let later: Void = ledger.growth(beyond: 2)
            try await ledger.append([note()], to: "a-1")
            await later
            #expect(try await ledger.size() == 3)
        }
    }
}
