import Foundation

/// A written session with a shell: commands, what they print, and how they end.
///
/// | line | meaning |
/// |---|---|
/// | `# …` at the margin, before a command | a remark |
/// | `>> FILE` … `<<` | makes an input file of the lines between |
/// | `$ COMMAND` | a command, given to `/bin/sh` in a folder of its own; `mohur` is the program under test |
/// | `! LINE` | a line that the command prints to standard error |
/// | `? CODE` | the command's exit code; 0 when there is no such line |
/// | any other, behind a command | a line that the command prints to standard output |
///
/// Empty lines at the end of an output do not count. Lines may hold ``Pattern``s.
struct Transcript: Sendable {
    enum Step: Sendable {
        case file(name: String, text: String)
        case command(Command)
    }

    struct Command: Sendable {
        let line: Int
        let text: String
        var output: [String] = []
        var error: [String] = []
        var code: Int32 = 0
    }

    let name: String
    private(set) var steps: [Step] = []

    init(name: String, text: String) {
        self.name = name
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        var number = 0
        var command: Command?
        while let line = lines.popFirst() {
            number += 1
            if line.hasPrefix("$ ") || line.hasPrefix(">> ") || line.hasPrefix("# ") {
                finish(&command)
            }
            if line.hasPrefix("$ ") {
                command = Command(line: number, text: String(line.dropFirst(2)))
            } else if line.hasPrefix(">> ") {
                let content = lines.prefix { $0 != "<<" }
                steps.append(.file(name: String(line.dropFirst(3)), text: content.map { $0 + "\n" }.joined()))
                number += content.count + 1
                lines = lines.dropFirst(content.count + 1)
            } else if line.hasPrefix("! ") || line == "!" {
                command?.error.append(String(line.dropFirst(2)))
            } else if line.hasPrefix("? "), let code = Int32(line.dropFirst(2)) {
                command?.code = code
            } else if !line.hasPrefix("# ") {
                command?.output.append(line)
            }
        }
        finish(&command)
    }

    private mutating func finish(_ command: inout Command?) {
        guard var done = command else { return }
        while done.output.last?.isEmpty == true { done.output.removeLast() }
        steps.append(.command(done))
        command = nil
    }

    var commandCount: Int {
        steps.count { if case .command = $0 { true } else { false } }
    }
}
