extension CasePlanner {
    /// From the draft of the decision to the closure, and the objection that may follow.
    mutating func decide(_ cause: UInt8) {
        let outcome: Outcome = random.chance(kind.refusal) ? .refused : .granted
        work(minutes: scaled(20...600))
        var document = prepare(.decision, cause: cause, visas: kind.visas)
        work(minutes: 1...30)
        document.registered = add(
            .decisionIssued, cause: document.registered, subject: document.number, choice: outcome.rawValue)
        let dispatched = send(document)
        let closed = close(outcome, cause: dispatched)
        if random.chance(outcome == .refused ? 26 : 3) { object(closed) }
    }

    /// The applicant withdraws during the assessment.
    mutating func withdraw(_ cause: UInt8) {
        let wait = random.within(60...max(61, kind.term * 1440 / 3))
        now += Int64(wait) * Milliseconds.minute
        let withdrawn = add(.applicationWithdrawn, cause: cause)
        work(minutes: 30...900)
        add(.assignmentExecuted, cause: withdrawn, subject: 0)
        work(minutes: 5...300)
        let dispatched = send(prepare(.withdrawalConfirmation, cause: withdrawn, visas: 0))
        _ = close(.withdrawn, cause: dispatched)
    }

    /// Closes the case after everything else in it.
    private mutating func close(_ outcome: Outcome, cause: UInt8) -> UInt8 {
        now = max(now, latest)
        work(minutes: 2...240)
        return add(.applicationClosed, cause: cause, choice: outcome.rawValue)
    }

    /// The applicant objects within six weeks; the objection is decided weeks later.
    private mutating func object(_ cause: UInt8) {
        now += Int64(random.within(1440...40 * 1440)) * Milliseconds.minute + Int64(random.below(60_000))
        let due = calendar.firstWorkingDay(from: Milliseconds.dayNumber(of: now) + 84)
        let received = add(.objectionReceived, cause: cause, due: due)
        now += Int64(random.within(20...80)) * Milliseconds.day
        work(minutes: 30...1000)
        add(.objectionDecided, cause: received, choice: UInt8(random.below(10)))
    }
}
