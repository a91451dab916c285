internal import CSQLite

/// What a file of views says of itself: which projections are in it, up to where, and of which ledger.
enum StoredState {
    /// `position` is the number of entries applied, `root` the root of the ledger's Merkle tree of that size: both
    /// change in the transaction that changes the rows.
    static let schema = """
        CREATE TABLE mohur_projection (
            name TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            definition TEXT NOT NULL,
            position INTEGER NOT NULL,
            root TEXT NOT NULL,
            origin TEXT NOT NULL,
            incarnation TEXT NOT NULL,
            updated TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE mohur_projection_object (
            projection TEXT NOT NULL,
            type TEXT NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (type, name)
        ) STRICT, WITHOUT ROWID;
        """

    /// "Mohr": in the file's header (offset 68), so that tools can tell what the file is.
    static let applicationID: Int64 = 0x4d6f_6872

    /// Whether `connection` has the tables of ``schema``. Throws `notViews` when the file is someone else's.
    static func exists(in connection: Connection, at path: String) throws(ProjectionError) -> Bool {
        let count: Int64
        let id: Int64
        do throws(SQLiteFailure) {
            count = try connection.number("SELECT count(*) FROM sqlite_schema")
            id = try connection.number("PRAGMA application_id")
        } catch {
            throw ProjectionError(error, "reading \(path)")
        }
        guard count > 0 else { return false }
        guard id == applicationID else {
            throw ProjectionError(
                .notViews, "\(path) is a SQLite file that holds no views of a ledger; choose another path")
        }
        return true
    }

    /// The projections in the file, by name.
    static func projections(in connection: Connection, at path: String) throws(ProjectionError) -> [ProjectionStatus] {
        do throws(SQLiteFailure) {
            return try connection.statement(
                """
                SELECT name, version, definition, position, root, origin, incarnation, updated
                FROM mohur_projection ORDER BY name
                """
            ).rows { row in
                ProjectionStatus(
                    name: row.text(0), version: row.integer(1), definition: row.text(2),
                    position: UInt64(clamping: row.integer(3)), root: row.text(4), origin: row.text(5),
                    incarnation: row.text(6), updated: row.text(7))
            }
        } catch {
            throw ProjectionError(error, "reading \(path)")
        }
    }

    /// The tables and others that the projection `name` made.
    static func objects(
        of name: String, in connection: Connection
    ) throws(ProjectionError) -> Set<ProjectionCompiler.SchemaObject> {
        do throws(SQLiteFailure) {
            let statement = try connection.statement(
                "SELECT type, name FROM mohur_projection_object WHERE projection = ?1")
            statement.bind(1, name)
            return Set(try statement.rows { .init(type: $0.text(0), name: $0.text(1)) })
        } catch {
            throw ProjectionError(error, "reading what the projection \"\(name)\" made")
        }
    }

    /// The names of what the projection made, of one type, in the order of their bytes.
    static func objectNames(
        ofType type: String, madeBy name: String, in connection: Connection
    ) throws(SQLiteFailure) -> [String] {
        let statement = try connection.statement(
            "SELECT name FROM mohur_projection_object WHERE projection = ?1 AND type = ?2 ORDER BY name")
        statement.bind(1, name)
        statement.bind(2, type)
        return try statement.rows { $0.text(0) }
    }
}

/// What a file of views says of one projection.
public struct ProjectionStatus: Hashable, Sendable {
    public let name: String
    public let version: Int64
    /// SHA-256 of the definition file, in hexadecimal.
    public let definition: String
    /// How many entries of the ledger its rows were made from.
    public let position: UInt64
    /// The root of the ledger's Merkle tree of that size, in hexadecimal.
    public let root: String
    /// The ledger's name.
    public let origin: String
    /// Which making of the ledger it is, a UUID.
    public let incarnation: String
    /// When the position last changed, in UTC.
    public let updated: String
}

extension Connection {
    /// The first column of the first row of `sql`; 0 when there is none.
    func number(_ sql: String) throws(SQLiteFailure) -> Int64 {
        try statement(sql).rows { $0.integer(0) }.first ?? 0
    }
}
