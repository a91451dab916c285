import Foundation
import Testing

/// What is imported keeps its order, whatever was recorded before.
@Suite struct ImportOrderTests {
    private func numbers(of stream: String, in folder: Folder) throws -> [Int] {
        let output = try Mohur.run(["read", "l", "--stream", stream, "--json"], in: folder).output
        return try output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require((object?["data"] as? NSNumber)?.intValue)
        }
    }

    private func lines(_ numbers: Range<Int>) -> String {
        numbers.map { Events.line($0, subject: "a-\($0 % 7)", data: String($0)) }.joined()
    }

    @Test func `a file that has grown adds its new events in the order of the file`() throws {
        let folder = try Folder.withLedger()
        try folder.write(lines(0..<500), to: "events")
        #expect(try Mohur.run(["import", "cloudevents", "l", "events"], in: folder).code == 0)
        try folder.write(lines(0..<3500), to: "events")
        let ending = try Mohur.run(["import", "cloudevents", "l", "events"], in: folder)
        #expect(ending.output == "3,000 events recorded; 500 were recorded before\n")
        for stream in 0..<7 {
            #expect(try numbers(of: "a-\(stream)", in: folder) == Array(stride(from: stream, to: 3500, by: 7)))
        }
    }

    @Test func `nothing that stands behind a refused event is recorded`() throws {
        let folder = try Folder.withLedger()
        try folder.write(Events.line(1200, subject: "a-3", data: "9"), to: "other")
        #expect(try Mohur.run(["import", "cloudevents", "l", "other"], in: folder).code == 0)
        try folder.write(lines(0..<3500), to: "events")
        let ending = try Mohur.run(["import", "cloudevents", "l", "events"], in: folder)
        #expect(ending.code == 1)
        #expect(ending.error.contains("which is recorded at index 1 with another"))
        #expect(try folder.entryCount() == 2 + 1200)
    }

    @Test func `a line that is refused on standard input is the last that is looked at`() throws {
        let folder = try Folder.withLedger()
        try folder.write(Events.line(40, data: "9"), to: "other")
        #expect(try Mohur.run(["append", "l", "--stream", "a-1", "other"], in: folder).code == 0)
        try folder.write((0..<100).map { Events.line($0, data: String($0)) }.joined(), to: "events")
        let ending = try Mohur.run(["append", "l", "--stream", "a-1"], in: folder, input: .file("events"))
        #expect(ending.code == 1)
        #expect(ending.error.contains("standard input:41"))
        #expect(try numbers(of: "a-1", in: folder) == [9] + Array(0..<40))
    }

    @Test func `a case of more events than one append takes is imported in order`() throws {
        let folder = try Folder.withLedger()
        let events = (0..<12_000).map { "<event><string key=\"concept:name\" value=\"\($0)\"/></event>" }.joined()
        try folder.write(
            "<log><trace><string key=\"concept:name\" value=\"7\"/>\(events)</trace></log>", to: "long.xes")
        let ending = try Mohur.run(["import", "xes", "l", "long.xes"], in: folder)
        #expect(ending.output == "12,001 events recorded\n", "\(ending.error)")
        let newest = try Mohur.run(
            ["read", "l", "--stream", "case-7", "--backwards", "--count", "1", "--json"], in: folder)
        #expect(newest.output.contains("\"value\":\"11999\""))
        let again = try Mohur.run(["import", "xes", "l", "long.xes"], in: folder)
        #expect(again.output == "0 events recorded; 12,001 were recorded before\n")
    }
}
