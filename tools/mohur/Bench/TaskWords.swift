internal import EventFormat

/// One thing to be measured by a process of its own: what, and its settings. Travels as words of a command line.
struct TaskWords: Hashable, Sendable {
    let name: String
    private(set) var settings: [String: String]

    init(_ name: String, _ settings: [String: String] = [:]) {
        self.name = name
        self.settings = settings
    }

    /// Reads `NAME KEY=VALUE…`.
    init(_ words: [String]) throws(Failure) {
        guard let name = words.first else { throw Failure(.usage, "a task has a name") }
        self.init(name)
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(.usage, "the setting \"\(word.escapingControls)\" has no value")
            }
            settings[String(parts[0])] = String(parts[1])
        }
    }

    var words: [String] { [name] + settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }

    /// The same task with other settings beside its own.
    func with(_ others: [String: String]) -> TaskWords {
        TaskWords(name, settings.merging(others) { $1 })
    }

    func text(_ key: String) throws(Failure) -> String {
        guard let text = settings[key] else { throw Failure(.usage, "the task \(name) needs the setting \(key)") }
        return text
    }

    func number(_ key: String) throws(Failure) -> Int {
        guard let number = Int(try text(key)) else { throw Failure(.usage, "\(key) takes a whole number") }
        return number
    }
}
