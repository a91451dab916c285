internal import CSQLite
internal import Digests
internal import EventFormat

/// A SQLite file with the rows of projections, open for writing.
///
/// Invariants, each kept by every transaction of this type:
///
/// - **V1** A projection's rows are what its statements make of the first `position` entries of the ledger, and of
///   nothing else.
/// - **V2** `root` is the root of the ledger's Merkle tree of the size `position`.
/// - **V3** `mohur_projection_object` names all that a projection's schema made, and nothing that it did not make.
///
/// A crash leaves the last transaction that was committed (WAL, synchronous FULL), so the invariants hold then too.
final class ViewFile {
    let path: String
    let connection: Connection
    private let genesis: Genesis
    var projections: [LiveProjection] = []
    private let advance: Statement

    /// The root of a tree without leaves, where every projection begins.
    private static let emptyRoot = SHA256.hash([UInt8]().span).hex

    /// Opens or creates the file at `path`.
    init(path: String, genesis: Genesis) throws(ProjectionError) {
        self.path = path
        self.genesis = genesis
        do throws(SQLiteFailure) {
            connection = try Connection(path, .readWriteCreate)
            let mode = try connection.statement("PRAGMA journal_mode = WAL").rows { $0.text(0) }
            guard mode == ["wal"] else {
                throw SQLiteFailure(code: SQLITE_CANTOPEN, message: "the file cannot have a write-ahead log")
            }
            try connection.execute(
                """
                PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF;
                PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384;
                """)
        } catch {
            throw ProjectionError(error, "opening \(path)")
        }
        advance = try ViewFile.prepareTables(connection, path)
    }

    private static func prepareTables(_ connection: Connection, _ path: String) throws(ProjectionError) -> Statement {
        try connection.transaction { () throws(ProjectionError) in
            if try StoredState.exists(in: connection, at: path) { return }
            do throws(SQLiteFailure) {
                try connection.execute("PRAGMA application_id = \(StoredState.applicationID); \(StoredState.schema)")
            } catch {
                throw ProjectionError(error, "preparing \(path)")
            }
        }
        do throws(SQLiteFailure) {
            return try connection.statement(
                """
                UPDATE mohur_projection SET position = ?3, root = ?4, updated = ?5 WHERE name = ?1 AND position = ?2
                """)
        } catch {
            throw ProjectionError(error, "preparing \(path)")
        }
    }

    func stored() throws(ProjectionError) -> [ProjectionStatus] {
        try StoredState.projections(in: connection, at: path)
    }

    /// Makes the file's projections those of `definitions`: new ones are made, changed ones are made anew from nothing.
    func adopt(_ definitions: [Definition], rebuilding names: Set<String> = []) throws(ProjectionError) {
        projections = try connection.transaction { () throws(ProjectionError) in
            let stored = try self.stored()
            let isCurrent = { (state: ProjectionStatus, definition: Definition) in
                state.name == definition.name && state.version == definition.version
                    && state.definition == definition.digest.hex && !names.contains(state.name)
            }
            let states = definitions.map { definition in stored.first { isCurrent($0, definition) } }
            // All that goes is gone before anything is made, so that a table may move from one projection to another.
            for (definition, state) in zip(definitions, states) where state == nil { try drop(definition.name) }
            var live: [LiveProjection] = []
            for (definition, state) in zip(definitions, states) { live.append(try adopt(definition, state)) }
            return live
        }
    }

    private func adopt(
        _ definition: Definition, _ state: ProjectionStatus?
    ) throws(ProjectionError) -> LiveProjection {
        let compiler = ProjectionCompiler(connection: connection, definition: definition)
        if let state {
            let handlers = try compiler.prepare(try StoredState.objects(of: definition.name, in: connection))
            return LiveProjection(definition, handlers, position: state.position)
        }
        let objects = try compiler.create()
        do throws(SQLiteFailure) {
            try record(definition, objects)
        } catch {
            throw ProjectionError(error, "beginning the projection \"\(definition.name)\" in \(path)")
        }
        return LiveProjection(definition, try compiler.prepare(objects), position: 0)
    }

    /// Removes what the projection `name` made, and its position.
    private func drop(_ name: String) throws(ProjectionError) {
        let objects = try StoredState.objects(of: name, in: connection)
        do throws(SQLiteFailure) {
            for type in ["trigger", "view", "index", "table"] {
                for object in objects.filter({ $0.type == type }).sorted(by: { $0.name < $1.name }) {
                    try connection.execute("DROP \(type) IF EXISTS \(object.quotedName)")
                }
            }
            for table in ["mohur_projection_object WHERE projection", "mohur_projection WHERE name"] {
                let statement = try connection.statement("DELETE FROM \(table) = ?1")
                statement.bind(1, name)
                try statement.run()
            }
        } catch {
            throw ProjectionError(error, "removing the projection \"\(name)\" from \(path)")
        }
    }

    private func record(
        _ definition: Definition, _ objects: Set<ProjectionCompiler.SchemaObject>
    ) throws(SQLiteFailure) {
        let row = try connection.statement("INSERT INTO mohur_projection VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7)")
        row.bind(1, definition.name)
        row.bind(2, definition.version)
        row.bind(3, definition.digest.hex)
        row.bind(4, ViewFile.emptyRoot)
        row.bind(5, genesis.origin.text)
        row.bind(6, genesis.incarnation.description)
        row.bind(7, Timestamp.now.description)
        try row.run()
        let entry = try connection.statement("INSERT INTO mohur_projection_object VALUES (?1, ?2, ?3)")
        for object in objects {
            entry.bind(1, definition.name)
            entry.bind(2, object.type)
            entry.bind(3, object.name)
            try entry.run()
        }
    }

    /// Moves a projection from one position to the next, unless something else has moved it.
    func advance(_ projection: LiveProjection, to position: UInt64, root: Digest) throws(ProjectionError) {
        do throws(SQLiteFailure) {
            advance.bind(1, projection.definition.name)
            advance.bind(2, Int64(clamping: projection.position))
            advance.bind(3, Int64(clamping: position))
            advance.bind(4, root.hex)
            advance.bind(5, Timestamp.now.description)
            try advance.run()
        } catch {
            throw ProjectionError(error, "moving the projection \"\(projection.definition.name)\" on in \(path)")
        }
        guard connection.changes == 1 else {
            throw ProjectionError(
                .inUse,
                "something else moved the projection \"\(projection.definition.name)\" in \(path) on at the same time; "
                    + "let one program alone write to the file, and start again"
            )
        }
    }
}
