/// One event of a case to come, 16 bytes.
struct Step: Sendable {
    /// The cause of what has none.
    static let noCause = UInt8.max

    /// Milliseconds since 1970.
    let time: Int64
    /// In days after the case's first day; 0 where there is none.
    let due: UInt16
    let kind: EventKind
    /// The index, in the plan, of the step that led to this one.
    let cause: UInt8
    /// The document, assignment or advice of the case that this step is about, by number from 0.
    let subject: UInt8
    /// What the kind of event chooses from: a type of document, an outcome, the order of a visa.
    let choice: UInt8
    /// How often the subject was tried, from 1.
    let version: UInt8
}

/// All events of one case, from its arrival to its last objection.
struct CasePlan: Sendable {
    /// In the order of causes: no step's cause stands after it.
    var steps: [Step] = []
    /// The indices of `steps` in the order of time.
    private(set) var order: [UInt8] = []

    /// Adds a step and returns its index.
    mutating func add(_ step: Step) -> UInt8 {
        precondition(steps.count < Int(Step.noCause), "a case has fewer than 255 events")
        steps.append(step)
        return UInt8(steps.count - 1)
    }

    /// Brings the steps into the order of time; those of one moment keep the order of causes. The steps are nearly
    /// sorted, so insertion is O(n).
    mutating func arrange() {
        order = Array(0..<UInt8(steps.count))
        for start in order.indices {
            var index = start
            let moving = order[start]
            while index > 0, steps[Int(order[index - 1])].time > steps[Int(moving)].time {
                order[index] = order[index - 1]
                index -= 1
            }
            order[index] = moving
        }
    }
}

/// What a document of a case is; the raw value stands in ``Step/choice``.
enum DocumentType: UInt8, Sendable {
    case application, informationRequest, supplement, extensionNotice, decision, withdrawalConfirmation

    /// The word in payloads.
    var name: String {
        switch self {
        case .application: "application-form"
        case .informationRequest: "information-request"
        case .supplement: "supplement"
        case .extensionNotice: "extension-notice"
        case .decision: "decision"
        case .withdrawalConfirmation: "withdrawal-confirmation"
        }
    }

    /// Whether the applicant sent it.
    var isIncoming: Bool { self == .application || self == .supplement }
}

/// How an application ended; the raw value stands in ``Step/choice``.
enum Outcome: UInt8, Sendable {
    case granted, refused, withdrawn

    /// The word in payloads.
    var name: String {
        switch self {
        case .granted: "granted"
        case .refused: "refused"
        case .withdrawn: "withdrawn"
        }
    }
}
