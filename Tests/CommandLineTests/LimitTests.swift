import Foundation
import Testing

/// Input that is as large as it may be, and one larger.
@Suite struct LimitTests {
    private func append(_ text: String, _ options: [String] = [], file: Bool = false) throws -> (Mohur.Ending, Int?) {
        let folder = try Folder.withLedger()
        try folder.write(text, to: "events")
        let words = ["append", "l", "--stream", "a-1"] + options
        let ending =
            file
            ? try Mohur.run(words + ["events"], in: folder) : try Mohur.run(words, in: folder, input: .file("events"))
        return (ending, try folder.entryCount())
    }

    @Test(arguments: [true, false])
    func `a line of more than 4 MiB is refused`(_ file: Bool) throws {
        let (ending, count) = try append(
            Events.line(1, data: "\"" + String(repeating: "a", count: 4 << 20) + "\""), file: file)
        #expect(ending.code == 1)
        let name = file ? "events" : "standard input"
        #expect(
            ending.error == "mohur: \(name):1: the line has more than 4194304 bytes; check that it holds one record\n")
        #expect(count == 1)
    }

    @Test func `a line without an end is refused without being kept`() throws {
        let folder = try Folder.withLedger()
        try folder.write("a", to: "events")
        // A gibibyte of zero bytes, which take no room on the disk, and 256 MiB to work in.
        truncate(folder.path("events"), 1 << 30)
        let child = try Child(
            ["/bin/bash", "-c", "ulimit -d 262144; exec '\(Mohur.path)' append l --stream a-1 < events"],
            in: folder.path, output: .file("out"), error: "err", environment: Mohur.environment)
        #expect(child.wait() == 1)
        let expected = "mohur: standard input:1: the line has more than 4194304 bytes; check that it holds one record"
        #expect(try folder.lines(of: "err") == [expected])
    }

    @Test func `a payload of 1 MiB is recorded, and one of a byte more is refused`() throws {
        let largest = "\"" + String(repeating: "a", count: 1 << 20 - 2) + "\""
        let (ending, count) = try append(Events.line(1, data: largest))
        #expect(ending.code == 0, "\(ending.error)")
        #expect(count == 2)
        let larger = "\"" + String(repeating: "a", count: 1 << 20 - 1) + "\""
        let (refused, unchanged) = try append(Events.line(1, data: larger))
        #expect(refused.code == 1)
        #expect(
            refused.error == """
                mohur: standard input:1:1: the payload has 1048577 bytes; at most 1048576 are allowed: keep larger \
                contents elsewhere and name them by digest

                """)
        #expect(unchanged == 1)
    }

    @Test func `10,000 events of a file are recorded together, and not one more`() throws {
        let (ending, count) = try append(Events.lines(0..<10_000), ["--json"], file: true)
        #expect(ending.code == 0, "\(ending.error)")
        #expect(lines(ending.output).count == 10_000)
        #expect(count == 10_001)
        for (options, file, name) in [([], true, "events"), (["--atomic"], false, "standard input")] {
            let (refused, unchanged) = try append(Events.lines(0..<10_001), options, file: file)
            #expect(refused.code == 1)
            #expect(
                refused.error == """
                    mohur: \(name) has more than can be recorded together (10,000 events, 64 MiB of payloads); nothing \
                    was recorded: split it, or give it as standard input without --atomic

                    """)
            #expect(unchanged == 1)
        }
    }

    @Test func `payloads of more than 64 MiB are not recorded together`() throws {
        let data = "\"" + String(repeating: "a", count: 1 << 20 - 2) + "\""
        let (refused, unchanged) = try append((0..<65).map { Events.line($0, data: data) }.joined(), file: true)
        #expect(refused.code == 1)
        #expect(refused.error.contains("more than can be recorded together"))
        #expect(unchanged == 1)
    }
}
