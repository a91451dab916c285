public import EventFormat

extension Simulation {
    /// What a simulation depends on, and nothing else: equal configurations give equal bytes.
    public struct Configuration: Hashable, Sendable {
        /// The lengths of the period that are allowed, in days.
        public static let allowedDays = 1...3660
        /// How many agencies may take part.
        public static let allowedAgencies = 1...1000
        /// The most applications a day of all agencies together, which bounds the memory for open cases to about 1 GB.
        public static let maximumApplicationsPerDay = 20_000.0

        /// What everything random follows from.
        public let seed: UInt64
        /// When the period begins.
        public let start: Timestamp
        /// How many days it lasts.
        public let days: Int
        /// How many agencies take part; they are numbered from 1.
        public let agencies: Int
        /// How many applications a mean agency receives on a mean day of the year.
        public let applicationsPerDay: Double
        /// After how many events the simulation ends, even within the period; nil: when the period ends.
        public let eventLimit: Int?

        /// Throws ``SimulatingError/Code/outOfRange`` for a value outside its range, and for a period that leaves the
        /// years 0001 to 9999.
        ///
        /// - Parameters:
        ///   - seed: what everything random follows from.
        ///   - start: when the period begins; nil: 2025-01-01T00:00:00Z.
        ///   - days: 1 to 3,660.
        ///   - agencies: 1 to 1,000.
        ///   - applicationsPerDay: per agency, 0 or more; all agencies together at most 20,000.
        ///   - eventLimit: 0 or more.
        public init(
            seed: UInt64,
            start: Timestamp? = nil,
            days: Int = 365,
            agencies: Int = 4,
            applicationsPerDay: Double = 20,
            eventLimit: Int? = nil
        ) throws(SimulatingError) {
            self.seed = seed
            if let start { self.start = start } else { self.start = try Configuration.defaultStart() }
            self.days = days
            self.agencies = agencies
            self.applicationsPerDay = applicationsPerDay
            self.eventLimit = eventLimit
            try validate()
        }

        private static func defaultStart() throws(SimulatingError) -> Timestamp {
            do {
                return try Timestamp(microseconds: 1_735_689_600_000_000)
            } catch {
                throw SimulatingError(.outOfRange, error.reason)
            }
        }

        private func validate() throws(SimulatingError) {
            guard Configuration.allowedDays.contains(days) else {
                throw SimulatingError(.outOfRange, "a simulation of \(days) days is not possible; choose 1 to 3660")
            }
            guard Configuration.allowedAgencies.contains(agencies) else {
                throw SimulatingError(.outOfRange, "\(agencies) agencies are not possible; choose 1 to 1000")
            }
            let total = applicationsPerDay * Double(agencies)
            guard applicationsPerDay >= 0, total <= Configuration.maximumApplicationsPerDay else {
                throw SimulatingError(
                    .outOfRange,
                    "\(applicationsPerDay) applications a day for each of \(agencies) agencies are not possible; "
                        + "choose 0 or more, at most 20000 for all agencies together")
            }
            guard eventLimit ?? 0 >= 0 else {
                throw SimulatingError(.outOfRange, "the event limit is negative; choose 0 or more, or none")
            }
            let length = Int64(days) * Milliseconds.day * 1000
            guard start.microseconds <= Timestamp.latest.microseconds - length - Configuration.margin else {
                throw SimulatingError(
                    .outOfRange, "\(days) days from \(start) pass the year 9996; choose an earlier start")
            }
        }

        /// Three years in microseconds: terms may end after the period.
        private static let margin: Int64 = 1095 * Milliseconds.day * 1000
    }
}
