internal import EventFormat

/// Seconds since 1970 as people read them.
enum UTCTime {
    /// RFC 3339 in UTC; the number itself when it is outside the years 0001–9999.
    static func text(_ seconds: Int64) -> String {
        let (microseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow, let time = try? Timestamp(microseconds: microseconds) else { return "second \(seconds)" }
        return String(time.description.prefix(19)) + "Z"
    }
}
