internal import Glibc

/// CLOCK_MONOTONIC, which all processes of a machine share.
public enum MonotonicTime {
    /// Nanoseconds since some moment before.
    ///
    /// Safety: the call fills the structure that it is given, and nothing else.
    public static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Seconds since `start`, a value of ``now``.
    public static func seconds(since start: UInt64) -> Double { Double(now - start) / 1e9 }
}
