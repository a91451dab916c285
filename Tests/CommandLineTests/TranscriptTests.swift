import Foundation
import Testing

/// The sessions in the folder `Transcripts`.
@Suite struct TranscriptTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Transcripts")
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        .filter { $0.hasSuffix(".txt") }.sorted()

    private static func transcript(_ name: String) throws -> Transcript {
        Transcript(name: name, text: try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8))
    }

    @Test(arguments: names)
    func `a session goes as it is written`(_ name: String) throws {
        let transcript = try TranscriptTests.transcript(name)
        #expect(transcript.commandCount > 0)
        let difference = try Session.difference(from: transcript)
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func `the sessions are found`() {
        #expect(TranscriptTests.names.count >= 10)
    }
}

/// The runner itself: a test that cannot fail proves nothing.
@Suite struct RunnerTests {
    private func difference(_ text: String) throws -> String? {
        try Session.difference(from: Transcript(name: "t", text: text))
    }

    @Test func `a session that goes as written has no difference`() throws {
        let text = """
            # A remark.
            >> in.txt
            one
            two
            <<
            $ cat in.txt; echo oops >&2; exit 3
            one
            two
            ! oops
            ? 3
            """
        #expect(try difference(text) == nil)
    }

    @Test(arguments: [
        ("$ echo a\nb", "t:1: $ echo a\nstandard output:\n- b\n+ a"),
        ("$ echo a; echo b; echo c\na\nc", "t:1: $ echo a; echo b; echo c\nstandard output:\n  a\n+ b\n  c"),
        ("$ echo 1; echo b\n<number>\nc", "t:1: $ echo 1; echo b\nstandard output:\n  <number>\n- c\n+ b"),
        ("$ echo a", "t:1: $ echo a\nstandard output:\n+ a"),
        ("$ true\na", "t:1: $ true\nstandard output:\n- a"),
        ("$ echo a >&2", "t:1: $ echo a >&2\nstandard error:\n+ a"),
        ("$ true\n$ false", "t:2: $ false\nexit code: expected 0, found 1"),
        ("$ true\n? 1", "t:1: $ true\nexit code: expected 1, found 0"),
        (
            "$ echo 1 2\n<number a> <number a>",
            "t:1: $ echo 1 2\nstandard output:\n- <number a> <number a>\n+ 1 2"
        ),
    ])
    func `a difference is shown`(_ text: String, _ expected: String) throws {
        #expect(try difference(text) == expected)
    }

    @Test(arguments: [
        ("<uuid>", "01a20ee7-e396-7000-b83c-d398adc64128", true), ("<uuid>", "01a20ee7-e396-7000-b83c", false),
        ("<hash>", String(repeating: "0a", count: 32), true), ("<hash>", String(repeating: "0A", count: 32), false),
        ("at <time>.", "at 2026-11-24T18:53:27.842748Z.", true), ("<time>", "2026-11-24T18:53:27Z", false),
        ("<number> s", "1,234.5 s", true), ("<number>", "x", false), ("<text>b", "aabab", true),
        ("<text>b", "aaba", false), ("a < b <x>", "a < b <x>", true), ("a", "ab", false),
        ("<number n>=<number n>", "12=12", true), ("<number n>=<number n>", "12=1", false),
    ])
    func `a pattern stands for what it says`(_ pattern: String, _ line: String, _ expected: Bool) {
        var names: [String: String] = [:]
        #expect(Pattern(pattern).matches(line, &names) == expected)
    }

    @Test func `a name is a variable of the commands that follow`() throws {
        #expect(try difference("$ echo 42\n<number answer>\n$ echo $answer\n42") == nil)
    }
}
