import Foundation

/// Runs each piece of a task on a thread of its own, so that a test may block without holding up what it waits for.
public final class ThreadExecutor: TaskExecutor {
    public static let shared = ThreadExecutor()

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        Thread.detachNewThread { job.runSynchronously(on: executor) }
    }
}
