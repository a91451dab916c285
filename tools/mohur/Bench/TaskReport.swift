internal import Processes

/// What a task measured, by names.
struct Figures: Sendable {
    private(set) var list: [(name: String, value: Double)] = []

    mutating func add(_ name: String, _ value: Double) { list.append((name, value)) }

    /// Adds the median and the 99th percentile of `latencies`, in milliseconds.
    mutating func add(_ latencies: Latencies) {
        add("p50", latencies.percentile(50))
        add("p99", latencies.percentile(99))
    }
}

/// How a task's process talks to the one that started it, in lines: `ready` when all is prepared, on which it waits for
/// a line; then its figures; then `end`, on which it waits again, so that its memory is seen once more.
@MainActor enum TaskReport {
    /// Says that all is prepared, and waits for the word to begin.
    static func waitForStart() {
        Output.line("ready")
        Output.flush()
        _ = readLine()
    }

    static func finish(_ figures: Figures) {
        for figure in figures.list { Output.line("\(figure.name) \(figure.value)") }
        Output.line("end")
        Output.flush()
        _ = readLine()
    }
}

/// How long each of many calls took.
struct Latencies: Sendable {
    private var milliseconds: [Float] = []

    mutating func reserve(_ count: Int) { milliseconds.reserveCapacity(count) }

    /// Adds a call that began at `start`, a value of ``MonotonicTime/now``, and ends now.
    mutating func add(since start: UInt64) {
        milliseconds.append(Float(MonotonicTime.now - start) / 1e6)
    }

    mutating func add(_ others: Latencies) { milliseconds += others.milliseconds }

    /// All of them together, in seconds.
    var sum: Double { milliseconds.reduce(0) { $0 + Double($1) } / 1e3 }

    /// The value that `percent` percent of the calls do not exceed; 0 when there was none.
    func percentile(_ percent: Int) -> Double {
        let sorted = milliseconds.sorted()
        guard !sorted.isEmpty else { return 0 }
        return Double(sorted[min(sorted.count - 1, (sorted.count * percent + 99) / 100 - 1)])
    }
}
