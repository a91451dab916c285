internal import CShims
internal import Glibc
internal import Threading

/// What a program that another one of ours has started does first.
public enum ThisProcess {
    /// The program's own file.
    public static let program = "/proc/self/exe"

    /// This process's id.
    public static var id: Int32 { getpid() }

    /// Has the kernel end this process when the one that started it, `parent`, ends.
    public static func diesWithParent(_ parent: Int32) {
        CShims_die_with_parent(parent)
    }

    /// Keeps the calling thread, and those that it starts from now on, on `count` processors; returns how many there
    /// are, which may be fewer.
    @discardableResult
    public static func useProcessors(_ count: Int) -> Int {
        Int(CShims_use_processors(Int32(clamping: count)))
    }

    /// Calls `body` at the first interrupt, hang-up or request to terminate, on a thread of its own, and then ends the
    /// process by that signal. A signal that is ignored stays so.
    ///
    /// Safety: the call reads into a byte of ours.
    public static func onEndSignal(_ body: @escaping @Sendable () -> Void) {
        let descriptor = CShims_read_signals()
        guard descriptor >= 0 else { return }
        DedicatedThread.start {
            var number: UInt8 = 0
            while unsafe read(descriptor, &number, 1) != 1 {}
            body()
            CShims_end_by_signal(Int32(number))
        }
    }
}
