/// The units in which the simulator counts: milliseconds since 1970-01-01T00:00:00Z, and days since 1970-01-01.
enum Milliseconds {
    static let second: Int64 = 1000
    static let minute = 60 * second
    static let hour = 60 * minute
    static let day = 24 * hour

    /// The number of the day in which `moment` lies.
    static func dayNumber(of moment: Int64) -> Int64 {
        let quotient = moment / day
        return moment % day < 0 ? quotient - 1 : quotient
    }
}

/// A date of the Gregorian calendar.
struct CivilDate: Sendable {
    let year: Int
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int

    /// The date of a day counted from 1970-01-01.
    ///
    /// Counts from 1 March in eras of 400 years, so that the leap day ends a year (H. Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms").
    init(dayNumber: Int64) {
        let shifted = Int(dayNumber) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// 0 for Monday to 6 for Sunday.
    static func weekday(dayNumber: Int64) -> Int {
        // 1970-01-01 was a Thursday.
        Int(((dayNumber + 3) % 7 + 7) % 7)
    }
}
