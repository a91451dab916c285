extension Simulation {
    /// The fields of an event of a document's stream.
    mutating func writeDocument(_ scene: Scene, to json: inout JSONObjectWriter) {
        let step = scene.step
        switch step.kind {
        case .documentDrafted:
            json.field("type", DocumentType.named(step.choice).name)
            json.field("author", "official-", pseudonym: scene.responsible)
            json.field("version", Int(step.version))
        case .documentRegistered:
            let type = DocumentType.named(step.choice)
            let (year, number) = agencies[scene.file.agency].documentRegister.next(at: step.time)
            json.field("register", "documents")
            json.field("agency", scene.agency.name)
            json.field("year", year)
            json.field("number", number)
            json.field("type", type.name)
            json.field("direction", type.isIncoming ? "in" : "out")
        case .visaRequested, .visaGranted, .visaReturned:
            json.field("official", "official-", pseudonym: scene.official(UInt64(step.choice)))
            json.field("order", Int(step.choice))
            json.field("version", Int(step.version))
            if step.kind == .visaReturned {
                let key = SplitMix64.derive(scene.file.key, UInt64(step.version))
                json.field("comment", Texts.comments[Int(key % UInt64(Texts.comments.count))])
            }
        case .documentSigned:
            json.field("signatory", "official-", pseudonym: scene.official(99))
            json.field("version", Int(step.version))
        default:
            json.field("recipient", "applicant-", pseudonym: Simulation.applicant(scene))
            if step.kind == .documentDispatched { json.field("channel", step.choice == 1 ? "post" : "portal") }
        }
    }

    /// The fields of an event of an assignment's stream.
    static func writeAssignment(_ scene: Scene, to json: inout JSONObjectWriter) {
        let isAssessment = scene.step.subject == 0
        let executor = isAssessment ? scene.responsible : scene.inspector
        json.field("task", isAssessment ? "assess" : "inspect")
        json.field("executor", "official-", pseudonym: executor)
        if scene.step.kind == .assignmentIssued { json.field("due", endOfDay: scene.file.dueDay(of: scene.step)) }
    }
}

extension DocumentType {
    /// The type for a step's choice.
    static func named(_ choice: UInt8) -> DocumentType { DocumentType(rawValue: choice) ?? .application }
}
