import LMDBFile

struct Row: Equatable {
    let key: [UInt8]
    let value: [UInt8]
}

typealias Content = [String: [[UInt8]: [UInt8]]]

extension Content {
    /// The rows of a table as a sound scan gives them.
    func rows(_ table: String) -> [Row] {
        (self[table] ?? [:]).map { Row(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
}

extension Span where Element == UInt8 {
    var array: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}

func bigEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
}

extension Table {
    /// All rows from a key on, and the damage.
    func readAll(from: [UInt8]? = nil) -> (rows: [Row], damage: [Damage]) {
        var rows: [Row] = []
        var damage: [Damage] = []
        forEach(from: from, onDamage: { damage.append($0) }) { key, value in
            rows.append(Row(key: key.array, value: value.array))
            return true
        }
        return (rows, damage)
    }

    func entry(atOrAfter key: [UInt8]) throws(DataFileError) -> Row? {
        try lookup(atOrAfter: key.span) { Row(key: $0.array, value: $1.array) }
    }

    func bytes(for key: [UInt8]) throws(DataFileError) -> [UInt8]? {
        try value(for: key.span) { $0.array }
    }
}

/// Everything a reader can get from a file, sound or not.
struct Readout: Equatable {
    var names: [String] = []
    var tables: [String: [Row]] = [:]
    var damage: [Damage] = []
    var errors: [DataFileError] = []

    /// Whether anything was said to be wrong.
    var isReported: Bool { !damage.isEmpty || !errors.isEmpty }

    init(path: String) {
        do throws(DataFileError) {
            read(try DataFile(path: path))
        } catch {
            errors.append(error)
        }
    }

    init(_ file: DataFile) { read(file) }

    private mutating func read(_ file: DataFile) {
        do throws(DataFileError) {
            let snapshot = try file.snapshot()
            damage += snapshot.metaDamage
            var found: [Damage] = []
            names = snapshot.tableNames { found.append($0) }
            damage += found
            for name in names { read(name, snapshot) }
        } catch {
            errors.append(error)
        }
    }

    private mutating func read(_ name: String, _ snapshot: Snapshot) {
        do throws(DataFileError) {
            guard let table = try snapshot.table(named: name) else { return }
            let all = table.readAll()
            tables[name] = all.rows
            damage += all.damage
        } catch {
            errors.append(error)
        }
    }

    /// How many rows and table names differ from another readout.
    func differences(from other: Readout) -> Int {
        var count = 0
        for name in Set(names).symmetricDifference(other.names) where !name.isEmpty { count += 1 }
        for name in Set(tables.keys).intersection(other.tables.keys) {
            let (left, right) = (tables[name]!, other.tables[name]!)
            count += abs(left.count - right.count)
            count += zip(left, right).count { $0 != $1 }
        }
        return count
    }
}
