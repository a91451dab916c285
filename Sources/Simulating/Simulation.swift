public import EventFormat

/// A municipality's year of permits, as events in the order of time across all streams.
///
/// Agencies receive applications, register them, review them, ask each other for advice, decide, and answer
/// objections. Terms are set, suspended and extended; some cases are late. Times are UTC, and offices work from 8 to
/// 17 o'clock of working days.
///
/// ```swift
/// let configuration = try Simulation.Configuration.scaled(toEvents: 100_000, seed: 7)
/// for (stream, event) in Simulation(configuration: configuration) { … }
/// ```
///
/// Equal configurations give equal events, ids included, on every machine. A shorter period or a limit gives the
/// beginning of the same events; another agency adds its own and otherwise only takes over advice. Memory holds the
/// cases that have events to come, some 700 bytes each. Payloads are JSON with pseudonyms; streams, types and sources
/// tell of nobody.
public struct Simulation: Sequence, IteratorProtocol, Sendable {
    public let configuration: Configuration
    /// What the calls of ``next()`` on this value have given so far; a `for` loop iterates over a copy.
    public private(set) var summary = Summary()

    var agencies: [Agency]
    private let calendar: WorkCalendar
    private let pattern: ArrivalPattern
    private let end: Int64
    private var queue = EventQueue()
    private var cases: [OpenCase?] = []
    private var freeSlots: [Int32] = []

    public init(configuration: Configuration) {
        self.configuration = configuration
        let period = configuration.period
        end = period.end
        calendar = WorkCalendar(firstDay: Milliseconds.dayNumber(of: period.start), days: configuration.days)
        pattern = ArrivalPattern(start: period.start, end: period.end)
        agencies = (1...configuration.agencies).map { Agency(number: $0, seed: configuration.seed) }
        for index in agencies.indices { awaitArrival(agency: index, after: period.start) }
    }

    /// The next event, or nil when the period or the limit is reached. O(log n) in the number of open cases.
    public mutating func next() -> (stream: StreamName, event: Event)? {
        if let limit = configuration.eventLimit, summary.events >= limit { return nil }
        while let entry = queue.first, entry.time < end {
            if entry.slot >= 0 { return takeStep(entry) }
            open(entry)
        }
        return nil
    }

    /// How many cases are in memory.
    var heldCaseCount: Int { cases.count - freeSlots.count }
}

// MARK: - Cases

extension Simulation {
    /// Opens the case of an application that arrives; its first event has the same moment.
    private mutating func open(_ entry: EventQueue.Entry) {
        let index = Int(entry.agency)
        let ordinal = agencies[index].takeArrival()
        let file = OpenCase(agency: agencies[index], ordinal: ordinal, arrival: entry.time, calendar: calendar)
        let slot: Int32
        if let free = freeSlots.popLast() {
            slot = free
            cases[Int(slot)] = file
        } else {
            slot = Int32(cases.count)
            cases.append(file)
        }
        queue.replaceFirst(.init(time: entry.time, agency: entry.agency, slot: slot, ordinal: ordinal))
        awaitArrival(agency: index, after: entry.time)
    }

    private mutating func awaitArrival(agency index: Int, after moment: Int64) {
        agencies[index].awaitArrival(after: moment, rate: configuration.applicationsPerDay, pattern)
        guard let time = agencies[index].nextArrival else { return }
        queue.insert(.init(time: time, agency: Int32(index), slot: -1, ordinal: agencies[index].arrivals))
    }

    /// The event of a case's next step; moves the case on, and forgets it when it has no more.
    private mutating func takeStep(_ entry: EventQueue.Entry) -> (stream: StreamName, event: Event)? {
        let slot = Int(entry.slot)
        guard var file = cases[slot], let index = file.nextIndex else { return nil }
        let step = file.step(index)
        let event = makeEvent(Scene(file: file, agency: agencies[file.agency], step: step), index: index)
        if step.kind.movesTerm { file.dueDay = file.dueDay(of: step) }
        summary.count(step.kind, isLate: file.isLate(at: step.time))
        file.advance()
        if let time = file.nextTime, time < end {
            cases[slot] = file
            queue.replaceFirst(.init(time: time, agency: entry.agency, slot: entry.slot, ordinal: entry.ordinal))
        } else {
            cases[slot] = nil
            freeSlots.append(entry.slot)
            queue.removeFirst()
        }
        return event
    }
}

extension EventKind {
    /// Whether its payload tells the term's last day.
    fileprivate var movesTerm: Bool { self == .termSet || self == .termResumed || self == .termExtended }
}

extension OpenCase {
    /// Whether `moment` is after the last second of the term.
    fileprivate func isLate(at moment: Int64) -> Bool {
        dueDay != .max && moment > (dueDay + 1) * Milliseconds.day - Milliseconds.second
    }
}
