internal import CShims
internal import Glibc

/// A thread of its own for work that blocks, so that Swift's cooperative pool never waits for a disk.
///
/// Safety: the closure travels through C in a retained box that the new thread takes over exactly once.
public enum DedicatedThread {
    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a detached thread that runs `body` and ends with it.
    public static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
        let status = unsafe pthread_create(&thread, nil, run, box)
        precondition(status == 0, "the system gave no thread")
        pthread_detach(thread)
    }

    /// Lets timed waits of the calling thread end on time, within microseconds: for threads that wait for fractions of
    /// a millisecond.
    public static func usePreciseTimers() {
        CShims_use_precise_timers()
    }

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument = unsafe argument {
            unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        }
        return nil
    }
}
