import EventFormat
import TestSupport
import Testing

struct TimestampTests {
    static let readable: [(text: String, microseconds: Int64)] = [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T23:59:00+23:59", 0),
        ("1969-12-31T00:01:00-23:59", 0),
        ("2011-10-11T13:45:40.276+02:00", 1_318_333_540_276_000),
        ("2011-10-11t11:45:40.276z", 1_318_333_540_276_000),
        ("2011-10-11 11:45:40.276Z", 1_318_333_540_276_000),
        ("2011-10-11T11:45:40.2769999Z", 1_318_333_540_276_999),
        ("2011-10-11T11:45:40.27600000000000000000000000000000000000000000000000000000000001Z", 1_318_333_540_276_000),
        ("2011-10-11T11:45:40.2Z", 1_318_333_540_200_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2016-12-31T23:59:60.5Z", 1_483_228_800_500_000),
        ("2017-01-01T05:29:60+05:30", 1_483_228_800_000_000),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
        ("1600-02-29T00:00:00Z", -11_670_998_400_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("0001-01-01T23:59:00+23:59", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.9999999Z", 253_402_300_799_999_999),
        ("9999-12-31T00:00:59.999999-23:59", 253_402_300_799_999_999),
        ("1582-10-10T00:00:00Z", -12_219_724_800_000_000),
    ]

    @Test(arguments: readable)
    func `an RFC 3339 text is read as its moment`(row: (text: String, microseconds: Int64)) throws {
        #expect(try Timestamp(rfc3339: row.text).microseconds == row.microseconds)
        #expect(try Timestamp(rfc3339: row.text[...]).microseconds == row.microseconds)
    }

    @Test(arguments: [
        "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:59.999999-23:59",
    ])
    func `a moment outside the years 0001 to 9999 is refused though its date is in them`(text: String) {
        #expect(throws: FormatError(.outOfRange, "")) { try Timestamp(rfc3339: text) }
    }

    @Test(arguments: [
        "", "Z", "2011", "2011-10-11", "2011-10-11T11:45:40", "2011-10-11T11:45Z", "2011-10-11T11:45:40,5Z",
        "2011-10-11T11:45:40.Z", "2011-10-11T11:45:40.5", "2011-10-11T11:45:40+2:00", "2011-10-11T11:45:40+0200",
        "2011-10-11T11:45:40+02", "2011-10-11T11:45:40+24:00", "2011-10-11T11:45:40+02:60", "2011-10-11T11:45:40ZZ",
        "2011-10-11T11:45:40Z ", " 2011-10-11T11:45:40Z", "2011-10-11T11:45:40Z\n", "2011-10-11_11:45:40Z",
        "2011-10-11T24:00:00Z", "2011-10-11T11:60:00Z", "2011-10-11T11:45:61Z", "2011-13-01T00:00:00Z",
        "2011-00-01T00:00:00Z", "2011-10-00T00:00:00Z", "2011-10-32T00:00:00Z", "2011-04-31T00:00:00Z",
        "2011-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2000-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "2011-1-11T00:00:00Z",
        "2011-10-11T1:00:00Z", "２０１１-10-11T11:45:40Z", "2011-10-11T11:45:40\u{2212}02:00", "2011-10-11T11:45:40+ 2:00",
        "20111011T114540Z", "2011-10-11T11:45:40.276+02:00:00", "2011/10/11T11:45:40Z", "+2011-10-11T11:45:40Z",
    ])
    func `a text that is no RFC 3339 date-time is refused and shown`(text: String) {
        let error = #expect(throws: FormatError.self) { try Timestamp(rfc3339: text) }
        #expect(error?.code == .outOfRange)
        #expect(error?.reason.contains("is no RFC 3339 date-time such as 2011-10-11T13:45:40.276+02:00") == true)
        #expect(error?.reason.contains(text.escapingControls) == true)
        #expect(error?.reason.contains("\n") == false)
    }

    @Test func `bytes behind a long fraction are not overlooked`() throws {
        for digits in 1...100 {
            let text = "2011-10-11T11:45:40." + String(repeating: "7", count: digits) + "Z"
            let moment = try Timestamp(rfc3339: text)
            #expect(moment.microseconds % 1_000_000 == Int64(String("777777".prefix(digits)).padded) ?? -1)
            #expect(throws: FormatError(.outOfRange, "")) { try Timestamp(rfc3339: text + "junk") }
        }
    }

    @Test func `a refusal shows the beginning of a text that is long or one endless character`() {
        for text in [String(repeating: "x", count: 100_000), "x" + String(repeating: "\u{301}", count: 100_000)] {
            let error = #expect(throws: FormatError.self) { try Timestamp(rfc3339: text) }
            #expect((error?.reason.utf8.count ?? .max) < 400)
        }
    }

    @Test(arguments: [Int64.min, -62_135_596_800_000_001, 253_402_300_800_000_000, .max])
    func `microseconds outside the years 0001 to 9999 are refused`(microseconds: Int64) {
        let error = #expect(throws: FormatError.self) { try Timestamp(microseconds: microseconds) }
        #expect(
            error?.reason
                == "\(microseconds) µs since 1970 is no date of the years 0001 to 9999; check the date's unit")
    }

    @Test func `a time is written in 27 characters that sort as times do and read back`() throws {
        let seed = printedSeed("times")
        var random = SeededGenerator(seed: seed)
        var times = [Timestamp.earliest, .epoch, .latest]
        for _ in 0..<5000 { times.append(random.time(from: Timestamp.earliest.microseconds)) }
        times.sort()
        let texts = times.map(\.description)
        #expect(texts == texts.sorted(), "seed \(seed)")
        for (time, text) in zip(times, texts) {
            #expect(text.utf8.count == 27)
            #expect(try Timestamp(rfc3339: text) == time, "seed \(seed)")
        }
    }

    @Test func `the edges are written as they are documented`() {
        #expect(Timestamp.earliest.description == "0001-01-01T00:00:00.000000Z")
        #expect(Timestamp.epoch.description == "1970-01-01T00:00:00.000000Z")
        #expect(Timestamp.latest.description == "9999-12-31T23:59:59.999999Z")
    }

    @Test func `the clock tells a time after this was written and not before its own last`() throws {
        let first = Timestamp.now
        #expect(try first > Timestamp(rfc3339: "2024-01-01T00:00:00Z"))
        #expect(Timestamp.now >= first)
    }
}

extension String {
    /// Six digits, zeros behind.
    fileprivate var padded: String { self + String(repeating: "0", count: 6 - count) }
}

/// A calendar that counts one day after the other, to check the one that computes.
struct CalendarTests {
    @Test func `every day of the years 0001 to 9999 has the date that counting gives`() throws {
        var (year, month, day) = (1, 1, 1)
        var microseconds = Timestamp.earliest.microseconds
        var wrong = 0
        var count = 0
        while year <= 9999 {
            if CalendarTests.isChecked(year, month, day) {
                let text =
                    CalendarTests.text(year, 4) + "-" + CalendarTests.text(month, 2) + "-" + CalendarTests.text(day, 2)
                let moment = try Timestamp(microseconds: microseconds)
                if moment.description.prefix(10) != text { wrong += 1 }
                if try Timestamp(rfc3339: text + "T00:00:00Z") != moment { wrong += 1 }
                count += 1
            }
            (year, month, day) = CalendarTests.next(year, month, day)
            microseconds += 86_400_000_000
        }
        #expect(wrong == 0)
        #expect(count > 40_000)
        #expect(microseconds == Timestamp.latest.microseconds + 1)
    }

    /// All days of some centuries, and around the turn of every month else.
    private static func isChecked(_ year: Int, _ month: Int, _ day: Int) -> Bool {
        (1960...2040).contains(year) || (year % 100 <= 1 && (day == 1 || day >= 28)) || (month == 3 && day == 1)
    }

    private static func text(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    private static func next(_ year: Int, _ month: Int, _ day: Int) -> (Int, Int, Int) {
        if day < 28 { return (year, month, day + 1) }
        let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if day < lengths[month - 1] { return (year, month, day + 1) }
        return month < 12 ? (year, month + 1, 1) : (year + 1, 1, 1)
    }
}
