import Foundation
import Testing

/// `docs/cli.md` beside what the program says of itself.
@Suite struct HelpTests {
    private static let page =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/cli.md")

    /// The sections of the page by the command that each is headed with: "## `mohur import xes`".
    private static func sections() throws -> [String: [String]] {
        var sections: [String: [String]] = [:]
        var command: String?
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map(String.init) {
            if line.hasPrefix("## ") {
                command = line.hasPrefix("## `mohur ") ? String(line.dropFirst(10).dropLast()) : nil
            } else if let command {
                sections[command, default: []].append(line)
            }
        }
        return sections
    }

    /// The commands that `mohur --help` lists.
    private static func commands(_ folder: Folder) throws -> [String] {
        lines(try Mohur.run(["--help"], in: folder).output).filter { $0.hasPrefix("  ") }.compactMap { line in
            line.dropFirst(2).range(of: "  ").map { String(line.dropFirst(2)[..<$0.lowerBound]) }
        }
    }

    @Test func `the page has a section for each command`() throws {
        let commands = try HelpTests.commands(try Folder())
        #expect(commands.count >= 12)
        #expect(try HelpTests.sections().keys.sorted() == commands.sorted())
    }

    @Test func `each section shows the usage and the options of its command`() throws {
        let folder = try Folder()
        let sections = try HelpTests.sections()
        for command in try HelpTests.commands(folder) {
            let ending = try Mohur.run(command.split(separator: " ").map(String.init) + ["--help"], in: folder)
            #expect(ending.code == 0)
            let help = lines(ending.output)
            let section = try #require(sections[command], "\(command)")

            let usage = try #require(help.first).dropFirst("usage: ".count)
            #expect(section.contains(String(usage)), "\(command)")

            let labels = help.drop { $0 != "Options:" }.dropFirst().compactMap { line in
                line.dropFirst(2).range(of: "  ").map { String(line.dropFirst(2)[..<$0.lowerBound]) }
            }
            let documented = section.filter { $0.hasPrefix("| `--") }.map { row in
                String(row.dropFirst(3).prefix { $0 != "`" }).replacing("\\", with: "")
            }
            #expect(labels.filter { $0 != "--help" } == documented, "\(command)")
        }
    }

    @Test func `each command says what is wrong with an option that it does not know`() throws {
        let folder = try Folder()
        for command in try HelpTests.commands(folder) {
            let ending = try Mohur.run(command.split(separator: " ").map(String.init) + ["--nothing"], in: folder)
            #expect(ending.code == 64)
            #expect(ending.output.isEmpty)
            #expect(ending.error.hasPrefix("mohur: there is no option --nothing\nusage: mohur \(command)"))
        }
    }
}
