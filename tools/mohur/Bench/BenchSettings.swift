internal import Peers

/// What a benchmark's rows follow from.
struct BenchSettings: Sendable {
    /// Events of the row `append.batch`; the others' counts follow from it.
    var events = 50_000
    /// Counted rounds.
    var rounds = 5
    /// Entries of the ledger that is opened and that proofs are of; twice as many of the larger one that is grown.
    var entries = 100_000
    /// Bytes of a payload of the append rows.
    var payload = 512
    var shape = StreamShape.spread
    var peers: [Peer] = []

    /// Systems to be measured beside Mohur.
    enum Peer: String, CaseIterable, Sendable {
        case postgres, sqlite, lmdb
    }

    /// Whether the append rows are as the targets mean them.
    var isStandard: Bool { payload == 512 && shape == .spread }
}

/// What a row must reach.
enum Target: Hashable, Sendable {
    /// The ratio to the floor is at least this.
    case ratio(Double)
    /// The value is at least this.
    case least(Double)
    /// The value is at most this.
    case most(Double)
    /// The 99th percentile is at most this, in milliseconds.
    case p99(Double)
    /// The value is at least this many times that of another row, round by round; left out when that is not measured.
    case times(Double, row: String)
    /// Anonymous memory is at most this, in megabytes.
    case memory(Double)

    func text(unit: String) -> String {
        switch self {
        case .ratio(let value): ">= \(value.shortened) of the floor"
        case .least(let value): ">= \(Int(value).grouped) \(unit)"
        case .most(let value): "<= \(Int(value).grouped) \(unit)"
        case .p99(let value): "p99 <= \(Int(value)) ms"
        case .times(let value, let row): ">= \(Int(value)) x \(row)"
        case .memory(let value): "<= \(Int(value)) MB"
        }
    }
}

/// A row: what is measured, in which unit, beside what.
struct BenchRow: Sendable {
    let name: String
    let unit: String
    /// What the floor is; nil for a row without.
    let floorName: String?
    var targets: [Target] = []
    let measure: @MainActor @Sendable (Benchmark) throws -> Reading

    /// Whether a smaller value is better.
    var isCost: Bool { !unit.hasSuffix("/s") }

    init(
        _ name: String, _ unit: String, floor: String?, _ targets: [Target] = [],
        _ measure: @escaping @MainActor @Sendable (Benchmark) throws -> Reading
    ) {
        self.name = name
        self.unit = unit
        floorName = floor
        self.targets = targets
        self.measure = measure
    }
}

/// What one round measured of a row.
struct Reading: Sendable {
    let value: Double
    var floor: Double?
    var p50: Double?
    var p99: Double?
    /// Bytes of anonymous memory; nil when it is not known.
    var memory: UInt64?

    init(_ value: Double, floor: Double? = nil, memory: UInt64? = nil) {
        self.value = value
        self.floor = floor
        self.memory = memory
    }

    /// A task's figure with its latencies and memory.
    init(_ result: TaskResult, _ name: String, floor: Double? = nil) throws(Failure) {
        self.init(try result.figure(name), floor: floor, memory: result.memory)
        p50 = result.figures["p50"]
        p99 = result.figures["p99"]
    }
}
