/// The types of the simulator's events.
enum EventKind: UInt8, CaseIterable, Sendable {
    case applicationReceived, applicationRegistered, applicationAccepted, applicationAssigned
    case termSet, termSuspended, termResumed, termExtended
    case adviceRequested, adviceGiven
    case documentDrafted, visaRequested, visaGranted, visaReturned, documentSigned, documentRegistered
    case documentDispatched, deliveryConfirmed
    case assignmentIssued, assignmentAccepted, assignmentExecuted
    case decisionIssued, applicationWithdrawn, applicationClosed
    case objectionReceived, objectionDecided

    /// The type as events carry it.
    var name: String {
        switch self {
        case .applicationReceived: "application.received"
        case .applicationRegistered: "application.registered"
        case .applicationAccepted: "application.accepted"
        case .applicationAssigned: "application.assigned"
        case .termSet: "term.set"
        case .termSuspended: "term.suspended"
        case .termResumed: "term.resumed"
        case .termExtended: "term.extended"
        case .adviceRequested: "advice.requested"
        case .adviceGiven: "advice.given"
        case .documentDrafted: "document.drafted"
        case .visaRequested: "visa.requested"
        case .visaGranted: "visa.granted"
        case .visaReturned: "visa.returned"
        case .documentSigned: "document.signed"
        case .documentRegistered: "document.registered"
        case .documentDispatched: "document.dispatched"
        case .deliveryConfirmed: "delivery.confirmed"
        case .assignmentIssued: "assignment.issued"
        case .assignmentAccepted: "assignment.accepted"
        case .assignmentExecuted: "assignment.executed"
        case .decisionIssued: "decision.issued"
        case .applicationWithdrawn: "application.withdrawn"
        case .applicationClosed: "application.closed"
        case .objectionReceived: "objection.received"
        case .objectionDecided: "objection.decided"
        }
    }

    /// Whose history the event continues.
    var record: RecordCategory {
        switch self {
        case .documentDrafted, .visaRequested, .visaGranted, .visaReturned, .documentSigned, .documentRegistered,
            .documentDispatched, .deliveryConfirmed:
            .document
        case .assignmentIssued, .assignmentAccepted, .assignmentExecuted: .assignment
        default: .application
        }
    }

    /// The service of the agency that tells of it.
    var service: Service {
        switch self {
        case .applicationReceived: .intake
        case .adviceRequested, .adviceGiven: .advice
        default:
            switch record {
            case .application: .cases
            case .document: .documents
            case .assignment: .assignments
            }
        }
    }
}

/// The kinds of records, each of which has a stream of its own; the raw value stands before the `-` of its name.
enum RecordCategory: String, Sendable {
    case application, document, assignment
}

/// The services of one agency, the last part of an event's source.
enum Service: String, CaseIterable, Sendable {
    case intake, cases, documents, assignments, advice
}
