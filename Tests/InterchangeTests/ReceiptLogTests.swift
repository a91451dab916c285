import EventFormat
import JSON
import Testing

@testable import Interchange

@Suite(.enabled(if: SharedData.hasReceipts, "needs coselog-receipt below MOHUR_DATA or ../shared/data"))
struct `the receipt log` {
    @Test func `has its cases, events and attributes`() throws {
        let (traces, fault) = readTraces(try InputFile(path: SharedData.receipts))
        #expect(fault == nil)
        #expect(traces.count == 1434)
        #expect(traces.reduce(0) { $0 + $1.events.count } == 8577)
        #expect(traces.filter { $0.attributes.contains { $0.key == "enddate" } }.count == 1329)
        let names = traces.flatMap(\.events).compactMap { event in
            event.attributes.first { $0.key == "concept:name" }?.value
        }
        #expect(Set(names).count == 27)
        #expect(names.filter { $0 == "Confirmation of receipt" }.count == 1434)
    }

    @Test func `says what its table of rows says`() throws {
        var reader = LineReader(try InputFile(path: SharedData.receiptRows))
        let head = try #require(try reader.next())
        let columns = String(decoding: head.bytes, as: UTF8.self).split(separator: ",").map(String.init)
        let nameColumn = try #require(columns.firstIndex(of: "case:concept:name"))
        let activityColumn = try #require(columns.firstIndex(of: "concept:name"))
        var rows: [String] = []
        while let line = try reader.next() {
            let fields = String(decoding: line.bytes, as: UTF8.self).split(
                separator: ",", omittingEmptySubsequences: false)
            rows.append(fields[nameColumn] + " " + fields[activityColumn])
        }
        let mapped = try mapLog(try InputFile(path: SharedData.receipts))
        let events = try mapped.flatMap { trace in
            try trace.events.dropFirst().map { event in
                let document = try JSONDocument(event.payload?.bytes ?? [])
                let name = document.find("/concept:name/value").flatMap { document.string(at: $0) }
                return trace.stream.text + " " + (name ?? "")
            }
        }
        #expect(rows.count == 8577)
        #expect(events.sorted() == rows.sorted())
    }

    @Test func `gives the same events again, decompressed and under another name`() throws {
        let mapped = try mapLog(try InputFile(path: SharedData.receipts))
        let plain = try mapLog(InputFile(bytes: try contents(ofFile: SharedData.receipts), name: "other"))
        #expect(mapped == plain)
        let ids = mapped.flatMap { $0.events.map(\.id) }
        #expect(ids.count == 1434 + 8577)
        #expect(Set(ids).count == ids.count)
        #expect(mapped.flatMap(\.events).compactMap(\.occurred).min()?.description == "2010-10-02T07:20:39.266000Z")
        #expect(mapped.flatMap(\.events).compactMap(\.occurred).max()?.description == "2012-01-23T14:42:54.644000Z")
    }

    @Test func `cut off, gives its complete traces and says so`() throws {
        let bytes = try contents(ofFile: SharedData.receipts)
        let half = readTraces(InputFile(bytes: Array(bytes.prefix(bytes.count / 2)), name: "half.xes"))
        #expect(half.fault?.code == .truncated)
        #expect((500..<1000).contains(half.traces.count))
        #expect((half.fault?.place.line ?? 0) > 10_000)
    }

    @Test func `compressed and cut off, gives its complete traces and the line it came to`() throws {
        let bytes = try rawContents(ofFile: SharedData.receipts)
        let half = readTraces(InputFile(bytes: Array(bytes.prefix(bytes.count / 2)), name: "half.xes.gz"))
        #expect(half.fault?.code == .truncated)
        #expect(half.fault?.reason.contains("gzip") == true)
        #expect((400..<1100).contains(half.traces.count))
        #expect((half.fault?.place.line ?? 0) > 10_000)
    }

    @Test func `goes out as CloudEvents and comes back the same`() throws {
        for trace in try mapLog(try InputFile(path: SharedData.receipts)).prefix(200) {
            for (revision, event) in trace.events.enumerated() {
                let line = CloudEvent.write(
                    .init(
                        event: event, stream: trace.stream, revision: Revision(UInt64(revision)), index: 1,
                        recorded: try Timestamp(microseconds: 0)))
                let again = try CloudEvent.read(line, at: .init(file: "test"))
                #expect(again.event == event)
                #expect(again.subject == trace.stream.text)
            }
        }
    }
}
