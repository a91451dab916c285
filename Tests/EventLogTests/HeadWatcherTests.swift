import EventFormat
import Foundation
import Testing
import Threading

@testable import EventLog

@Suite struct HeadWatcherTests {
    private final class Owner {}

    /// Waits up to two seconds.
    private func becomes(_ flag: Monitor<Bool>) -> Bool {
        for _ in 0..<400 where !flag.withLock({ $0 }) { usleep(5000) }
        return flag.withLock { $0 }
    }

    @Test func `a waiter that comes after the look that saw the growth is told of it`() throws {
        let folder = try Folder()
        let log = try folder.makeLog()
        let owner = Owner()
        // A watcher that the writer does not announce to, as if another process wrote.
        let watcher = HeadWatcher(log.core.gate, path: "\(log.path)/data.mdb")
        _ = watcher.notify(beyond: 1000, owner: ObjectIdentifier(owner)) {}
        _ = try log.append(try request())
        usleep(50_000)
        let told = Monitor(false)
        _ = watcher.notify(beyond: 1, owner: ObjectIdentifier(owner)) { told.change { $0 = true } }
        #expect(becomes(told))
        let later = Monitor(false)
        _ = watcher.notify(beyond: 2, owner: ObjectIdentifier(owner)) { later.change { $0 = true } }
        usleep(20_000)
        #expect(!later.withLock { $0 })
        _ = try log.append(try request())
        #expect(becomes(later))
        watcher.stop()
        log.close()
    }

    @Test func `waiters are called when they are cancelled, when their owner closes and when the watcher stops`() throws
    {
        let folder = try Folder()
        let log = try folder.makeLog()
        let (first, second) = (Owner(), Owner())
        let watcher = HeadWatcher(log.core.gate, path: "\(log.path)/data.mdb")
        let called = Monitor<[String]>([])
        func wait(_ owner: Owner, _ name: String) -> UInt64 {
            watcher.notify(beyond: 9, owner: ObjectIdentifier(owner)) { called.change { $0.append(name) } }
        }
        let id = wait(first, "cancelled")
        _ = wait(first, "closed")
        _ = wait(second, "stopped")
        watcher.cancel(id)
        watcher.cancel(id)
        #expect(called.withLock { $0 } == ["cancelled"])
        watcher.cancelAll(of: ObjectIdentifier(first))
        #expect(called.withLock { $0 } == ["cancelled", "closed"])
        watcher.stop()
        #expect(called.withLock { $0 } == ["cancelled", "closed", "stopped"])
        _ = wait(second, "late")
        #expect(called.withLock { $0.last } == "late")
        log.close()
    }
}
