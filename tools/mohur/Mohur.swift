internal import EventFormat
internal import Glibc

/// The command line. Commands are listed in ``Mohur/commands``, one file each in `Commands`.
@main
struct Mohur {
    static let commands: [Command] = [
        .create, .append, .importXES, .importCloudEvents, .read, .streams, .info, .verify, .project, .backup,
        .checkpoint, .publish, .prove, .check, .timestamp,
        .witnessInit, .witnessAddLog, .witnessServe, .witnessStatus,
        .simulate, .bench,
    ]

    /// What the program starts itself with.
    private static let ownCommands: [Command] = [.benchTask]

    @MainActor
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        // A write past the file size limit then fails with an error that says so.
        signal(SIGXFSZ, SIG_IGN)
        do {
            try await run(try CommandWords.read())
        } catch {
            let failure = Failure(error)
            Output.flush()
            if !failure.message.isEmpty { Output.error("mohur: \(failure.message)") }
            exit(failure.code.rawValue)
        }
        Output.flush()
    }

    @MainActor
    private static func run(_ words: [String]) async throws {
        guard let first = words.first else { throw UsageError("no command was given", nil) }
        if ["help", "--help", "-h"].contains(first) { return try showHelp(Array(words.dropFirst())) }
        if first == "--version" { return Output.line("mohur 0.1.0") }
        let found = (commands + ownCommands).filter { command in
            let parts = command.name.split(separator: " ").map(String.init)
            return Array(words.prefix(parts.count)) == parts
        }
        guard let command = found.first else {
            if first == "import" { return try importHelp(words) }
            throw UsageError("there is no command \"\(first.escapingControls)\"", nil)
        }
        let rest = Array(words.dropFirst(command.name.split(separator: " ").count))
        let arguments = try Arguments(rest, for: command)
        if arguments.wantsHelp { return Output.line(command.help) }
        try await command.run(arguments)
    }

    /// For `import` without a format that is known.
    @MainActor
    private static func importHelp(_ words: [String]) throws {
        let names = commands.filter { $0.name.hasPrefix("import ") }
        if words.contains("--help") || words.contains("-h") {
            for command in names { Output.line(command.help) }
            return
        }
        let known = names.map { $0.name.dropFirst(7) }.joined(separator: " or ")
        guard words.count > 1 else { throw UsageError("import needs a format: \(known)", nil) }
        throw UsageError("import knows no format \"\(words[1].escapingControls)\"; it takes \(known)", nil)
    }

    /// Shows the help for the command that `topic` names, or for those whose names begin with it; without one, the
    /// list of commands.
    @MainActor
    private static func showHelp(_ topic: [String]) throws {
        guard !topic.isEmpty else { return showCommands() }
        let found = commands.filter { command in
            Array(command.name.split(separator: " ").map(String.init).prefix(topic.count)) == topic
        }
        guard !found.isEmpty else {
            throw UsageError("there is no command \"\(topic.joined(separator: " ").escapingControls)\"", nil)
        }
        for command in found { Output.line(command.help) }
    }

    @MainActor
    private static func showCommands() {
        Output.line("mohur: a records ledger that a government can be held to\n")
        Output.line("usage: mohur COMMAND …, mohur COMMAND --help\n")
        let width = commands.map(\.name.count).max() ?? 0
        for command in commands { Output.line("  \(command.name.padded(to: width))  \(command.summary)") }
        Output.line(
            "\nExit codes: 0 done; 1 the ledger is not intact, or the request was refused; 2 could not run; 64 usage.")
    }
}
