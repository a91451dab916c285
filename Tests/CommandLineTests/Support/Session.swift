import Foundation

/// Runs transcripts.
struct Session {
    private let folder: Folder
    private let bin: Folder
    /// What the patterns' names stand for; commands see them as variables.
    private var names: [String: String] = [:]

    init() throws {
        folder = try Folder()
        bin = try Folder()
        try FileManager.default.createSymbolicLink(atPath: bin.path("mohur"), withDestinationPath: Mohur.path)
    }

    /// Runs `transcript` up to the first command that does not do what is written; returns what differs, nil when
    /// nothing does.
    static func difference(from transcript: Transcript) throws -> String? {
        var session = try Session()
        for step in transcript.steps {
            switch step {
            case .file(let name, let text): try session.folder.write(text, to: name)
            case .command(let command):
                guard let difference = try session.difference(running: command) else { continue }
                return "\(transcript.name):\(command.line): $ \(command.text)\n\(difference)"
            }
        }
        return nil
    }

    private mutating func difference(running command: Transcript.Command) throws -> String? {
        var environment = Mohur.environment.merging(names) { $1 }
        environment["PATH"] = "\(bin.path):/usr/bin:/bin"
        let child = try Child(
            ["/bin/sh", "-c", command.text], in: folder.path, output: .file(".stdout"), error: ".stderr",
            environment: environment)
        let code = child.wait(within: 60)
        var difference: [String] = []
        difference += compare(command.output, try folder.lines(of: ".stdout"), "standard output")
        difference += compare(command.error, try folder.lines(of: ".stderr"), "standard error")
        if code != command.code {
            difference.append(
                "exit code: expected \(command.code), found \(code.map(String.init) ?? "none within 60 s")")
        }
        return difference.isEmpty ? nil : difference.joined(separator: "\n")
    }

    /// The lines of both, marked `-` where only expected and `+` where only found; empty when they agree.
    private mutating func compare(_ expected: [String], _ found: [String], _ title: String) -> [String] {
        var names = names
        let patterns = expected.map(Pattern.init)
        if patterns.count == found.count, zip(patterns, found).allSatisfy({ $0.matches($1, &names) }) {
            self.names = names
            return []
        }
        var text = ["\(title):"]
        let known = self.names
        let changes = found.difference(from: expected) { pattern, line in
            var names = known
            return Pattern(pattern).matches(line, &names)
        }
        var removed = Set<Int>()
        var inserted: [Int: String] = [:]
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, let line, _): inserted[offset] = line
            }
        }
        var position = 0
        for (offset, line) in expected.enumerated() {
            if removed.contains(offset) {
                text.append("- \(line)")
                continue
            }
            while let line = inserted[position] {
                text.append("+ \(line)")
                position += 1
            }
            text.append("  \(line)")
            position += 1
        }
        while let line = inserted[position] {
            text.append("+ \(line)")
            position += 1
        }
        if changes.isEmpty { text.append("(a name in a pattern stands for two different texts)") }
        return text
    }
}
