internal import Digests

/// A digest of tables' rows that depends on their values alone.
///
/// Each row is chained to what came before it: SHA-256(0x50 ‖ digest before ‖ row). A row's bytes are, for each column,
/// its type's letter and its value, texts and blobs with their length before them; a table begins with a row that has
/// its name and its columns' names.
struct RowDigest {
    private static let prefix: UInt8 = 0x50

    private(set) var value = Digest.zero
    private var row: [UInt8] = []

    mutating func add(_ table: String, in connection: Connection) throws(SQLiteFailure) {
        let name = ProjectionCompiler.SchemaObject(type: "table", name: table).quotedName
        let columns = try connection.statement("SELECT * FROM \(name)").columnNames
        for text in [table] + columns { append(text: Array(text.utf8), "n") }
        endRow()
        let order = (1...columns.count).map(String.init).joined(separator: ", ")
        let statement = try connection.statement("SELECT * FROM \(name) ORDER BY \(order)")
        while try statement.step() {
            for column in 0..<Int32(columns.count) { append(statement.value(column)) }
            endRow()
        }
    }

    private mutating func endRow() {
        value = value.withBytes { SHA256.hash(prefix: RowDigest.prefix, $0, row.span) }
        row.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ value: Statement.Value) {
        switch value {
        case .null: row.append(UInt8(ascii: "0"))
        case .integer(let number):
            row.append(UInt8(ascii: "i"))
            row.append(bigEndian: UInt64(bitPattern: number))
        case .real(let number):
            row.append(UInt8(ascii: "r"))
            row.append(bigEndian: number.bitPattern)
        case .text(let bytes): append(text: bytes, "t")
        case .blob(let bytes): append(text: bytes, "b")
        }
    }

    private mutating func append(text bytes: [UInt8], _ letter: Unicode.Scalar) {
        row.append(UInt8(ascii: letter))
        row.append(bigEndian: UInt64(bytes.count))
        row += bytes
    }
}
