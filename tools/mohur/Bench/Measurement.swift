internal import JSON

/// One row of the benchmark: a rate of Mohur's beside what the machine allows, both measured in turn in the same run.
struct Measurement: Sendable {
    let name: String
    let unit: String
    /// What the floor is.
    let floorName: String
    private(set) var values: [Double] = []
    private(set) var floors: [Double] = []

    init(_ name: String, unit: String, floor: String) {
        self.name = name
        self.unit = unit
        floorName = floor
    }

    mutating func add(value: Double, floor: Double) {
        values.append(value)
        floors.append(floor)
    }

    var value: Double { Measurement.median(values) }
    var floor: Double { Measurement.median(floors) }

    /// Each round's value by its own floor, so that a machine that slows down slows both; the median of these. For
    /// times, floor by value.
    var ratio: Double {
        let isTime = unit.hasPrefix("µs")
        return Measurement.median(zip(values, floors).map { isTime ? $1 / $0 : $0 / $1 })
    }

    private static func median(_ list: [Double]) -> Double {
        let sorted = list.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    var json: JSONObject {
        var object = JSONObject()
        object.add("name", name)
        object.add("value", raw: value.shortened)
        object.add("unit", unit)
        object.add("floor", raw: floor.shortened)
        object.add("ratio", raw: ratio.shortened)
        object.add("min", raw: (values.min() ?? 0).shortened)
        object.add("max", raw: (values.max() ?? 0).shortened)
        object.add("floorName", floorName)
        return object
    }

    /// A row of the table for people.
    var line: String {
        let figures = [value, values.min() ?? 0, values.max() ?? 0, floor].map { $0.shortened.padded(left: 11) }
        return
            "\(name.padded(to: 22))\(figures.joined())  \(ratio.shortened.padded(left: 6))  \(unit.padded(to: 10)) \(floorName)"
    }

    static let heading =
        "row                         median        min        max      floor   ratio  unit       floor: what is measured beside it"
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

/// Seconds that `body` takes.
@MainActor
func seconds(_ body: @MainActor () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    let duration = start.duration(to: .now).components
    return Double(duration.seconds) + Double(duration.attoseconds) / 1e18
}
