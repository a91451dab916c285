internal import EventFormat
internal import Glibc
internal import Threading

/// What is said to people beside the report.
enum Terminal {
    static func error(_ text: String) {
        write(text.escapingForTerminal + "\n")
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
