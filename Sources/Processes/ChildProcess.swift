internal import CShims
public import Glibc

/// A running program whose standard input and output are pipes.
///
/// Used by the thread that started it; killed with the last reference. Safety: the C calls read the words, and read or
/// write a buffer, during the call only.
@safe public final class ChildProcess {
    /// Where standard error goes.
    public enum ErrorOutput: Sendable {
        /// To this program's own.
        case shared
        /// To standard output, among its lines.
        case output
    }

    /// The process's id.
    public let id: Int32
    private let endSignal: Int32
    private var input: Int32
    private let output: Int32
    private var unread: [UInt8] = []
    private var hasEnded = false
    private var status: Int32?
    /// The most anonymous memory seen so far, in bytes.
    public private(set) var peakMemory: UInt64 = 0
    private var nextLook = MonotonicTime.now

    /// How long is between two looks at a process's memory.
    private static let lookMilliseconds: UInt64 = 20

    /// Starts `words`, the first of which is a path or a name to be looked for in PATH. Throws ``ProcessError``.
    /// `endSignal` is what ends it when the last reference goes, or with ``RunningProcesses/endAll()``.
    public init(
        _ words: [String], errorOutput: ErrorOutput = .shared, endSignal: Int32 = SIGKILL
    ) throws(ProcessError) {
        precondition(!words.isEmpty, "a program has a name")
        let toChild = try ChildProcess.makePipe()
        let fromChild = try ChildProcess.makePipe()
        let error: Int32 = if case .shared = errorOutput { 2 } else { fromChild.write }
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var id: Int32 = 0
        let status = unsafe CShims_spawn(words[0], &arguments, toChild.read, fromChild.write, error, &id)
        close(toChild.read)
        close(fromChild.write)
        guard status == 0 else {
            close(toChild.write)
            close(fromChild.read)
            throw ProcessError(
                .notStarted, "\(words[0]) could not be started: \(unsafe String(cString: strerror(status)))")
        }
        self.id = id
        self.endSignal = endSignal
        input = toChild.write
        output = fromChild.read
        RunningProcesses.shared.add(id, endedBy: endSignal)
    }

    deinit {
        if status == nil {
            kill(endSignal)
            wait()
        }
        closeInput()
        close(output)
    }

    private static func makePipe() throws(ProcessError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else {
            throw ProcessError(.notStarted, "no pipe could be made: too many files are open")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Writes a line to the program's standard input. One that has gone away is noticed by its output's end.
    public func send(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
    }

    /// Ends the program's standard input.
    public func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    /// The next line of its output; nil at the end. Meanwhile looks at its memory 50 times a second, and calls `look`
    /// about as often.
    public func line(_ look: () -> Void = {}) -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard !hasEnded else {
                defer { unread = [] }
                return unread.isEmpty ? nil : String(decoding: unread, as: UTF8.self)
            }
            var waited = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&waited, 1, Int32(ChildProcess.lookMilliseconds))
            lookAtMemory(now: false)
            look()
            if ready > 0 { readMore() }
        }
    }

    private func readMore() {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(output, $0.baseAddress, $0.count) }
        if count > 0 { unread += chunk[..<count] } else { hasEnded = count == 0 || errno != EINTR }
    }

    /// Looks at its memory, unless that was done a moment ago and need not be done now.
    public func lookAtMemory(now isDue: Bool) {
        let time = MonotonicTime.now
        guard status == nil, isDue || time >= nextLook else { return }
        nextLook = time + ChildProcess.lookMilliseconds * 1_000_000
        peakMemory = max(peakMemory, ResidentMemory.anonymous(of: id) ?? 0)
    }

    /// Sends it a signal, unless it has ended.
    public func kill(_ signal: Int32) {
        if status == nil { _ = Glibc.kill(id, signal) }
    }

    /// Waits for its end; returns its exit code, or 128 and the signal that killed it.
    @discardableResult
    public func wait() -> Int32 {
        if let status { return status }
        var word: Int32 = 0
        while unsafe waitpid(id, &word, 0) < 0, errno == EINTR {}
        RunningProcesses.shared.remove(id)
        let signal = word & 0x7f
        let code = signal == 0 ? (word >> 8) & 0xff : 128 + signal
        status = code
        return code
    }

    /// Runs `words` to the end and returns the lines that it printed. Throws ``ProcessError/Code/failed`` with its last
    /// lines when its exit code is not 0.
    @discardableResult
    public static func run(_ words: [String]) throws(ProcessError) -> [String] {
        let child = try ChildProcess(words, errorOutput: .output)
        child.closeInput()
        var lines: [String] = []
        while let line = child.line() { lines.append(line) }
        let code = child.wait()
        guard code == 0 else {
            throw ProcessError(
                .failed,
                "\(words.prefix(12).joined(separator: " ")) ended with \(code):\n\(lines.suffix(6).joined(separator: "\n"))"
            )
        }
        return lines
    }
}
