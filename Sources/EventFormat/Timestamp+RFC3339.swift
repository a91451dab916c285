extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with six decimals, `2011-10-11T11:45:40.276000Z`: fixed width, so that texts sort as times do.
    public var description: String {
        let day = Calendar.floorDivide(microseconds, 86_400_000_000)
        let date = Calendar.date(ofDay: day)
        var rest = microseconds - day * 86_400_000_000
        let micro = rest % 1_000_000
        rest /= 1_000_000
        var text: [UInt8] = []
        text.reserveCapacity(27)
        Timestamp.write(date.year, width: 4, then: "-", to: &text)
        Timestamp.write(date.month, width: 2, then: "-", to: &text)
        Timestamp.write(date.day, width: 2, then: "T", to: &text)
        Timestamp.write(rest / 3600, width: 2, then: ":", to: &text)
        Timestamp.write(rest / 60 % 60, width: 2, then: ":", to: &text)
        Timestamp.write(rest % 60, width: 2, then: ".", to: &text)
        Timestamp.write(micro, width: 6, then: "Z", to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func write(_ value: Int64, width: Int, then separator: Unicode.Scalar, to text: inout [UInt8]) {
        var scale: Int64 = 1
        for _ in 1..<width { scale *= 10 }
        while scale > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / scale % 10))
            scale /= 10
        }
        text.append(UInt8(ascii: separator))
    }

    /// Reads an RFC 3339 date-time with an offset: `2011-10-11T13:45:40.276+02:00`.
    ///
    /// Accepts any number of decimals and drops what is below a microsecond; accepts a leap second (`:60`, in any
    /// minute) as the moment after it, a lower-case `t` and `z`, and a space for the `T`. Throws ``FormatError``
    /// naming the text otherwise.
    public init(rfc3339 text: some StringProtocol) throws(FormatError) {
        var reader = Timestamp.Reader(Array(text.utf8))
        guard let fields = reader.read() else {
            throw FormatError(
                .outOfRange,
                "\"\(Timestamp.beginning(of: text).escapingControls)\" is no RFC 3339 date-time such as "
                    + "2011-10-11T13:45:40.276+02:00")
        }
        try self.init(microseconds: fields)
    }

    /// At most 40 scalars of a text, for an error: a single `Character` may be of any length.
    private static func beginning(of text: some StringProtocol) -> String {
        var beginning = ""
        beginning.unicodeScalars.append(contentsOf: text.unicodeScalars.prefix(40))
        return beginning
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func read() -> Int64? {
            guard let year = digits(4), year >= 1, take("-"), let month = digits(2), (1...12).contains(month),
                take("-"),
                let day = digits(2), day >= 1, day <= Calendar.days(inMonth: month, year: year),
                take("T") || take("t") || take(" "),
                let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60, take(":"),
                let second = digits(2), second <= 60, let micro = fraction(), let offset = zone(),
                self.offset == bytes.count
            else { return nil }
            let days = Calendar.day(year: year, month: month, day: day)
            let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
            return seconds * 1_000_000 + micro
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
            offset += 1
            return true
        }

        private mutating func digits(_ count: Int) -> Int64? {
            guard bytes.count - offset >= count else { return nil }
            var value: Int64 = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        private mutating func digit() -> Int64? {
            guard offset < bytes.count, bytes[offset] >= UInt8(ascii: "0"), bytes[offset] <= UInt8(ascii: "9") else {
                return nil
            }
            defer { offset += 1 }
            return Int64(bytes[offset] - UInt8(ascii: "0"))
        }

        private mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            var value: Int64 = 0
            var scale: Int64 = 100_000
            guard let first = digit() else { return nil }
            value += first * scale
            while let next = digit() {
                scale /= 10
                value += next * scale
            }
            return value
        }

        /// Minutes east of Greenwich.
        private mutating func zone() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let sign: Int64
            if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
            guard let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60 else { return nil }
            return sign * (hour * 60 + minute)
        }
    }
}

/// The proleptic Gregorian calendar as day numbers from 1970-01-01.
private enum Calendar {
    static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    static func days(inMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Counts from 1 March, so that the leap day ends the year, in eras of 400 years.
    static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func date(ofDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = number + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * index + 2) / 5 + 1)
    }
}
