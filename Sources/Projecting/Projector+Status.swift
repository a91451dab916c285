public import Digests
internal import Threading

extension Projector {
    /// The projections in the file at `path`, by name. Changes nothing.
    ///
    /// Throws ``ProjectionError``: `unreadable` when the file is not there, `notViews` when it holds something else.
    public static func status(database path: String) async throws(ProjectionError) -> [ProjectionStatus] {
        try await reading(path) { connection throws(ProjectionError) in
            try StoredState.projections(in: connection, at: path)
        }
    }

    /// The digest of the rows of the projection `name`: equal rows in equal tables have equal digests, in whatever
    /// order they were written.
    ///
    /// SHA-256 over each table in the order of the names, its rows in the order of their values (promise 12). O(n log
    /// n) in the rows.
    public static func digest(
        of name: String, database path: String
    ) async throws(ProjectionError) -> (position: UInt64, digest: Digest) {
        try await reading(path) { connection throws(ProjectionError) in
            let projections = try StoredState.projections(in: connection, at: path)
            guard let state = projections.first(where: { $0.name == name }) else {
                let known = projections.map(\.name).joined(separator: ", ")
                throw ProjectionError(
                    .unknownProjection,
                    "\(path) has no projection \"\(name)\"; it has \(known.isEmpty ? "none" : known)")
            }
            do throws(SQLiteFailure) {
                var digest = RowDigest()
                let objects = try StoredState.objectNames(ofType: "table", madeBy: name, in: connection)
                for table in objects { try digest.add(table, in: connection) }
                return (state.position, digest.value)
            } catch {
                throw ProjectionError(error, "reading the rows of \"\(name)\" in \(path)")
            }
        }
    }

    /// Calls `body` with the file as it is at one moment.
    private static func reading<R: Sendable>(
        _ path: String, _ body: @escaping @Sendable (Connection) throws(ProjectionError) -> R
    ) async throws(ProjectionError) -> R {
        try await BlockingPool.shared.run { () throws(ProjectionError) in
            let connection: Connection
            do throws(SQLiteFailure) {
                connection = try Connection(path, .readOnly)
                try connection.execute("PRAGMA trusted_schema = OFF; BEGIN")
            } catch {
                throw ProjectionError(error, "opening \(path)")
            }
            guard try StoredState.exists(in: connection, at: path) else {
                throw ProjectionError(.notViews, "\(path) holds no views; run its projections first")
            }
            return try body(connection)
        }
    }
}
