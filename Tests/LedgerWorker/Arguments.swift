/// The words of the command line: a mode, then `name=value`.
struct Arguments: Sendable {
    let mode: String
    private let values: [String: String]

    init(_ words: [String]) {
        mode = words.count > 1 ? words[1] : ""
        var values: [String: String] = [:]
        for word in words.dropFirst(2) {
            let parts = word.split(separator: "=", maxSplits: 1)
            values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        self.values = values
    }

    /// The ledger's directory.
    var directory: String { text("dir") }

    func text(_ name: String) -> String { values[name] ?? "" }

    func number(_ name: String, or other: Int = 0) -> Int {
        values[name].flatMap { Int($0) } ?? other
    }

    /// Numbers separated by commas.
    func numbers(_ name: String) -> [Int] {
        (values[name] ?? "").split(separator: ",").compactMap { Int($0) }
    }
}
