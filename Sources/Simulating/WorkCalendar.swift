/// When offices work: Monday to Friday from 8 to 17 o'clock, without the holidays of fixed date.
///
/// A table of the period's days and of 900 days after them, so that every question is answered in O(1).
struct WorkCalendar: Sendable {
    private static let opening = 8 * Milliseconds.hour
    /// The working time of one day.
    static let workingDay = 9 * Milliseconds.hour
    private static let daysAfterPeriod: Int64 = 900

    private let firstDay: Int64
    /// For each day, how many working days of the table stand before it.
    private let workingDaysBefore: [Int32]
    /// The numbers of the working days, ascending.
    private let workingDays: [Int64]

    init(firstDay: Int64, days: Int) {
        var before: [Int32] = []
        var working: [Int64] = []
        for number in firstDay...firstDay + Int64(days) + WorkCalendar.daysAfterPeriod {
            before.append(Int32(working.count))
            if WorkCalendar.isWorkingDay(number) { working.append(number) }
        }
        self.firstDay = firstDay
        workingDaysBefore = before
        workingDays = working
    }

    static func isWorkingDay(_ number: Int64) -> Bool {
        guard CivilDate.weekday(dayNumber: number) < 5 else { return false }
        let date = CivilDate(dayNumber: number)
        return !holidays.contains { $0.month == date.month && $0.day == date.day }
    }

    private static let holidays: [(month: Int, day: Int)] = [(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)]

    /// Whether an office is open at `moment`.
    func isOpen(at moment: Int64) -> Bool {
        let number = Milliseconds.dayNumber(of: moment)
        let time = moment - number * Milliseconds.day
        return firstWorkingDay(from: number) == number && time >= WorkCalendar.opening
            && time < WorkCalendar.opening + WorkCalendar.workingDay
    }

    /// The day itself, or the first working day after it.
    func firstWorkingDay(from number: Int64) -> Int64 {
        guard let index = index(from: number) else { return number }
        return workingDays[index]
    }

    /// The moment `work` milliseconds of office time after `moment`; time outside office hours does not count.
    ///
    /// After the table's last day every hour counts: such moments lie after the period and are not shown.
    func moment(after moment: Int64, work: Int64) -> Int64 {
        let number = Milliseconds.dayNumber(of: moment)
        guard var index = index(from: number) else { return moment + work }
        var elapsed: Int64 = 0
        if workingDays[index] == number {
            elapsed = max(0, moment - number * Milliseconds.day - WorkCalendar.opening)
            if elapsed >= WorkCalendar.workingDay {
                index += 1
                elapsed = 0
            }
        }
        elapsed += work
        index += Int(elapsed / WorkCalendar.workingDay)
        guard index < workingDays.count else { return max(moment, end) + work }
        return workingDays[index] * Milliseconds.day + WorkCalendar.opening + elapsed % WorkCalendar.workingDay
    }

    private var end: Int64 { (firstDay + Int64(workingDaysBefore.count)) * Milliseconds.day }

    private func index(from number: Int64) -> Int? {
        let offset = Int(number - firstDay)
        guard offset >= 0, offset < workingDaysBefore.count else { return nil }
        let index = Int(workingDaysBefore[offset])
        return index < workingDays.count ? index : nil
    }
}
