import Ledger
import TestSupport
import Testing

/// Groups are made while the one before is being committed; nobody may notice.
@Suite struct OverlapTests {
    private struct Outcome: Sendable {
        /// Each place that was acknowledged, and whether as a repetition.
        var places: [AppendedEvent] = []
        var refused = 0
    }

    @Test(arguments: Store.all)
    func `the same event of two callers at once is recorded once and answered twice`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let events = (0..<600).map { _ in note() }
            let places = try await withThrowingTaskGroup(of: [AppendedEvent].self) { group in
                for caller in 0..<24 {
                    group.addTask {
                        var places: [AppendedEvent] = []
                        // Two callers each have the same events, in opposite directions.
                        let own = events[caller / 2 * 50..<caller / 2 * 50 + 50]
                        for event in caller % 2 == 0 ? Array(own) : own.reversed() {
                            places += try await ledger.append([event], to: StreamName("a-\(caller / 2 % 3)"))
                        }
                        return places
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(places.count == 1200 && places.count { !$0.repeated } == 600)
            let byID = Dictionary(grouping: places, by: \.id)
            #expect(byID.count == 600 && byID.values.allSatisfy { $0.count == 2 && $0[0].index == $0[1].index })
            #expect(try await ledger.size() == 601)
        }
    }

    @Test(arguments: Store.all)
    func `of callers that expect the same revision exactly one succeeds`(_ store: Store) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await store.withLedger { ledger in
            let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
                for caller in 0..<32 as Range<UInt64> {
                    group.addTask { try await compete(ledger, SeededGenerator(seed: seed &+ caller)) }
                }
                return try await group.reduce(into: Outcome()) { sum, part in
                    sum.places += part.places
                    sum.refused += part.refused
                }
            }
            for (stream, places) in Dictionary(grouping: outcome.places, by: \.stream) {
                let revisions = places.map(\.revision.rawValue).sorted()
                #expect(revisions == Array(0..<UInt64(places.count)), "seed \(seed), stream \(stream)")
                let ordered = places.sorted { $0.revision < $1.revision }.map(\.index)
                #expect(ordered == ordered.sorted(), "seed \(seed), stream \(stream)")
            }
            #expect(outcome.refused > 0, "seed \(seed): nobody competed")
            #expect(try await ledger.size() == UInt64(outcome.places.count) + 1, "seed \(seed)")
        }
    }

    /// Appends to random streams, each time expecting them as they were seen.
    private func compete(_ ledger: Ledger, _ generator: SeededGenerator) async throws -> Outcome {
        var generator = generator
        var outcome = Outcome()
        for _ in 0..<40 {
            let stream = try StreamName("s-\(Int.random(in: 0..<4, using: &generator))")
            let head = try await ledger.head(of: stream)
            let events = (0..<Int.random(in: 1...3, using: &generator)).map { _ in note() }
            do throws(LedgerError) {
                outcome.places += try await ledger.append(
                    events, to: stream, expecting: head.map { .revision($0) } ?? .none)
            } catch {
                guard error.code == .expectationFailed else { throw error }
                outcome.refused += 1
            }
        }
        return outcome
    }
}
