import Foundation
import Testing

/// What no formatter checks.
@Suite struct StyleTests {
    @Test func `no line has more than 120 columns, but for texts that cannot be broken`() {
        for file in Tree.sources + Tree.tests {
            var isText = false
            for (number, line) in file.lines.enumerated() {
                if line.components(separatedBy: "\"\"\"").count == 2 { isText.toggle() }
                guard !isText, line.count > 120, !line.contains("\"") else { continue }
                Issue.record("\(file.path):\(number + 1) has \(line.count) columns")
            }
        }
    }

    @Test func `no source file has more than 350 lines`() {
        for file in Tree.sources { #expect(file.lines.count <= 350, "\(file.path) has \(file.lines.count) lines") }
    }

    @Test func `no function has more than 70 lines`() {
        for file in Tree.sources {
            var start: (line: Int, indent: Int)?
            for (number, line) in file.lines.enumerated() {
                let indent = line.prefix { $0 == " " }.count
                if let open = start, line.hasPrefix(String(repeating: " ", count: open.indent) + "}") {
                    #expect(
                        number - open.line <= 70,
                        "\(file.path):\(open.line + 1) begins a function of \(number - open.line) lines")
                    start = nil
                } else if start == nil, line.contains(/\b(func|init)\b.*\{$/), !line.contains("//") {
                    start = (number, indent)
                }
            }
        }
    }

    @Test func `nothing is left for later or traps without a sentence`() {
        let words = [
            /\bTODO\b/, /\bFIXME\b/, /\bXXX\b/, /\btry!/, /\bfatalError\(/, /nonisolated\(unsafe\)/,
            /precondition\([^,]*\)$/,
        ]
        for file in Tree.sources {
            for (number, line) in file.lines.enumerated() {
                for word in words where line.contains(word) { Issue.record("\(file.path):\(number + 1): \(line)") }
            }
        }
    }

    @Test func `a test asserts something`() {
        for file in Tree.tests {
            let text = file.lines.joined(separator: "\n")
            let parts = text.components(separatedBy: "\n    @Test ").dropFirst()
            for part in parts {
                let asserts = part.contains(
                    /#expect|#require|Issue\.record|expect\w*\(|check\w*\(|verify\w*\(|assert\w*\(/)
                #expect(asserts, "\(file.path): \(part.prefix(80))")
            }
        }
    }

    @Test func `the documentation's links lead somewhere`() {
        for file in Tree.files(["docs"], [".md"])
            + [("README.md"), "ARCHITECTURE.md", "CONTRIBUTING.md"].map({
                Tree.File(path: $0, lines: Tree.text($0).components(separatedBy: "\n"))
            })
        {
            let folder = Tree.root.appending(path: file.path).deletingLastPathComponent()
            for match in file.lines.joined(separator: "\n").matches(of: /\]\(([^)#]+)\)/) {
                let target = String(match.1)
                guard !target.hasPrefix("http") else { continue }
                let exists = FileManager.default.fileExists(atPath: folder.appending(path: target).path)
                #expect(exists, "\(file.path) links to \(target)")
            }
        }
    }
}
