public import EventFormat

extension Simulation.Configuration {
    /// How many events a case has on average, measured over many years of simulation.
    private static let eventsPerCase = 22.0
    /// How many days of a case's events fall after the period's end, on average over its events.
    private static let lag = 22.0

    /// A configuration whose period has about `count` events, within some 10 percent when there are many more cases
    /// than agencies.
    ///
    /// Throws ``SimulatingError/Code/outOfRange`` as the other initializer does, and when so many events need more
    /// than 20,000 applications a day.
    ///
    /// - Parameters:
    ///   - count: how many events are wanted; 0 or more.
    ///   - seed: what everything random follows from.
    ///   - start: when the period begins; nil: 2025-01-01T00:00:00Z.
    ///   - days: 1 to 3,660.
    ///   - agencies: 1 to 1,000.
    public static func scaled(
        toEvents count: Int, seed: UInt64, start: Timestamp? = nil, days: Int = 365, agencies: Int = 4
    ) throws(SimulatingError) -> Simulation.Configuration {
        let one = try Simulation.Configuration(
            seed: seed, start: start, days: days, agencies: agencies, applicationsPerDay: 0)
        guard count >= 0 else {
            throw SimulatingError(.outOfRange, "\(count) events are not possible; choose 0 or more")
        }
        let period = one.period
        let meanDays = ArrivalPattern(start: period.start, end: period.end).meanDays
        let share = Double(days) / (Double(days) + lag)
        let sizes = (1...agencies).reduce(0) { $0 + Agency.size(number: $1, seed: seed) }
        let rate = Double(count) / (eventsPerCase * meanDays * share * sizes)
        return try Simulation.Configuration(
            seed: seed, start: start, days: days, agencies: agencies, applicationsPerDay: rate)
    }

    /// The period in milliseconds since 1970: its first, and the one after its last.
    var period: (start: Int64, end: Int64) {
        let microseconds = start.microseconds
        let first = microseconds / 1000 + (microseconds % 1000 > 0 ? 1 : 0)
        return (first, first + Int64(days) * Milliseconds.day)
    }
}
