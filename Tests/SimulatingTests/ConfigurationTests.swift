import EventFormat
import Testing

@testable import Simulating

@Suite struct `A configuration` {
    @Test func `begins with 2025 and lasts a year unless told otherwise`() throws {
        let configuration = try Simulation.Configuration(seed: 1)
        #expect(configuration.start.description == "2025-01-01T00:00:00.000000Z")
        #expect(configuration.days == 365)
        #expect(configuration.eventLimit == nil)
    }

    @Test(arguments: [-1, 0, 3661, .max, .min]) func `refuses a period of another length`(days: Int) {
        #expect(throws: SimulatingError(.outOfRange, "")) { try Simulation.Configuration(seed: 1, days: days) }
    }

    @Test(arguments: [-1, 0, 1001, .max, .min]) func `refuses another number of agencies`(agencies: Int) {
        #expect(throws: SimulatingError(.outOfRange, "")) { try Simulation.Configuration(seed: 1, agencies: agencies) }
    }

    @Test(arguments: [-0.1, 5000.1, .nan, .infinity, -.infinity, 1e300])
    func `refuses another number of applications`(perDay: Double) {
        #expect(throws: SimulatingError(.outOfRange, "")) {
            try Simulation.Configuration(seed: 1, agencies: 4, applicationsPerDay: perDay)
        }
    }

    @Test func `refuses a negative limit and a count beyond the most applications`() {
        #expect(throws: SimulatingError(.outOfRange, "")) { try Simulation.Configuration(seed: 1, eventLimit: -1) }
        #expect(throws: SimulatingError(.outOfRange, "")) {
            try Simulation.Configuration.scaled(toEvents: .max, seed: 1)
        }
        #expect(throws: SimulatingError(.outOfRange, "")) { try Simulation.Configuration.scaled(toEvents: -1, seed: 1) }
    }

    @Test func `refuses a period that leaves the calendar`() {
        #expect(throws: SimulatingError(.outOfRange, "")) {
            try Simulation.Configuration(seed: 1, start: .latest, days: 1)
        }
    }

    @Test(arguments: [
        "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2024-02-28T12:34:56.789Z", "9980-01-01T00:00:00Z",
    ])
    func `simulates from any start`(start: String) throws {
        let moment = try Timestamp(rfc3339: start)
        let simulation = Simulation(
            configuration: try .init(seed: 2, start: moment, days: 40, agencies: 2, applicationsPerDay: 5))
        let times = simulation.compactMap(\.event.occurred)
        let first = try #require(times.first)
        let last = try #require(times.last)
        #expect(times.count > 500)
        #expect(first >= moment)
        #expect(last.microseconds - moment.microseconds < 40 * 86_400_000_000 + 1000)
    }

    @Test func `without applications gives no event`() throws {
        var simulation = Simulation(
            configuration: try .init(seed: 1, days: 3660, agencies: 50, applicationsPerDay: 0))
        #expect(simulation.next() == nil)
        #expect(simulation.summary.events == 0)
    }

    @Test(arguments: [(10_000, 365, 4), (10_000, 30, 2), (20_000, 730, 10)])
    func `scales to about so many events`(count: Int, days: Int, agencies: Int) throws {
        let configuration = try Simulation.Configuration.scaled(
            toEvents: count, seed: 8, days: days, agencies: agencies)
        let events = Simulation(configuration: configuration).reduce(0) { sum, _ in sum + 1 }
        #expect(abs(Double(events) / Double(count) - 1) < 0.12)
    }
}
