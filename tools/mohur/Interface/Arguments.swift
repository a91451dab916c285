internal import EventFormat
internal import Keyring
internal import Ledger

/// The words behind a command, sorted into operands and options.
struct Arguments: Sendable {
    private let command: Command
    private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]

    /// Throws ``UsageError`` for an unknown option, a missing value or a wrong number of operands.
    init(_ words: [String], for command: Command) throws(UsageError) {
        self.command = command
        var rest = words[...]
        var onlyOperands = false
        while let word = rest.popFirst() {
            if onlyOperands || word == "-" || !word.hasPrefix("-") {
                operands.append(word)
            } else if word == "--" {
                onlyOperands = true
            } else {
                try takeOption(word, &rest)
            }
        }
        if !wantsHelp { try checkOperands() }
    }

    /// Throws ``UsageError`` with the operand that is missing, empty or too many.
    private func checkOperands() throws(UsageError) {
        let names = command.operandNames
        if operands.count < command.operands.lowerBound, operands.count < names.count {
            throw UsageError("\(names[operands.count]) is missing", command)
        }
        if operands.count > command.operands.upperBound {
            let surplus = operands[command.operands.upperBound].escapingControls
            throw UsageError("“\(surplus)” is an operand too many", command)
        }
        if let empty = operands.firstIndex(of: "") {
            throw UsageError("\(empty < names.count ? names[empty] : "an operand") is empty", command)
        }
    }

    private mutating func takeOption(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        if word == "-h" {
            values["help"] = [""]
            return
        }
        let hasOutput = command.options.contains { $0.name == "output" }
        let word = word == "-o" && hasOutput ? "--output" : word
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        let known = command.options + [Option.help]
        guard word.hasPrefix("--"), let option = known.first(where: { $0.name == name }) else {
            throw UsageError("there is no option \(word.escapingControls)", command)
        }
        guard let label = option.value else {
            guard parts.count == 1 else { throw UsageError("--\(name) takes no value", command) }
            values[name] = [""]
            return
        }
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
            throw UsageError("--\(name) needs a value, \(label)", command)
        }
        values[name, default: []].append(value)
    }

    var wantsHelp: Bool { has("help") }
    var json: Bool { has("json") }

    func has(_ name: String) -> Bool { values[name] != nil }

    /// The option's last value.
    func string(_ name: String) -> String? { values[name]?.last }

    /// All of the option's values, in order.
    func strings(_ name: String) -> [String] { values[name] ?? [] }

    func required(_ name: String) throws(UsageError) -> String {
        guard let value = string(name) else { throw UsageError("--\(name) is missing", command) }
        return value
    }

    func number(_ name: String) throws(UsageError) -> UInt64? {
        guard let text = string(name) else { return nil }
        guard let value = UInt64(text) else {
            throw UsageError("--\(name) takes a whole number, not \"\(text.escapingControls)\"", command)
        }
        return value
    }

    /// A whole number that fits a count.
    func count(_ name: String) throws(UsageError) -> Int? {
        guard let value = try number(name) else { return nil }
        guard value <= UInt64(Int32.max) else { throw UsageError("--\(name) is at most \(Int32.max)", command) }
        return Int(value)
    }

    /// A stream's name.
    func stream(_ name: String) throws(UsageError) -> StreamName? {
        guard let text = string(name) else { return nil }
        do throws(FormatError) {
            return try StreamName(text)
        } catch {
            throw UsageError("--\(name): \(error)", command)
        }
    }

    /// A moment in RFC 3339.
    func time(_ name: String) throws(UsageError) -> Timestamp? {
        guard let text = string(name) else { return nil }
        do throws(FormatError) {
            return try Timestamp(rfc3339: text)
        } catch {
            throw UsageError("--\(name): \(error)", command)
        }
    }

    /// A source's name; `what` is the operand or option that gives it.
    func source(_ text: String, _ what: String) throws(UsageError) -> SourceName {
        do throws(KeyringError) {
            return try SourceName(text)
        } catch {
            throw UsageError("\(what): \(error.reason)", command)
        }
    }

    func usage(_ problem: String) -> UsageError { UsageError(problem, command) }
}

/// The command line was not as `--help` says.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ problem: String, _ command: Command?) {
        let usage =
            command.map { "usage: mohur \($0.name) \($0.usage)\ntry: mohur \($0.name) --help" } ?? "try: mohur --help"
        description = "\(problem)\n\(usage)"
    }
}
