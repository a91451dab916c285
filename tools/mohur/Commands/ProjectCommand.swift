internal import EventFormat
internal import JSON
internal import Ledger
internal import Projecting
internal import Projections

extension Command {
    static let project = Command(
        "project", "Build queryable views in a SQLite file",
        usage: "LEDGER --into FILE [--projections PATH]… [--follow] [--rebuild] [--json]",
        details: """
            Applies the entries that FILE does not have yet, or all when it is new. Without --projections the views that come
            with Mohur are built: case-register and activity-log; PATH is a .sql file or a folder of them
            (docs/projections.md). Rows and position change together, so that a run may be ended at any time.
            """,
        options: [
            Option("into", "FILE", "the SQLite file (required)"),
            Option("projections", "PATH", "a projection, or a folder of them; may be repeated"),
            Option(flag: "follow", "go on with new entries, until interrupted"),
            Option(flag: "rebuild", "empty the views and build them from the first entry"), .json,
        ], operands: 1...1
    ) { arguments in
        let file = try arguments.required("into")
        let definitions = try definitions(arguments)
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        let projector = try await Projector(ledger: ledger, definitions: definitions, database: file)
        let progress = ProgressLine("projecting")
        let show: @Sendable (Projector.Progress) -> Void = { progress.show($0.position, of: $0.size) }
        if arguments.has("rebuild") {
            try await projector.rebuild(nil, show)
        } else {
            try await projector.run(show)
        }
        progress.finish()
        try await report(file, json: arguments.json)
        if arguments.has("follow") {
            Output.flush()
            try await projector.follow()
        }
        await ledger.close()
    }

    private static func definitions(_ arguments: Arguments) throws -> [Definition] {
        let paths = arguments.strings("projections")
        guard paths.isEmpty else { return try Definition.load(paths) }
        return try ShippedProjections.all.map { try Definition(file: "projections/\($0.name)", text: $0.text) }
    }

    @MainActor
    private static func report(_ file: String, json: Bool) async throws {
        for status in try await Projector.status(database: file) {
            if json {
                var object = JSONObject()
                object.add("projection", status.name)
                object.add("version", status.version)
                object.add("position", status.position)
                object.add("root", status.root)
                Output.line(object.bytes)
            } else {
                Output.line(
                    "\(status.name) (version \(status.version)): \(status.position.grouped) entries applied, root \(status.root)"
                )
            }
        }
    }
}
