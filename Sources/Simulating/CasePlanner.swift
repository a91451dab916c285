/// Plans one case when its application arrives, with the case's own random numbers.
///
/// The parts of a case are files of their own: intake, review, documents, decision. Each moves ``now`` forward on the
/// case's main path; what runs beside it (delivery, advice) only moves ``latest``.
struct CasePlanner {
    let calendar: WorkCalendar
    let kind: PermitKind
    /// The agency's slowness now: 1 is the usual pace.
    let pressure: Double
    let firstDay: Int64
    var random: SplitMix64
    var plan = CasePlan()
    /// Where the main path stands, in milliseconds since 1970.
    var now: Int64
    /// The time of the latest step.
    var latest: Int64
    /// The last day of the term.
    var dueDay: Int64
    var documentCount: UInt8 = 0
    var assignmentCount: UInt8 = 0

    init(calendar: WorkCalendar, kind: PermitKind, pressure: Double, arrival: Int64, random: SplitMix64) {
        self.calendar = calendar
        self.kind = kind
        self.pressure = pressure
        self.random = random
        firstDay = Milliseconds.dayNumber(of: arrival)
        now = arrival
        latest = arrival
        dueDay = calendar.firstWorkingDay(from: firstDay + Int64(kind.term))
    }

    /// The whole case in the order of time.
    mutating func run() -> CasePlan {
        var cause = intake()
        if random.chance(kind.suspension) { cause = suspend(cause) }
        if random.chance(kind.withdrawal) {
            withdraw(cause)
        } else {
            decide(review(cause))
        }
        plan.arrange()
        return plan
    }
}

// MARK: - Steps

extension CasePlanner {
    /// Adds a step at `time`, or where the main path stands.
    @discardableResult
    mutating func add(
        _ kind: EventKind, at time: Int64? = nil, cause: UInt8, subject: UInt8 = 0, choice: UInt8 = 0,
        due: Int64? = nil,
        version: UInt8 = 1
    ) -> UInt8 {
        let time = time ?? now
        latest = max(latest, time)
        let days = due.map { UInt16(clamping: $0 - firstDay) } ?? 0
        return plan.add(
            Step(
                time: time, due: days, kind: kind, cause: cause, subject: subject, choice: choice, version: version))
    }

    /// Moves the main path on by office time between the minutes of `range`, at the agency's pace.
    mutating func work(minutes range: ClosedRange<Int>) {
        now = later(now, minutes: range)
    }

    /// The moment after office time between the minutes of `range`, at the agency's pace.
    mutating func later(_ moment: Int64, minutes range: ClosedRange<Int>) -> Int64 {
        let milliseconds = random.within(range.lowerBound * 60_000...range.upperBound * 60_000)
        return calendar.moment(after: moment, work: max(1, Int64(Double(milliseconds) * pressure)))
    }

    /// The minutes that a task of `minutes` takes for a term of eight weeks, in proportion to the term.
    func scaled(_ minutes: ClosedRange<Int>) -> ClosedRange<Int> {
        let lower = max(1, minutes.lowerBound * kind.term / 56)
        return lower...max(lower, minutes.upperBound * kind.term / 56)
    }

    mutating func newDocument() -> UInt8 {
        defer { documentCount += 1 }
        return documentCount
    }

    mutating func newAssignment() -> UInt8 {
        defer { assignmentCount += 1 }
        return assignmentCount
    }
}
