import EventFormat
import Testing

@testable import Simulating

@Suite struct `The work calendar` {
    /// 2025-01-01 was a Wednesday.
    private let calendar = WorkCalendar(firstDay: 20_089, days: 365)

    @Test(arguments: [
        ("2025-01-03T16:00:00Z", 120, "2025-01-06T09:00:00Z"),
        ("2025-01-04T12:00:00Z", 30, "2025-01-06T08:30:00Z"),
        ("2025-01-06T03:00:00Z", 1, "2025-01-06T08:01:00Z"),
        ("2025-01-06T20:00:00Z", 1, "2025-01-07T08:01:00Z"),
        ("2025-01-06T10:00:00Z", 540, "2025-01-07T10:00:00Z"),
        ("2025-04-30T16:30:00Z", 60, "2025-05-02T08:30:00Z"),
        ("2025-12-23T16:59:00Z", 2, "2025-12-29T08:01:00Z"),
    ]) func `counts office time only`(start: String, minutes: Int, expected: String) throws {
        let end = calendar.moment(after: try milliseconds(start), work: Int64(minutes) * 60_000)
        #expect(try end == milliseconds(expected))
    }

    @Test func `moves a Sunday's term to Monday`() {
        #expect(calendar.firstWorkingDay(from: 20_093) == 20_094)
        #expect(calendar.firstWorkingDay(from: 20_094) == 20_094)
    }

    @Test func `never goes back, also after its table`() throws {
        for day in stride(from: Int64(20_089), to: 22_000, by: 1) {
            let moment = day * Milliseconds.day + 12 * Milliseconds.hour
            let first = calendar.moment(after: moment, work: 1)
            let second = calendar.moment(after: first, work: 1)
            try #require(first > moment)
            try #require(second > first)
        }
    }

    @Test func `agrees with the format's dates for 9,000 years`() throws {
        for day in stride(from: Int64(-700_000), to: 2_900_000, by: 997) {
            let date = CivilDate(dayNumber: day)
            let text = try Timestamp(microseconds: day * 86_400_000_000).description
            let parts = text.prefix(10).split(separator: "-").map { Int($0) }
            try #require(parts == [date.year, date.month, date.day])
        }
    }

    private func milliseconds(_ text: String) throws -> Int64 {
        try Timestamp(rfc3339: text).microseconds / 1000
    }
}
