/// When applications arrive: a Poisson process whose rate follows the month, the weekday and the hour.
struct ArrivalPattern: Sendable {
    /// Each month's share of the mean rate, in percent; their mean is 100.
    private static let months = [82, 94, 112, 118, 120, 112, 84, 78, 110, 108, 102, 80]
    /// Monday to Sunday in percent of the mean rate; their mean is 100.
    private static let weekdays = [150, 145, 135, 130, 100, 22, 18]
    /// Each hour's part of a day, in thousandths.
    private static let hours = [
        4, 2, 1, 1, 1, 3, 9, 26, 74, 104, 112, 98, 68, 78, 92, 88, 72, 48, 30, 28, 26, 18, 11, 6,
    ]
    private static let holidayFactor = 0.25

    private let firstDay: Int64
    private let end: Int64
    /// For each day of the period, its multiple of the mean rate.
    private let dayFactors: [Double]

    /// - Parameters:
    ///   - start: the period's first millisecond.
    ///   - end: the millisecond after the period's last.
    init(start: Int64, end: Int64) {
        firstDay = Milliseconds.dayNumber(of: start)
        self.end = end
        dayFactors = (firstDay...Milliseconds.dayNumber(of: end)).map(ArrivalPattern.factor)
    }

    private static func factor(ofDay number: Int64) -> Double {
        let weekday = CivilDate.weekday(dayNumber: number)
        let percent = months[CivilDate(dayNumber: number).month - 1] * weekdays[weekday]
        let isHoliday = weekday < 5 && !WorkCalendar.isWorkingDay(number)
        return Double(percent) / 10_000 * (isHoliday ? holidayFactor : 1)
    }

    /// How many mean days the period counts for.
    var meanDays: Double { dayFactors.dropLast().reduce(0, +) }

    /// The first arrival after `moment` with `rate` arrivals on a mean day, or nil when it would come after the period.
    ///
    /// `wait` is of the exponential distribution with mean 1. O(days passed).
    func arrival(after moment: Int64, rate: Double, wait: Double) -> Int64? {
        var number = Milliseconds.dayNumber(of: moment)
        var time = moment - number * Milliseconds.day
        var remaining = wait
        while number - firstDay < dayFactors.count {
            let expected = rate * dayFactors[Int(number - firstDay)]
            if time > 0 || remaining < expected {
                if let found = ArrivalPattern.time(from: time, expected: expected, wait: &remaining) {
                    let arrival = number * Milliseconds.day + found
                    return arrival < end ? arrival : nil
                }
            } else {
                remaining -= expected
            }
            number += 1
            time = 0
        }
        return nil
    }

    /// The time within one day at which `wait` is used up, or nil with what is left of it.
    private static func time(from start: Int64, expected: Double, wait: inout Double) -> Int64? {
        for hour in Int(start / Milliseconds.hour)..<24 {
            let from = max(start, Int64(hour) * Milliseconds.hour)
            let length = Int64(hour + 1) * Milliseconds.hour - from
            let part = expected * Double(hours[hour]) / 1000 * Double(length) / Double(Milliseconds.hour)
            if wait < part {
                return from + min(length - 1, Int64(Double(length) * (wait / part)))
            }
            wait -= part
        }
        return nil
    }
}
