internal import Glibc

/// A moment as microseconds since 1970-01-01T00:00:00Z, without leap seconds: the only clock value in entries.
///
/// Ranges over the years 0001 to 9999, which RFC 3339 can write.
public struct Timestamp: Hashable, Sendable {
    /// 0001-01-01T00:00:00Z.
    public static var earliest: Timestamp { Timestamp(unchecked: -62_135_596_800_000_000) }
    /// 1970-01-01T00:00:00Z, the least time of recording.
    public static var epoch: Timestamp { Timestamp(unchecked: 0) }
    /// 9999-12-31T23:59:59.999999Z.
    public static var latest: Timestamp { Timestamp(unchecked: 253_402_300_799_999_999) }

    /// Microseconds since 1970, negative before.
    public let microseconds: Int64

    /// The moment that the caller knows to lie in the range.
    init(unchecked microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Throws ``FormatError/Code/outOfRange`` outside the years 0001 to 9999.
    public init(microseconds: Int64) throws(FormatError) {
        guard microseconds >= Timestamp.earliest.microseconds, microseconds <= Timestamp.latest.microseconds else {
            throw FormatError(
                .outOfRange, "\(microseconds) µs since 1970 is no date of the years 0001 to 9999; check the date's unit"
            )
        }
        self.microseconds = microseconds
    }

    /// The system's clock now.
    public static var now: Timestamp {
        var time = timespec()
        let status = unsafe clock_gettime(CLOCK_REALTIME, &time)
        precondition(status == 0, "the system has no real-time clock")
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        return Timestamp(unchecked: min(max(microseconds, 0), latest.microseconds))
    }
}

extension Timestamp: Comparable {
    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}
