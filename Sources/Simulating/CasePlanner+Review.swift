extension CasePlanner {
    /// From the assessment's start to the draft of the decision; returns what the draft follows from.
    mutating func review(_ cause: UInt8) -> UInt8 {
        let start = now
        let draft = assessmentEnd(from: start)
        if random.chance(kind.advice) { askAdvice(cause, from: start, until: draft, topic: 0) }
        if kind.visas > 2, random.chance(60) { askAdvice(cause, from: start, until: draft, topic: 1) }
        if random.chance(kind.inspection) { inspect(cause, from: start, until: draft) }
        extendIfNeeded(cause, draft: draft)
        now = max(draft, latest)
        work(minutes: 1...90)
        return add(.assignmentExecuted, cause: cause, subject: 0)
    }

    /// When the assessment ends: mostly well within the term, with a long tail of the sum of two exponential times.
    private mutating func assessmentEnd(from start: Int64) -> Int64 {
        let share = 0.13 + 0.219 * (random.exponential() + random.exponential())
        let days = Double(kind.term) * min(share * pressure, 4) * 5 / 7
        return calendar.moment(after: start, work: 1 + Int64(days * Double(WorkCalendar.workingDay)))
    }

    /// Asks another agency, which answers before the assessment ends.
    private mutating func askAdvice(_ cause: UInt8, from start: Int64, until end: Int64, topic: UInt8) {
        let span = end - start
        let asked = calendar.moment(after: start + span / Int64(random.within(6...30)), work: Milliseconds.second)
        let due = calendar.firstWorkingDay(
            from: Milliseconds.dayNumber(of: asked) + Int64(max(3, kind.term / 4)))
        let requested = add(.adviceRequested, at: asked, cause: cause, subject: topic, due: due)
        let answered = later(asked + span / Int64(random.within(2...5)), minutes: 30...600)
        add(.adviceGiven, at: answered, cause: requested, subject: topic, choice: UInt8(random.below(8)))
    }

    /// Sends an inspector to the place.
    private mutating func inspect(_ cause: UInt8, from start: Int64, until end: Int64) {
        let span = end - start
        let task = newAssignment()
        let issuedAt = calendar.moment(after: start + span / Int64(random.within(8...40)), work: Milliseconds.second)
        let due = calendar.firstWorkingDay(
            from: Milliseconds.dayNumber(of: issuedAt) + Int64(max(2, kind.term / 5)))
        let issued = add(.assignmentIssued, at: issuedAt, cause: cause, subject: task, due: due)
        let acceptedAt = later(issuedAt, minutes: 10...600)
        let accepted = add(.assignmentAccepted, at: acceptedAt, cause: issued, subject: task)
        let executedAt = later(acceptedAt + span / Int64(random.within(3...8)), minutes: 60...400)
        add(.assignmentExecuted, at: executedAt, cause: accepted, subject: task)
    }

    /// Extends the term once, shortly before it passes, when the decision would come too late.
    private mutating func extendIfNeeded(_ cause: UInt8, draft: Int64) {
        let slack = Int64(max(2, kind.term / 12)) * Milliseconds.day
        let dueEnd = (dueDay + 1) * Milliseconds.day
        guard kind.prolongation > 0, draft + slack > dueEnd, random.chance(55) else { return }
        let notice = Int64(random.within(2...max(3, kind.term / 8))) * Milliseconds.day
        now = max(now, min(dueEnd - notice, draft - Milliseconds.day))
        work(minutes: 10...200)
        guard now < dueEnd else { return }
        dueDay = calendar.firstWorkingDay(from: dueDay + Int64(kind.prolongation))
        let extended = add(.termExtended, cause: cause, due: dueDay)
        work(minutes: 5...200)
        _ = send(prepare(.extensionNotice, cause: extended, visas: 0))
    }
}
