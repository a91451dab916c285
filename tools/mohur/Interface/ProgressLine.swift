internal import Glibc
internal import Threading

/// Tells on standard error how far long work has come: from the second second on, on one line of a terminal or as
/// lines elsewhere.
final class ProgressLine: Sendable {
    private struct State: Sendable {
        let start = ContinuousClock.now
        var last: ContinuousClock.Instant?
        var width = 0
    }

    private let label: String
    private let isTerminal = isatty(2) == 1
    private let state = Monitor(State())

    init(_ label: String) {
        self.label = label
    }

    /// Shows `done`, of `total` if that is known, unless it was shown just before. Cheap; callable from any thread.
    func show(_ done: UInt64, of total: UInt64? = nil, unit: String = "entries") {
        let text = state.withLock { state -> String? in
            let now = ContinuousClock.now
            let elapsed = state.start.duration(to: now)
            guard elapsed > .seconds(1) else { return nil }
            if let last = state.last, last.duration(to: now) < (isTerminal ? .milliseconds(200) : .seconds(2)) {
                return nil
            }
            state.last = now
            let text = line(done, total, unit, elapsed)
            defer { state.width = text.count }
            guard isTerminal else { return text + "\n" }
            return "\r" + text + String(repeating: " ", count: max(0, state.width - text.count))
        }
        if let text { write(text) }
    }

    /// Ends the terminal's line.
    func finish() {
        let wasShown = state.withLock { $0.last != nil }
        if wasShown, isTerminal { write("\n") }
    }

    private func line(_ done: UInt64, _ total: UInt64?, _ unit: String, _ elapsed: Duration) -> String {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = UInt64(Double(done) / seconds)
        guard let total, total > 0 else { return "\(label): \(done.grouped) \(unit), \(rate.grouped)/s" }
        let left = rate > 0 ? ", \((total - min(done, total)) / rate) s left" : ""
        return
            "\(label): \(done.grouped) of \(total.grouped) \(unit) (\(done * 100 / total) %), \(rate.grouped)/s\(left)"
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

extension BinaryInteger {
    /// The number with a comma at each thousand.
    var grouped: String {
        var text = ""
        for (position, digit) in String(self).reversed().enumerated() {
            if position > 0, position % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// The number and what it counts: `1 entry`, `1,000 entries`.
    func counting(_ one: String, _ several: String) -> String { "\(grouped) \(self == 1 ? one : several)" }
}
