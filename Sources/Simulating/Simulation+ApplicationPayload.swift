extension Simulation {
    /// The fields of an event of the application's own stream.
    mutating func writeApplication(_ scene: Scene, to json: inout JSONObjectWriter) {
        let step = scene.step
        switch step.kind {
        case .applicationReceived:
            json.field("kind", scene.kind.name)
            json.field("channel", scene.file.channel.name)
            json.field("applicant", "applicant-", pseudonym: Simulation.applicant(scene))
            json.field("agency", scene.agency.name)
        case .applicationRegistered:
            let (year, number) = agencies[scene.file.agency].caseRegister.next(at: step.time)
            json.field("register", "cases")
            json.field("agency", scene.agency.name)
            json.field("year", year)
            json.field("number", number)
            json.field("fee", hundredths: scene.kind.term * 250 + Int(scene.file.key % 4000))
        case .applicationAccepted: json.field("agency", scene.agency.name)
        case .applicationAssigned:
            json.field("responsible", "official-", pseudonym: scene.responsible)
            json.field("department", scene.kind.department)
        case .adviceRequested, .adviceGiven: writeAdvice(scene, to: &json)
        case .decisionIssued:
            json.field("outcome", Outcome.name(step.choice))
            json.field("document", "document-", scene.file.documentID(step.subject))
            json.field("basis", scene.kind.basis)
        case .applicationWithdrawn: json.field("by", "applicant")
        case .applicationClosed: json.field("outcome", Outcome.name(step.choice))
        case .objectionReceived: json.field("due", endOfDay: scene.file.dueDay(of: step))
        case .objectionDecided:
            let outcomes = Texts.objectionOutcomes
            json.field("outcome", outcomes[step.choice < 7 ? 0 : Int(step.choice) - 6])
        default: Simulation.writeTerm(scene, to: &json)
        }
    }

    /// What starts, stops or moves the term: `due` is always the term's last second as it now stands.
    private static func writeTerm(_ scene: Scene, to json: inout JSONObjectWriter) {
        switch scene.step.kind {
        case .termSuspended: json.field("reason", "information-missing")
        case .termResumed:
            json.field("due", endOfDay: scene.file.dueDay(of: scene.step))
            json.field("days", Int(scene.file.dueDay(of: scene.step) - scene.file.dueDay))
            json.field("basis", "procedure-code/15")
        case .termExtended:
            json.field("due", endOfDay: scene.file.dueDay(of: scene.step))
            json.field("days", scene.kind.prolongation)
            json.field("basis", "procedure-code/14")
        default:
            json.field("due", endOfDay: scene.file.dueDay(of: scene.step))
            json.field("days", scene.kind.term)
            json.field("basis", scene.kind.basis)
        }
    }

    private func writeAdvice(_ scene: Scene, to json: inout JSONObjectWriter) {
        json.field("agency", agencies[adviser(of: scene.file, topic: scene.step.subject)].name)
        json.field("topic", scene.step.subject == 0 ? scene.kind.department : "safety")
        if scene.step.kind == .adviceRequested {
            json.field("due", endOfDay: scene.file.dueDay(of: scene.step))
        } else {
            json.field("conclusion", Texts.conclusions[Int(scene.step.choice) % Texts.conclusions.count])
        }
    }

    /// One of 4,000 applicants of the agency, some of whom come often.
    static func applicant(_ scene: Scene) -> UInt64 {
        var random = SplitMix64(seed: SplitMix64.derive(scene.file.key, 1 << 40))
        let place = random.unit() * random.unit() * 4000
        return SplitMix64.derive(SplitMix64.derive(scene.agency.key, 6), UInt64(place))
    }
}

extension Outcome {
    /// The word for a step's choice.
    static func name(_ choice: UInt8) -> String {
        (Outcome(rawValue: choice) ?? .withdrawn).name
    }
}
