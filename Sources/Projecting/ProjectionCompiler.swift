internal import CSQLite
internal import EventFormat

/// Makes a definition's tables and statements in a database, under the guardian's eyes.
struct ProjectionCompiler {
    let connection: Connection
    let definition: Definition

    /// A table, index, view or trigger.
    struct SchemaObject: Hashable {
        let type: String
        let name: String
    }

    /// Checks a definition's SQL in a database of its own in memory.
    static func check(_ definition: Definition) throws(ProjectionError) {
        let connection: Connection
        do throws(SQLiteFailure) {
            connection = try Connection(":memory:", .memory)
            try connection.execute("PRAGMA trusted_schema = OFF")
            try connection.execute(StoredState.schema)
        } catch {
            throw ProjectionError(error, "checking \(definition.file)")
        }
        let compiler = ProjectionCompiler(connection: connection, definition: definition)
        _ = try compiler.prepare(try compiler.create())
    }

    /// Runs the schema and returns what it made. The caller has begun a transaction.
    func create() throws(ProjectionError) -> Set<SchemaObject> {
        try introduceTableFunctions()
        let before = try objects()
        connection.guardian.enter(own: [], foreign: Set(before.map { Guardian.folded($0.name) }))
        for range in definition.schema {
            try forEachStatement(in: range, isSchema: true) { statement, offset throws(ProjectionError) in
                guard statement.parameterNames.isEmpty else {
                    throw definition.invalid(
                        at: offset,
                        "a schema is made before any event and has no parameters; "
                            + "move the statement to a section \"-- on TYPE\""
                    )
                }
                do throws(SQLiteFailure) {
                    try statement.run()
                } catch {
                    throw definition.invalid(at: offset, error.message)
                }
            }
        }
        let made = try objects().subtracting(before)
        try checkViews(made)
        return made
    }

    /// Prepares the statements for events. `objects` are what ``create()`` made.
    func prepare(_ objects: Set<SchemaObject>) throws(ProjectionError) -> [PreparedHandler] {
        try introduceTableFunctions()
        let own = Set(objects.filter(\.holdsRows).map { Guardian.folded($0.name) })
        let all = try self.objects().filter(\.holdsRows).map { Guardian.folded($0.name) }
        connection.guardian.enter(own: own, foreign: Set(all).subtracting(own))
        var handlers: [PreparedHandler] = []
        for handler in definition.handlers {
            var statements: [PreparedStatement] = []
            try forEachStatement(in: handler.range, isSchema: false) { statement, offset throws(ProjectionError) in
                guard !statement.isReadOnly, !statement.isExplanation else {
                    throw definition.invalid(at: offset, "the statement changes no rows; remove it")
                }
                let parameters = try parameters(of: statement, at: offset, in: handler.range)
                statements.append(
                    PreparedStatement(statement: statement, parameters: parameters, line: definition.line(at: offset)))
            }
            handlers.append(PreparedHandler(patterns: handler.patterns, statements: statements))
        }
        return handlers
    }

    /// Lets SQLite learn of the table functions that projections may use: their first use touches the schema table,
    /// which the guardian refuses.
    private func introduceTableFunctions() throws(ProjectionError) {
        do throws(SQLiteFailure) {
            for name in Guardian.tableFunctions { _ = try connection.statement("SELECT 1 FROM \(name)('[]')") }
        } catch {
            throw ProjectionError(error, "preparing the projection \"\(definition.name)\"")
        }
    }

    /// Everything in the database that has a definition.
    private func objects() throws(ProjectionError) -> Set<SchemaObject> {
        do throws(SQLiteFailure) {
            let statement = try connection.statement("SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL")
            return Set(try statement.rows { SchemaObject(type: $0.text(0), name: $0.text(1)) })
        } catch {
            throw ProjectionError(error, "reading the schema")
        }
    }

    /// A view's text is judged only when it is used, so each is used once.
    private func checkViews(_ objects: Set<SchemaObject>) throws(ProjectionError) {
        for view in objects.filter({ $0.type == "view" }).sorted(by: { $0.name < $1.name }) {
            let offset = definition.schema.first?.lowerBound ?? 0
            do throws(SQLiteFailure) {
                _ = try connection.guardian.judging(as: .rows) { () throws(SQLiteFailure) in
                    try connection.statement("SELECT * FROM \(view.quotedName)")
                }
            } catch {
                throw definition.invalid(
                    at: offset, "the view \"\(view.name)\": \(connection.guardian.refusal ?? error.message)")
            }
        }
    }
}

// MARK: - Statements

extension ProjectionCompiler {
    private func forEachStatement(
        in range: Range<Int>, isSchema: Bool, _ body: (Statement, Int) throws(ProjectionError) -> Void
    ) throws(ProjectionError) {
        var offset = range.lowerBound
        while let start = firstWord(in: offset..<range.upperBound) {
            let role = try role(ofStatementAt: start, isSchema: isSchema)
            let prepared: (statement: Statement?, end: Int)
            do throws(SQLiteFailure) {
                prepared = try connection.guardian.judging(as: role) { () throws(SQLiteFailure) in
                    try connection.prepare(definition.text, from: start.lowerBound, to: range.upperBound)
                }
            } catch {
                throw definition.invalid(
                    at: start.lowerBound + (error.offset ?? 0), connection.guardian.refusal ?? described(error))
            }
            guard let statement = prepared.statement else { return }
            try body(statement, start.lowerBound)
            offset = prepared.end
        }
    }

    private func described(_ failure: SQLiteFailure) -> String {
        failure.code & 0xff == SQLITE_TOOBIG
            ? "the statement is too large" : "SQLite says: \(failure.message); mend the statement"
    }

    /// The first word of the next statement, behind space, comments and semicolons.
    private func firstWord(in range: Range<Int>) -> Range<Int>? {
        var pieces = SQLPieces(definition.text, in: range)
        while let piece = pieces.next() {
            switch piece.kind {
            case .space, .lineComment, .blockComment: continue
            case .other where definition.text[piece.range.lowerBound] == UInt8(ascii: ";"): continue
            default: return piece.range
            }
        }
        return nil
    }

    private func role(ofStatementAt word: Range<Int>, isSchema: Bool) throws(ProjectionError) -> Guardian.Role {
        let text = String(decoding: definition.text[word], as: UTF8.self)
        switch text.uppercased() {
        case "CREATE" where isSchema: return .schema
        case "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH": return .rows
        default:
            let allowed = isSchema ? "CREATE, INSERT, UPDATE or DELETE" : "INSERT, UPDATE, DELETE, REPLACE or WITH"
            throw definition.invalid(
                at: word.lowerBound,
                "a statement begins with \"\(String(text.prefix(40)).escapingControls)\"; "
                    + "here one begins with \(allowed)"
            )
        }
    }

    private func parameters(
        of statement: Statement, at start: Int, in range: Range<Int>
    ) throws(ProjectionError) -> [Parameter] {
        var parameters: [Parameter] = []
        for name in statement.parameterNames {
            do throws(Parameter.Fault) {
                parameters.append(try Parameter(name ?? "?"))
            } catch {
                throw definition.invalid(at: place(of: name ?? "?", in: start..<range.upperBound), error.reason)
            }
        }
        return parameters
    }

    /// Where the parameter `name` first stands.
    private func place(of name: String, in range: Range<Int>) -> Int {
        var pieces = SQLPieces(definition.text, in: range)
        while let piece = pieces.next() {
            if piece.kind == .parameter, definition.text[piece.range].elementsEqual(name.utf8) {
                return piece.range.lowerBound
            }
        }
        return range.lowerBound
    }
}

extension ProjectionCompiler.SchemaObject {
    var holdsRows: Bool { type == "table" || type == "view" }
    var quotedName: String {
        "\"" + name.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}

/// A statement with what its parameters, in order, stand for.
struct PreparedStatement {
    let statement: Statement
    let parameters: [Parameter]
    /// Where it begins in its file.
    let line: Int
}

/// The prepared statements of one section.
struct PreparedHandler {
    let patterns: [TypePattern]
    let statements: [PreparedStatement]
}
