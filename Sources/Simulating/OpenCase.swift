/// A case that still has events to come: all that the simulation keeps of it.
struct OpenCase: Sendable {
    /// The index of its agency.
    let agency: Int
    /// How many applications arrived at the agency before it.
    let ordinal: UInt64
    let key: UInt64
    /// The index of its kind in ``PermitKind/all``.
    let kind: Int
    /// When it arrived, in milliseconds since 1970.
    let arrival: Int64
    let channel: Channel
    private let plan: CasePlan
    private var cursor = 0
    /// The last day of the term as last told.
    var dueDay: Int64 = .max

    init(agency: Agency, ordinal: UInt64, arrival: Int64, calendar: WorkCalendar) {
        self.agency = agency.number - 1
        self.ordinal = ordinal
        self.arrival = arrival
        key = agency.caseKey(ordinal)
        var random = SplitMix64(seed: key)
        let month = CivilDate(dayNumber: Milliseconds.dayNumber(of: arrival)).month
        kind = PermitKind.choose(month: month, &random)
        channel = Channel.choose(isOpen: calendar.isOpen(at: arrival), &random)
        var planner = CasePlanner(
            calendar: calendar, kind: PermitKind.all[kind], pressure: agency.pressure(month: month), arrival: arrival,
            random: random)
        plan = planner.run()
    }

    /// The index of the next step in the plan, or nil when the case has none left.
    var nextIndex: UInt8? { cursor < plan.order.count ? plan.order[cursor] : nil }

    /// The time of the next step, in milliseconds since 1970.
    var nextTime: Int64? { nextIndex.map { plan.steps[Int($0)].time } }

    /// Whether the next step is the first of all.
    var isNew: Bool { cursor == 0 }

    func step(_ index: UInt8) -> Step { plan.steps[Int(index)] }

    mutating func advance() { cursor += 1 }

    /// The day, counted from 1970, by which what `step` asks for is due.
    func dueDay(of step: Step) -> Int64 { Milliseconds.dayNumber(of: arrival) + Int64(step.due) }
}

/// How an application came.
enum Channel: Sendable {
    case portal, post, counter, email

    /// The word in payloads.
    var name: String {
        switch self {
        case .portal: "portal"
        case .post: "post"
        case .counter: "counter"
        case .email: "e-mail"
        }
    }

    /// Letters and visitors come only while the office is open.
    static func choose(isOpen: Bool, _ random: inout SplitMix64) -> Channel {
        let choice = random.below(100)
        if choice < 72 { return .portal }
        if choice < 84 || !isOpen { return .email }
        return choice < 93 ? .counter : .post
    }
}
