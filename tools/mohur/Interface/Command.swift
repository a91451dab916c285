/// A command of `mohur`: what `--help` says of it, what it takes, what it does.
struct Command: Sendable {
    /// As typed: `import xes`.
    let name: String
    /// One line for the list of commands.
    let summary: String
    /// What stands behind the name: `LEDGER --stream S [FILE|-]`.
    let usage: String
    /// Further lines for `--help`.
    let details: String
    let options: [Option]
    /// How many operands it takes.
    let operands: ClosedRange<Int>
    let run: @MainActor @Sendable (Arguments) async throws -> Void

    init(
        _ name: String, _ summary: String, usage: String, details: String = "", options: [Option] = [],
        operands: ClosedRange<Int>, run: @escaping @MainActor @Sendable (Arguments) async throws -> Void
    ) {
        self.name = name
        self.summary = summary
        self.usage = usage
        self.details = details
        self.options = options
        self.operands = operands
        self.run = run
    }

    /// The names of the operands that must be given, from ``usage``: `LEDGER`, `DEST`.
    var operandNames: [String] {
        usage.split(separator: " ").prefix { !$0.hasPrefix("[") && !$0.hasPrefix("-") && $0 != "|" }
            .map { $0.hasSuffix("…") ? String($0.dropLast()) : String($0) }
    }

    /// The text of `mohur NAME --help`.
    var help: String {
        var text = "usage: mohur \(name) \(usage)\n\n\(summary).\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        text += "\nOptions:\n"
        let all = options + [Option.help]
        let width = all.map(\.label.count).max() ?? 0
        for option in all {
            let padding = String(repeating: " ", count: width - option.label.count)
            text += "  \(option.label)\(padding)  \(option.summary)\n"
        }
        return text
    }
}

/// An option of a command.
struct Option: Sendable {
    static let help = Option(flag: "help", "show this text")
    static let json = Option(flag: "json", "print JSON for machines")

    /// Without the dashes.
    let name: String
    /// What its value is called; nil for a flag.
    let value: String?
    let summary: String

    init(flag name: String, _ summary: String) {
        self.name = name
        value = nil
        self.summary = summary
    }

    init(_ name: String, _ value: String, _ summary: String) {
        self.name = name
        self.value = value
        self.summary = summary
    }

    var label: String { value.map { "--\(name) \($0)" } ?? "--\(name)" }
}
