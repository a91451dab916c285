/// What a time-stamp proves: that its authority saw the imprint no later than the time.
public struct VerifiedTimestamp: Hashable, Sendable {
    /// The stated time in whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let seconds: Int64
    /// The rest of it: 0 to 999,999.
    public let microseconds: Int32
    /// How far the stated time may be off, nil when the authority does not say.
    public let accuracyMicroseconds: Int64?
    /// The token's serial number, unique for its authority: hexadecimal digits.
    public let serial: String
    /// The policy that it was made under: dotted numbers.
    public let policy: String
    /// The subject of the authority's certificate, written as RFC 4514 has it.
    public let authority: String
}

/// A time as a token states it.
struct TimestampTime: Hashable {
    let seconds: Int64
    let microseconds: Int32

    /// Reads `YYYYMMDDhhmmss[.f…]Z` (RFC 3161 §2.4.2), nil for any other text. A fraction's digits after the sixth are
    /// dropped; a leap second counts as the second after it.
    init?(generalized text: String) {
        let characters = Array(text.utf8)
        guard characters.count >= 15, characters.count <= 40, characters.last == UInt8(ascii: "Z") else { return nil }
        let digits = characters.prefix(14)
        guard digits.allSatisfy(TimestampTime.isDigit) else { return nil }
        func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) } }
        let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
        let (hour, minute, second) = (number(8..<10), number(10..<12), number(12..<14))
        guard (1...12).contains(month), (1...TimestampTime.days(in: month, year)).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        seconds = TimestampTime.days(to: year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second

        let rest = characters.dropFirst(14).dropLast()
        guard !rest.isEmpty else {
            microseconds = 0
            return
        }
        let fraction = rest.dropFirst()
        guard rest.first == UInt8(ascii: "."), !fraction.isEmpty, fraction.allSatisfy(TimestampTime.isDigit) else {
            return nil
        }
        let six = fraction.prefix(6) + [UInt8](repeating: 0x30, count: max(0, 6 - fraction.count))
        microseconds = six.reduce(0) { $0 * 10 + Int32($1 - 0x30) }
    }

    private static func isDigit(_ character: UInt8) -> Bool { (0x30...0x39).contains(character) }

    private static func days(in month: Int64, _ year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1]
    }

    /// Days from 1970-01-01, counted in years that begin in March, so that the leap day is a year's last.
    private static func days(to year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
