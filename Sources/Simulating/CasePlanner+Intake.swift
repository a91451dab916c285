extension CasePlanner {
    /// From the arrival to the official who has accepted the task; returns what the review follows from.
    mutating func intake() -> UInt8 {
        let received = add(.applicationReceived, cause: Step.noCause)
        work(minutes: 5...240)
        let registered = add(.applicationRegistered, cause: received)
        work(minutes: 1...12)
        let form = newDocument()
        add(.documentRegistered, cause: registered, subject: form, choice: DocumentType.application.rawValue)
        work(minutes: scaled(30...900))
        let accepted = add(.applicationAccepted, cause: registered)
        work(minutes: 1...4)
        add(.termSet, cause: accepted, due: dueDay)
        work(minutes: scaled(10...700))
        let assigned = add(.applicationAssigned, cause: accepted)
        work(minutes: 1...30)
        let task = newAssignment()
        let issued = add(.assignmentIssued, cause: assigned, subject: task, due: taskDue())
        work(minutes: scaled(5...600))
        return add(.assignmentAccepted, cause: issued, subject: task)
    }

    /// The assessment is due some days before the term ends.
    private func taskDue() -> Int64 {
        calendar.firstWorkingDay(from: firstDay + Int64(kind.term * 3 / 4))
    }

    /// Asks the applicant for what is missing; the clock stands still until it comes. Returns the resumption.
    mutating func suspend(_ cause: UInt8) -> UInt8 {
        work(minutes: scaled(120...1500))
        let request = send(prepare(.informationRequest, cause: cause, visas: 0))
        work(minutes: 1...10)
        let from = Milliseconds.dayNumber(of: now)
        let suspended = add(.termSuspended, cause: request, due: dueDay)
        let wait = random.within(1 * 1440...max(3, min(28, kind.term / 3)) * 1440)
        let arrival = max(latest, now) + Int64(wait) * Milliseconds.minute
        now = arrival
        work(minutes: 5...200)
        let supplement = newDocument()
        let registered = add(
            .documentRegistered, cause: suspended, subject: supplement, choice: DocumentType.supplement.rawValue)
        work(minutes: 2...60)
        dueDay = calendar.firstWorkingDay(from: dueDay + Milliseconds.dayNumber(of: now) - from)
        return add(.termResumed, cause: registered, due: dueDay)
    }
}
