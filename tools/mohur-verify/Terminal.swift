internal import Auditing
internal import EventFormat
internal import Glibc
internal import Threading

/// What is said to people beside the report.
enum Terminal {
    static func error(_ text: String) {
        write(text.escapingForTerminal + "\n")
    }

    /// Writes to standard output. A reader that has gone away is no error. Throws what else keeps the text from it:
    /// then nobody has the report.
    static func output(_ text: String) throws(AuditError) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            // The call reads the array during the call only; strerror's text is copied at once.
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(1, $0.baseAddress! + done, $0.count - done) }
            if count > 0 {
                done += count
            } else if errno == EPIPE {
                return
            } else if errno != EINTR {
                let cause = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
                throw AuditError(.unreadable, "the report could not be written to standard output: \(cause)")
            }
        }
    }

    /// How far the audit has come, from the second second on: on one line of a terminal, else a line every few seconds.
    final class Progress: Sendable {
        private struct State: Sendable {
            let start = ContinuousClock.now
            var last: ContinuousClock.Instant?
        }

        private let isTerminal = isatty(2) == 1
        private let state = Monitor(State())

        func show(_ done: UInt64, of total: UInt64) {
            let isDue = state.withLock { state in
                let now = ContinuousClock.now
                let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(3)
                guard state.start.duration(to: now) > .seconds(1),
                    state.last.map({ $0.duration(to: now) > pause }) ?? true
                else { return false }
                state.last = now
                return true
            }
            guard isDue, total > 0 else { return }
            Terminal.write(
                "\(isTerminal ? "\r" : "")verifying: \(done) of \(total) entries (\(done * 100 / total) %)"
                    + (isTerminal ? "" : "\n"))
        }

        func finish() {
            if isTerminal, state.withLock({ $0.last != nil }) { Terminal.write("\n") }
        }
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        // The call reads the array during the call only.
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
