internal import Glibc

/// State behind a lock that threads can wait on: a mutex and a condition of POSIX threads.
///
/// `@unchecked Sendable` is sound: `state` is touched only between lock and unlock of the one mutex, whose storage,
/// like the condition's, is allocated once, never moves, and is freed with the last reference, when no thread can be
/// waiting.
@safe public final class Monitor<State: Sendable>: @unchecked Sendable {
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    public init(_ state: State) {
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let status = unsafe (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, &attributes))
        precondition(status == (0, 0), "the system gave no mutex or condition")
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Calls `body` with the state, alone.
    public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Calls `body` with the state, alone, and wakes all waiting threads.
    public func change<R>(_ body: (inout State) -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body(&state)
    }

    /// Waits until `body` returns a value; it is asked after each ``change(_:)``.
    public func wait<R>(_ body: (inout State) -> R?) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// Waits until `body` returns a value, for at most `microseconds`; nil when the time is over. It is asked after
    /// each ``change(_:)`` and ``wake()``.
    public func wait<R>(microseconds: Int, _ body: (inout State) -> R?) -> R? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        var end = Monitor.time(after: microseconds)
        while true {
            if let result = body(&state) { return result }
            if unsafe pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT { return body(&state) }
        }
    }

    /// Wakes all waiting threads, for a change that was made under ``withLock(_:)``.
    public func wake() {
        unsafe pthread_cond_broadcast(condition)
    }

    /// Sleeps for at most `milliseconds` or until the next ``change(_:)``, whichever is first.
    public func sleep(milliseconds: Int) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        var time = Monitor.time(after: milliseconds * 1_000)
        _ = unsafe pthread_cond_timedwait(condition, mutex, &time)
    }

    /// The monotonic clock's time in so many microseconds.
    private static func time(after microseconds: Int) -> timespec {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        time.tv_nsec += microseconds * 1_000
        time.tv_sec += time.tv_nsec / 1_000_000_000
        time.tv_nsec %= 1_000_000_000
        return time
    }
}
