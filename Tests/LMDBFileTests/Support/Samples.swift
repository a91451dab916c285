import TestSupport

/// A file of about 150 kB with all that the format has: small rows over several leaves, values in overflow pages,
/// random keys, an empty table, a main table of several names, pages freed by later transactions.
func makeSmallFile(_ folder: Folder) throws -> Content {
    var content: Content = ["events": [:], "large": [:], "names": [:], "empty": [:]]
    var random = SeededGenerator(seed: 11)
    let writer = try LMDBWriter(folder)
    try writer.write { transaction in
        try transaction.open("empty")
        for number in 0..<UInt64(500) {
            let value = random.bytes(30 + Int(number % 40))
            content["events"]![bigEndian(number)] = value
            try transaction.put("events", bigEndian(number), value)
        }
    }
    try writer.write { transaction in
        for number in 0..<UInt64(5) {
            let value = random.bytes(3000 + 2100 * Int(number))
            content["large"]![bigEndian(number)] = value
            try transaction.put("large", bigEndian(number), value)
        }
        for _ in 0..<100 {
            let (key, value) = (random.bytes(1 + Int(random.next() % 40)), random.bytes(Int(random.next() % 50)))
            content["names"]![key] = value
            try transaction.put("names", key, value)
        }
    }
    try writer.write { transaction in
        for number in stride(from: UInt64(0), to: 500, by: 7) {
            content["events"]![bigEndian(number)] = nil
            try transaction.delete("events", bigEndian(number))
        }
    }
    return content
}

/// One table "rows" of `count` rows with keys 0, 2, 4, … and values of 40 bytes.
func makeRows(_ folder: Folder, count: UInt64) throws -> [Row] {
    let rows = (0..<count).map { Row(key: bigEndian($0 * 2), value: bigEndian($0) + [UInt8](repeating: 7, count: 32)) }
    try LMDBWriter(folder).write { transaction in
        try transaction.open("rows")
        for row in rows { try transaction.put("rows", row.key, row.value) }
    }
    return rows
}
