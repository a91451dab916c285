internal import EventFormat
internal import Glibc

/// The command line. Commands are listed in ``Mohur/commands``, one file each in `Commands`.
@main
struct Mohur {
    static let commands: [Command] = [
        .create, .append, .importXES, .importCloudEvents, .read, .streams, .info, .verify, .project, .backup,
        .contentAdd, .contentGet, .contentList, .contentName, .contentRemove, .payloadRemove,
        .keyMake, .keyShow, .keyIntroduce, .keyRotate, .keyRevoke, .keyList, .sourceRegister, .policyAdopt, .policyShow,
        .checkpoint, .publish, .prove, .check, .timestamp, .archive, .restore,
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
            if try showGroup(words) { return }
            throw UsageError("there is no command \"\(first.escapingControls)\"", nil)
        }
        let rest = Array(words.dropFirst(command.name.split(separator: " ").count))
        let arguments = try Arguments(rest, for: command)
        if arguments.wantsHelp { return Output.line(command.help) }
        try await command.run(arguments)
    }

    /// For the first word of commands of two words, such as `import`, without a second that is known. False when it is
    /// none.
    @MainActor
    private static func showGroup(_ words: [String]) throws -> Bool {
        let group = words[0] + " "
        let members = commands.filter { $0.name.hasPrefix(group) }
        guard !members.isEmpty else { return false }
        if words.contains("--help") || words.contains("-h") {
            for command in members { Output.line(command.help) }
            return true
        }
        let known = members.map { $0.name.dropFirst(group.count) }.joined(separator: ", ")
        guard words.count > 1 else { throw UsageError("\(words[0]) needs a second word: \(known)", nil) }
        throw UsageError("there is no \"\(words[0]) \(words[1].escapingControls)\"; there are \(group)\(known)", nil)
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
