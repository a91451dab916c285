import Ledger
import Synchronization
import Testing

/// A clock that shows what it is told.
final class StagedClock: Sendable {
    private let now: Mutex<Timestamp>

    init(_ now: Timestamp) { self.now = Mutex(now) }

    func set(_ time: Timestamp) { now.withLock { $0 = time } }

    var options: LogOptions {
        var options = LogOptions()
        options.clock = { [self] in now.withLock { $0 } }
        return options
    }
}

@Suite struct TimeTests {
    static let base: Int64 = 1_700_000_000_000_000

    static func time(_ seconds: Int64) throws -> Timestamp { try Timestamp(microseconds: base + seconds * 1_000_000) }

    @Test(arguments: Store.all)
    func `the time of recording never goes back`(_ store: Store) async throws {
        let clock = StagedClock(try TimeTests.time(0))
        try await store.withLedger(clock.options) { ledger in
            var recorded: [Timestamp] = []
            for seconds in [10, 5, 10, 10, -86_400, 20, 19] as [Int64] {
                clock.set(try TimeTests.time(seconds))
                let place = try await ledger.append([note()], to: "a-1")[0]
                recorded.append(try await ledger.event(at: place.index).recorded)
            }
            #expect(try recorded == [10, 10, 10, 10, 10, 20, 20].map { try TimeTests.time($0) })
        }
    }

    @Test(arguments: Store.all)
    func `a clock before 1970 or at the end of time does no harm`(_ store: Store) async throws {
        let clock = StagedClock(.earliest)
        try await store.withLedger(clock.options) { ledger in
            #expect(try await ledger.event(at: 0).recorded == .epoch)
            clock.set(.latest)
            try await ledger.append([note()], to: "a-1")
            clock.set(.now)
            try await ledger.append([note()], to: "a-1")
            #expect(try await ledger.event(at: 2).recorded == .latest)
            #expect(try await ledger.size(asOf: .latest) == 3)
            #expect(try await ledger.size(asOf: .now) == 1)
        }
    }

    @Test(arguments: Store.all)
    func `an event without a time happened when it was recorded`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            var claimed = note()
            claimed.occurred = .earliest
            try await ledger.append([note(), claimed], to: "a-1")
            let first = try await ledger.event(at: 1)
            let second = try await ledger.event(at: 2)
            #expect(first.occurred == first.recorded)
            #expect(second.occurred == .earliest && second.recorded >= first.recorded)
        }
    }

    @Test(arguments: Store.all)
    func `the ledger as of a time ends with the last entry at or before it`(_ store: Store) async throws {
        let clock = StagedClock(try TimeTests.time(0))
        try await store.withLedger(clock.options) { ledger in
            for seconds in [10, 10, 20, 30, 30, 30] as [Int64] {
                clock.set(try TimeTests.time(seconds))
                try await ledger.append([note()], to: "a-1")
            }
            let expected: [Int64: UInt64] = [-1: 0, 0: 1, 9: 1, 10: 3, 15: 3, 20: 4, 29: 4, 30: 7, 99: 7]
            for (seconds, size) in expected {
                #expect(try await ledger.size(asOf: try TimeTests.time(seconds)) == size)
            }
            let end = EntryIndex(try await ledger.size(asOf: try TimeTests.time(15)))
            #expect(try await ledger.head(of: "a-1", below: end) == 1)
            #expect(try await ledger.events(below: end).collected().map(\.index) == [0, 1, 2])
        }
    }
}
