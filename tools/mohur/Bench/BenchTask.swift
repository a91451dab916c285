internal import Processes

/// What the processes of a benchmark do: one task each, see ``TaskWords``.
///
/// A task prepares, awaits `ready`, works, and returns its figures. It runs off the main actor, as a service would.
enum BenchTask {
    typealias Ready = @Sendable () async -> Void
    typealias Body = @Sendable (TaskWords, _ ready: Ready) async throws -> Figures

    private static let bodies: [String: Body] = [
        "fill": fill, "fill.year": fillYear, "fill.archive": fillArchive,
        "append.batch": appendBatches, "append.callers": appendConcurrently,
        "scan": scan, "scan.values": scanValues, "verify": verify, "proof.make": makeProofs, "proof.check": checkProofs,
        "open": open,
        "follow.read": followAsReader, "follow.write": followAsWriter,
        "project": project, "read": read, "publish": publish, "audit": audit, "floor.files": writeFiles,
        "floor.file": writePlainFile, "floor.hash": hashMessages, "floor.nodes": hashNodes,
        "lmdb.segments": commitSegments, "lmdb.open": openBareLMDB, "lmdb.rows": insertIntoLMDB,
        "sqlite.rows": insertIntoSQLite,
    ]

    /// Does the task and reports to the process that started this one.
    @MainActor
    static func run(_ words: TaskWords) async throws {
        guard let body = bodies[words.name] else { throw Failure(.usage, "there is no task \(words.name)") }
        if words.settings["processors"] != nil { ThisProcess.useProcessors(try words.number("processors")) }
        let figures = try await body(words) { await TaskReport.waitForStart() }
        TaskReport.finish(figures)
    }
}

extension Command {
    /// Not listed: `bench` starts it.
    static let benchTask = Command(
        "bench-task", "One task of a benchmark, for mohur bench", usage: "PARENT TASK [SETTING=VALUE]…",
        operands: 2...64
    ) { arguments in
        guard let parent = Int32(arguments.operands[0]) else { throw arguments.usage("PARENT is a process's id") }
        ThisProcess.diesWithParent(parent)
        try await BenchTask.run(try TaskWords(Array(arguments.operands.dropFirst())))
    }
}
