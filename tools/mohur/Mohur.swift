internal import EventFormat
internal import Glibc

/// The command line. Commands are listed in ``Mohur/commands``, one file each in `Commands`.
@main
struct Mohur {
    static let commands: [Command] = [
        .create, .append, .importXES, .importCloudEvents, .read, .streams, .info, .verify, .project, .backup,
        .simulate, .bench,
    ]

    @MainActor
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            try await run(words)
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
        if ["help", "--help", "-h"].contains(first) { return showHelp(Array(words.dropFirst())) }
        if first == "--version" { return Output.line("mohur 0.1.0") }
        let found = commands.filter { command in
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

    @MainActor
    private static func importHelp(_ words: [String]) throws {
        let names = commands.filter { $0.name.hasPrefix("import ") }
        if words.contains("--help") || words.contains("-h") {
            for command in names { Output.line(command.help) }
            return
        }
        let format = words.dropFirst().first.map { "no format \"\($0.escapingControls)\"" } ?? "no format"
        throw UsageError("import knows \(format); it knows \(names.map { $0.name.dropFirst(7) }.joined(separator: " and "))", nil)
    }

    @MainActor
    private static func showHelp(_ words: [String]) {
        if let command = commands.first(where: { $0.name == words.joined(separator: " ") }) { return Output.line(command.help) }
        Output.line("mohur: a records ledger that a government can be held to\n\nusage: mohur COMMAND …, mohur COMMAND --help\n")
        let width = commands.map(\.name.count).max() ?? 0
        for command in commands {
            Output.line("  \(command.name)\(String(repeating: " ", count: width - command.name.count))  \(command.summary)")
        }
        Output.line("\nExit codes: 0 done; 1 the ledger is not intact, or the request was refused; 2 could not run; 64 usage.")
    }
}
