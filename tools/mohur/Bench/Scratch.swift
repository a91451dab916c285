internal import EventFormat
internal import Glibc
internal import Processes
internal import Threading

/// The directory in which a benchmark works, removed with everything in it when the benchmark ends, even by a signal.
///
/// Safety: the calls read paths, and fill structures of ours, during the call only.
final class Scratch: Sendable {
    let path: String
    /// Whether a signal is ending the process.
    private let isEnding = Monitor(false)

    /// Makes the directory inside `parent`; from now on an interrupt, a hang-up or a request to terminate ends the
    /// programs that were started and removes it first.
    init(in parent: String) throws {
        path = "\(parent)/mohur-bench-\(EventID())"
        guard unsafe mkdir(path, 0o711) == 0 else {
            throw Failure(.couldNotRun, "\(path) cannot be made: \(unsafe String(cString: strerror(errno)))")
        }
        ThisProcess.onEndSignal { [path, isEnding] in
            isEnding.withLock { $0 = true }
            RunningProcesses.shared.endAll()
            Scratch.remove(path)
        }
    }

    /// Removes the directory; does not return when a signal is about to end the process.
    func remove() {
        while isEnding.withLock({ $0 }) { pause() }
        Scratch.remove(path)
    }

    /// Removes a file, or a directory with everything in it. Tries again for some seconds: what was just ended may
    /// still be writing.
    static func remove(_ path: String) {
        for _ in 0..<100 {
            removeTree(path)
            guard unsafe access(path, F_OK) == 0 else { return }
            usleep(50_000)
        }
    }

    private static func removeTree(_ path: String) {
        if unsafe unlink(path) == 0 { return }
        for name in names(in: path) { removeTree("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let item = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: item.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
