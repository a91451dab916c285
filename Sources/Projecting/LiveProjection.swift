internal import EventFormat
internal import EventLog

/// A projection with its prepared statements and its position.
final class LiveProjection {
    let definition: Definition
    /// How many entries its committed rows were made from.
    var position: UInt64

    private let handlers: [PreparedHandler]
    private let categories: [[UInt8]]?
    private let excludedCategories: [[UInt8]]
    /// The statements for the types seen so far.
    private var routes: [String: [PreparedStatement]] = [:]
    /// So that a ledger with very many types does not fill the memory.
    private static let maximumRouteCount = 4096

    init(_ definition: Definition, _ handlers: [PreparedHandler], position: UInt64) {
        self.definition = definition
        self.handlers = handlers
        self.position = position
        categories = definition.categories?.map { Array($0.utf8) }
        excludedCategories = definition.excludedCategories.map { Array($0.utf8) }
    }

    /// The types that it handles when it names them all, or nil.
    var exactTypes: Set<String>? {
        var types: Set<String> = []
        for pattern in handlers.flatMap(\.patterns) {
            guard case .exactly(let type) = pattern else { return nil }
            types.insert(type)
        }
        return types
    }

    /// Runs the statements for `event`, of whose payload `values` keeps what was read, and returns how many there were.
    func apply(_ event: RecordedEvent, _ values: inout EventValues) throws(ProjectionError) -> Int {
        guard admits(event.stream.text) else { return 0 }
        let statements = route(event.type)
        for prepared in statements {
            do throws(EventValues.Fault) {
                try values.bind(prepared, event)
            } catch {
                throw ProjectionError(
                    .invalidValue,
                    "\(place(prepared)): \(shown(event)): \(error.parameter) is \(error.value); \(error.remedy)")
            }
            do throws(SQLiteFailure) {
                try prepared.statement.run()
            } catch {
                throw ProjectionError(
                    error.isConstraint || error.code & 0xff == 1 ? .statementFailed : .database,
                    "\(place(prepared)): \(shown(event)): SQLite says: \(error.message) (\(error.code)); "
                        + "mend the statement, or the disk if it is full or fails"
                )
            }
        }
        return statements.count
    }

    private func place(_ prepared: PreparedStatement) -> String {
        "projection \"\(definition.name)\" (\(definition.file):\(prepared.line))"
    }

    private func shown(_ event: RecordedEvent) -> String {
        "event \(event.index) (\"\(event.type.escapingControls)\" of \"\(event.stream.text.escapingControls)\")"
    }

    private func admits(_ stream: String) -> Bool {
        if let categories { return isCategory(of: stream, in: categories) }
        return !isCategory(of: stream, in: excludedCategories)
    }

    /// Whether what stands before the first `-` of `stream` is one of `categories`.
    private func isCategory(of stream: String, in categories: [[UInt8]]) -> Bool {
        let name = stream.utf8
        return categories.contains { category in
            guard name.starts(with: category) else { return false }
            let end = name.index(name.startIndex, offsetBy: category.count)
            return end == name.endIndex || name[end] == UInt8(ascii: "-")
        }
    }

    private func route(_ type: String) -> [PreparedStatement] {
        if let route = routes[type] { return route }
        let route = handlers.filter { $0.patterns.contains { $0.admits(type) } }.flatMap(\.statements)
        if routes.count >= LiveProjection.maximumRouteCount { routes.removeAll() }
        routes[type] = route
        return route
    }
}
