internal import Glibc

/// Waits until a file is written to, by whichever process, or until it is woken.
///
/// The system tells of writes (inotify), so waiting costs no processor time. Where it cannot watch the file, or writes
/// go another way than through this kernel, a wait ends after its time.
///
/// Safety: the descriptors are opened in `init`, closed in `deinit` and used by the calls between; each buffer is
/// passed with its size and used during the call only.
final class FileSignal: Sendable {
    /// Of inotify; -1 when the file is not watched.
    private let watch: Int32
    /// A pipe, whose one end wakes who waits at the other; -1 when there is none.
    private let woken: Int32
    private let waker: Int32

    init(path: String) {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if descriptor >= 0, unsafe inotify_add_watch(descriptor, path, UInt32(IN_MODIFY)) < 0 {
            close(descriptor)
            watch = -1
        } else {
            watch = descriptor
        }
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        for end in ends where end >= 0 {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (woken, waker) = (ends[0], ends[1])
    }

    deinit {
        for descriptor in [watch, woken, waker] where descriptor >= 0 { close(descriptor) }
    }

    /// Whether writes end a wait.
    var isWatching: Bool { watch >= 0 }

    /// Ends the wait under way, or else the next one.
    func wake() {
        var byte: UInt8 = 0
        _ = unsafe write(waker, &byte, 1)
    }

    /// Waits for a write, for ``wake()`` or for `milliseconds`.
    ///
    /// Writes come in bursts, a commit's pages and then its meta page: a wait that a write ends takes a millisecond
    /// more, to be ended once for all of them.
    func wait(milliseconds: Int32) {
        var polled = [
            pollfd(fd: watch, events: Int16(POLLIN), revents: 0), pollfd(fd: woken, events: Int16(POLLIN), revents: 0),
        ]
        let count = unsafe poll(&polled, 2, milliseconds)
        guard count > 0 else { return }
        if polled[1].revents == 0 { usleep(1000) }
        for descriptor in [watch, woken] where descriptor >= 0 { drain(descriptor) }
    }

    private func drain(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while unsafe read(descriptor, &buffer, buffer.count) > 0 {}
    }
}
