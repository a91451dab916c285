/// One agency: its size, its pace, its registers and its next application.
///
/// Everything follows from the seed and the agency's number, so that an agency is the same however many others there
/// are.
struct Agency: Sendable {
    /// From 1.
    let number: Int
    /// The name in payloads: `agency-3`.
    let name: String
    let key: UInt64
    /// This agency's multiple of the applications of a mean agency, 0.6 to 1.4.
    let size: Double
    /// How slow it is: 1 is the usual pace.
    private let slowness: Double
    /// The source of events by service.
    private let sources: [String]
    private var random: SplitMix64

    /// When the next application arrives; nil: no more in the period.
    private(set) var nextArrival: Int64?
    /// How many applications have arrived, which numbers the next one.
    private(set) var arrivals: UInt64 = 0
    /// The numbers of cases and of documents.
    var caseRegister = Register()
    var documentRegister = Register()

    init(number: Int, seed: UInt64) {
        self.number = number
        name = "agency-\(number)"
        key = SplitMix64.derive(SplitMix64.derive(seed, 0), UInt64(number))
        size = Agency.size(number: number, seed: seed)
        slowness = Agency.fraction(SplitMix64.derive(key, 2), from: 0.97, to: 1.03)
        sources = Service.allCases.map { "https://agency-\(number).example.gov/\($0.rawValue)" }
        random = SplitMix64(seed: SplitMix64.derive(key, 3))
    }

    static func size(number: Int, seed: UInt64) -> Double {
        let key = SplitMix64.derive(SplitMix64.derive(seed, 0), UInt64(number))
        return fraction(SplitMix64.derive(key, 1), from: 0.6, to: 1.4)
    }

    private static func fraction(_ bits: UInt64, from lower: Double, to upper: Double) -> Double {
        lower + (upper - lower) * (Double(bits >> 11) * 0x1p-53)
    }

    /// The source of the events of `service`.
    func source(_ service: Service) -> String {
        switch service {
        case .intake: sources[0]
        case .cases: sources[1]
        case .documents: sources[2]
        case .assignments: sources[3]
        case .advice: sources[4]
        }
    }

    /// The key of the application that arrives after `ordinal` others.
    func caseKey(_ ordinal: UInt64) -> UInt64 {
        SplitMix64.derive(SplitMix64.derive(key, 4), ordinal)
    }

    /// How slow the agency is in `month`, 1 to 12: in the summer officials are away.
    func pressure(month: Int) -> Double {
        slowness * (month == 7 || month == 8 ? 1.12 : month == 12 ? 1.06 : 0.98)
    }

    /// Sets when the next application comes after `moment`, at `rate` applications a day of a mean agency.
    mutating func awaitArrival(after moment: Int64, rate: Double, _ pattern: ArrivalPattern) {
        nextArrival = pattern.arrival(after: moment, rate: rate * size, wait: random.exponential())
    }

    /// The number of the application that arrives now.
    mutating func takeArrival() -> UInt64 {
        defer { arrivals += 1 }
        return arrivals
    }
}

/// A book of numbers that begin at 1 every year and have no gaps.
struct Register: Sendable {
    private var year = 0
    private var last = 0

    /// The next number of the year in which `moment` lies; moments must not go back.
    mutating func next(at moment: Int64) -> (year: Int, number: Int) {
        let now = CivilDate(dayNumber: Milliseconds.dayNumber(of: moment)).year
        if now != year {
            year = now
            last = 0
        }
        last += 1
        return (year, last)
    }
}
