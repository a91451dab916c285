internal import CSQLite

/// What statements may do, decided while they are prepared (sqlite3_set_authorizer).
///
/// A projection's rows must follow from its events alone. So its statements reach no table but its own, nothing outside
/// of the database, and no function whose result depends on anything but its arguments; and they leave transactions to
/// the engine.
///
/// Safety of the unsafe calls: SQLite calls the authorizer and the refusing function only inside calls on the
/// connection, which holds this object; the arguments are C strings that are valid during the call and are copied.
final class Guardian {
    /// Whose statements are being prepared.
    enum Role {
        /// The engine's own: everything is allowed.
        case engine
        /// The schema's CREATE statements.
        case schema
        /// Statements that read and write rows.
        case rows
    }

    private(set) var role = Role.engine
    /// The projection's tables and views, in lower case.
    private(set) var own: Set<String> = []
    /// All others of the database.
    private var foreign: Set<String> = []
    /// Why the last statement was refused.
    private(set) var refusal: String?

    /// Names without a table behind them that are safe to read: they take apart what they are given.
    static let tableFunctions: Set<String> = ["json_each", "json_tree"]
    private static let reservedPrefixes = ["sqlite_", "mohur_", "pragma_", "dbstat", "bytecode", "tables_used"]

    /// Calls `body` while statements are judged as `role`'s.
    func judging<R, E: Error>(as role: Role, _ body: () throws(E) -> R) throws(E) -> R {
        self.role = role
        refusal = nil
        defer { self.role = .engine }
        return try body()
    }

    /// Names the tables and views of the projection whose statements come next.
    func enter(own: Set<String>, foreign: Set<String>) {
        self.own = own
        self.foreign = foreign
    }

    static func folded(_ name: String) -> String { name.lowercased() }

    private static func isReserved(_ name: String) -> Bool {
        reservedPrefixes.contains { name.hasPrefix($0) }
    }

    // MARK: - Judging

    fileprivate func admits(_ action: Int32, _ first: String, _ second: String) -> Bool {
        guard role != .engine else { return true }
        if let reason = objection(action, Guardian.folded(first), Guardian.folded(second)) {
            refusal = refusal ?? reason
            return false
        }
        return true
    }

    private func objection(_ action: Int32, _ first: String, _ second: String) -> String? {
        let isSchema = role == .schema
        return switch action {
        case SQLITE_RECURSIVE: nil
        case SQLITE_FUNCTION: Guardian.objection(toFunction: second)
        case SQLITE_READ: objection(toReading: first, column: second)
        case SQLITE_SELECT:
            isSchema ? "CREATE TABLE … AS SELECT is refused; write the columns, and fill them from events" : nil
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE: objection(toWriting: first)
        case SQLITE_CREATE_TABLE where isSchema, SQLITE_CREATE_VIEW where isSchema: objection(toCreating: first)
        case SQLITE_CREATE_INDEX where isSchema, SQLITE_CREATE_TRIGGER where isSchema:
            own.contains(second) ? nil : "\"\(second)\" is not a table of this projection; it may only extend its own"
        case SQLITE_REINDEX where isSchema: nil
        default: Guardian.objection(toAction: action)
        }
    }

    private func objection(toReading table: String, column: String) -> String? {
        if own.contains(table) || Guardian.tableFunctions.contains(table) { return nil }
        if table == "sqlite_master" {
            return role == .schema && column == "rowid" ? nil : Guardian.objectionToSchemaTable
        }
        // A common table expression of which no column is read is reported by its own name.
        if column.isEmpty, !foreign.contains(table), !Guardian.isReserved(table) { return nil }
        return "it reads \"\(table)\", which is not a table of this projection; read only tables of its own schema"
    }

    /// SQLite names its schema table also when a statement uses a table function for the first time.
    private static let objectionToSchemaTable =
        "it uses SQLite's schema table or a table function such as pragma_table_info; use only tables of its own schema"

    private func objection(toWriting table: String) -> String? {
        if own.contains(table) || (role == .schema && table == "sqlite_master") { return nil }
        if table == "sqlite_master" { return Guardian.objectionToSchemaTable }
        if table == "sqlite_temp_master" {
            return "a temporary table, view or trigger is refused; it would not outlive the run"
        }
        return
            "it writes to \"\(table)\", which is not a table of this projection; write only to tables of its own schema"
    }

    private func objection(toCreating name: String) -> String? {
        if name == "sqlite_sequence" { return "AUTOINCREMENT is refused; use the parameter $index for numbers" }
        if Guardian.isReserved(name) { return "the name \"\(name)\" is reserved; choose another" }
        if foreign.contains(name) {
            return "\"\(name)\" exists already in the database and is another's; choose another name"
        }
        own.insert(name)
        return nil
    }

    private static func objection(toFunction name: String) -> String? {
        guard refusedFunctions.contains(name) else { return nil }
        return "\(name)() is refused, for its result does not follow from the events; "
            + "use $occurred, $recorded or $index, and leave the date of a query to the query"
    }

    private static func objection(toAction action: Int32) -> String {
        let name =
            switch action {
            case SQLITE_PRAGMA: "PRAGMA"
            case SQLITE_ATTACH, SQLITE_DETACH: "ATTACH or DETACH"
            case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: "a transaction or savepoint"
            case SQLITE_ALTER_TABLE, SQLITE_ANALYZE, SQLITE_REINDEX: "ALTER, ANALYZE or REINDEX"
            case SQLITE_CREATE_VTABLE, SQLITE_DROP_VTABLE: "a virtual table"
            case SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_VIEW, SQLITE_CREATE_TEMP_INDEX,
                SQLITE_CREATE_TEMP_TRIGGER:
                "a temporary table, view, index or trigger"
            case SQLITE_CREATE_TABLE, SQLITE_CREATE_VIEW, SQLITE_CREATE_INDEX, SQLITE_CREATE_TRIGGER: "CREATE"
            default: "DROP"
            }
        return "\(name) is refused here; a schema creates tables, indexes, views and triggers, and sections change rows"
    }

    // MARK: - SQLite's side

    /// Functions whose results depend on the clock, on chance, on the connection or on the library.
    private static let refusedFunctions: Set<String> = [
        "random", "randomblob", "current_timestamp", "current_date", "current_time", "date", "time", "datetime",
        "julianday", "unixepoch", "strftime", "timediff", "last_insert_rowid", "changes", "total_changes",
        "sqlite_version", "sqlite_source_id", "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_offset",
        "load_extension", "fts3_tokenizer",
    ]

    /// Makes SQLite ask this object, and replaces the refused functions by ones that fail: defaults and checks of
    /// columns are never shown to an authorizer.
    func watch(_ handle: OpaquePointer) {
        unsafe sqlite3_set_authorizer(handle, authorize, Unmanaged.passUnretained(self).toOpaque())
        for name in Guardian.refusedFunctions {
            unsafe sqlite3_create_function_v2(handle, name, -1, SQLITE_UTF8, nil, refuse, nil, nil, nil)
        }
    }
}

private func authorize(
    _ context: UnsafeMutableRawPointer?, _ action: Int32, _ first: UnsafePointer<CChar>?,
    _ second: UnsafePointer<CChar>?, _ database: UnsafePointer<CChar>?, _ cause: UnsafePointer<CChar>?
) -> Int32 {
    guard let context = unsafe context else { return SQLITE_DENY }
    let guardian = unsafe Unmanaged<Guardian>.fromOpaque(context).takeUnretainedValue()
    let names = unsafe (first.map { unsafe String(cString: $0) }, second.map { unsafe String(cString: $0) })
    return guardian.admits(action, names.0 ?? "", names.1 ?? "") ? SQLITE_OK : SQLITE_DENY
}

private func refuse(
    _ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    unsafe sqlite3_result_error(
        context, "a function is refused, for its result does not follow from the events", -1)
}
