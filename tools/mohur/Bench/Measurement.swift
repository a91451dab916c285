internal import JSON

/// A row's readings, and what follows from them.
struct Measurement: Sendable {
    let row: BenchRow
    private(set) var readings: [Reading] = []

    init(_ row: BenchRow) { self.row = row }

    mutating func add(_ reading: Reading) { readings.append(reading) }

    private var values: [Double] { readings.map(\.value) }

    var value: Double { values.median ?? 0 }
    var least: Double { values.min() ?? 0 }
    var greatest: Double { values.max() ?? 0 }
    var floor: Double? { readings.compactMap(\.floor).median }
    var p50: Double? { readings.compactMap(\.p50).median }
    var p99: Double? { readings.compactMap(\.p99).median }
    /// The most of all rounds, in megabytes.
    var memory: Double? { readings.compactMap(\.memory).max().map { Double($0) / 1e6 } }

    /// Each round's value by its own floor, so that a machine that slows down slows both; the median of these. For
    /// times and sizes, floor by value.
    var ratio: Double? {
        readings.compactMap { reading in
            reading.floor.map { row.isCost ? $0 / reading.value : reading.value / $0 }
        }.median
    }

    /// The targets that can be decided, given the other rows.
    private func targets(_ others: [Measurement]) -> [Target] {
        row.targets.filter { target in
            guard case .times(_, let name) = target else { return true }
            return others.contains { $0.row.name == name }
        }
    }

    func target(_ others: [Measurement]) -> String? {
        let texts = targets(others).map { $0.text(unit: row.unit) }
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }

    /// Whether all targets are met; nil when there is none.
    func isMet(_ others: [Measurement]) -> Bool? {
        let targets = targets(others)
        return targets.isEmpty ? nil : targets.allSatisfy { isMet($0, others) }
    }

    private func isMet(_ target: Target, _ others: [Measurement]) -> Bool {
        switch target {
        case .ratio(let least): ratio ?? 0 >= least
        case .least(let least): value >= least
        case .most(let most): value <= most
        case .p99(let most): p99 ?? .infinity <= most
        case .memory(let most): memory ?? .infinity <= most
        case .times(let least, let name): times(others.first { $0.row.name == name }) >= least
        }
    }

    /// How many times another row's value this one's is, round by round.
    private func times(_ other: Measurement?) -> Double {
        zip(values, other?.values ?? []).map { $0 / $1 }.median ?? 0
    }

    func json(_ others: [Measurement]) -> JSONObject {
        var object = JSONObject()
        object.add("name", row.name)
        object.add("value", raw: value.shortened)
        object.add("unit", row.unit)
        object.add("min", raw: least.shortened)
        object.add("max", raw: greatest.shortened)
        object.add("floor", raw: floor?.shortened ?? "null")
        if let floorName = row.floorName { object.add("floorName", floorName) } else { object.addNull("floorName") }
        object.add("ratio", raw: ratio?.shortened ?? "null")
        object.add("p50", raw: p50?.shortened ?? "null")
        object.add("p99", raw: p99?.shortened ?? "null")
        object.add("memory", raw: memory?.shortened ?? "null")
        if let target = target(others) { object.add("target", target) } else { object.addNull("target") }
        object.add("met", raw: isMet(others).map { $0 ? "true" : "false" } ?? "null")
        return object
    }

    /// A row of the table for people.
    func line(_ others: [Measurement]) -> String {
        let figures = [value, least, greatest].map { $0.shortened.padded(left: 11) }.joined()
        let floors = (floor?.shortened ?? "").padded(left: 11) + (ratio?.shortened ?? "").padded(left: 8)
        let rest = [p50, p99, memory].map { ($0?.shortened ?? "").padded(left: 7) }.joined()
        let verdict = isMet(others).map { $0 ? "yes" : "NO" } ?? ""
        let target = target(others).map { "  \(verdict.padded(to: 3))  \($0)" } ?? ""
        return "\(row.name.padded(to: 24))\(figures)  \(row.unit.padded(to: 11))\(floors)\(rest)\(target)"
    }

    static let heading =
        "row                          median        min        max  unit             floor   ratio p50 ms p99 ms     MB  met  target"
}

extension [Double] {
    fileprivate var median: Double? {
        let sorted = sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension Double {
    /// Three significant digits or more: whole from 100 on.
    var shortened: String {
        guard isFinite else { return "0" }
        let scale: Double = self >= 100 ? 1 : self >= 10 ? 10 : self >= 1 ? 100 : 1000
        let rounded = (self * scale).rounded() / scale
        return scale == 1 ? String(Int64(rounded)) : String(rounded)
    }
}

extension String {
    func padded(left width: Int) -> String {
        count >= width ? self : String(repeating: " ", count: width - count) + self
    }
}
