import EventFormat
import Testing

@testable import Simulating

@Suite struct `The summary` {
    @Test(arguments: [(15_000, 365, 4), (5000, 45, 2), (10_000, 1000, 9)])
    func `agrees with a fold of the events`(count: Int, days: Int, agencies: Int) throws {
        var simulation = Simulation(
            configuration: try .scaled(toEvents: count, seed: UInt64(days), days: days, agencies: agencies))
        var due: [EventID: Timestamp] = [:]
        var counts: [String: Int] = [:]
        var (opened, closed, late) = (0, 0, 0)
        while let (_, event) = simulation.next() {
            counts[event.type, default: 0] += 1
            let application = try #require(event.correlation)
            let occurred = try #require(event.occurred)
            if event.type.hasPrefix("term."), let text = try object(event)["due"]?.text {
                due[application] = try Timestamp(rfc3339: text)
            }
            if event.type == "application.received" { opened += 1 }
            if event.type == "application.closed" {
                closed += 1
                if occurred > (due[application] ?? .latest) { late += 1 }
            }
        }
        let summary = simulation.summary
        #expect(summary.counts == counts)
        #expect(summary.events == counts.values.reduce(0, +))
        #expect(summary.opened == opened)
        #expect(summary.closed == closed)
        #expect(summary.late == late)
        #expect(summary.open == opened - closed)
        #expect(late > 0)
    }

    @Test func `finds 10 to 14 percent of a year's closed cases late, and 200,000 events with ids of their own`() throws
    {
        var simulation = Simulation(configuration: try .scaled(toEvents: 230_000, seed: 31, agencies: 6))
        var ids: Set<EventID> = []
        var most = 0
        while let (_, event) = simulation.next() {
            ids.insert(event.id)
            most = max(most, simulation.heldCaseCount)
        }
        let summary = simulation.summary
        #expect(summary.events > 200_000)
        #expect(ids.count == summary.events)
        #expect(most < summary.opened / 3)
        let share = Double(summary.late) / Double(summary.closed)
        #expect((0.10...0.14).contains(share), "\(share)")
    }

    @Test func `keeps the cases in memory bounded over years`() throws {
        var most: [Int] = []
        for days in [365, 1460] {
            var simulation = Simulation(
                configuration: try .init(seed: 4, days: days, agencies: 1, applicationsPerDay: 2))
            var highest = 0
            while simulation.next() != nil { highest = max(highest, simulation.heldCaseCount) }
            most.append(highest)
        }
        #expect(most[0] > 40)
        #expect(Double(most[1]) < 1.4 * Double(most[0]))
    }
}
