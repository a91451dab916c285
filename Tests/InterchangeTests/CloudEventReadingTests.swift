import EventFormat
import Testing

@testable import Interchange

/// Reads one CloudEvent that is written as a Swift string.
func readEvent(_ text: String, subjectNamesStream: Bool = true) throws(InterchangeError) -> CloudEvent.Incoming {
    try CloudEvent.read(
        Array(text.utf8), subjectNamesStream: subjectNamesStream, at: .init(file: "events.jsonl", line: 7, column: 1))
}

/// An event with the required attributes and `members` behind them.
func eventText(_ members: String = "", id: String = "018f4e2a-0000-7000-8000-000000000001") -> String {
    #"{"specversion":"1.0","id":"\#(id)","source":"urn:test","type":"t.happened"\#(members)}"#
}

@Suite struct `reading CloudEvents` {
    @Test func `every attribute has its place in the event`() throws {
        let incoming = try readEvent(
            eventText(
                #","subject":"permit-1","time":"2011-10-11T13:45:40.276+02:00","datacontenttype":"application/json","#
                    + #""dataschema":"urn:schema","correlationid":"018f4e2a-0000-7000-8000-000000000002","#
                    + #""causationid":"018f4e2a-0000-7000-8000-000000000003","data":{ "amount" : 12.50 }"#))
        let event = incoming.event
        #expect(event.id.description == "018f4e2a-0000-7000-8000-000000000001")
        #expect(event.source == "urn:test")
        #expect(event.type == "t.happened")
        #expect(event.occurred?.description == "2011-10-11T11:45:40.276000Z")
        #expect(event.payload == .json(#"{ "amount" : 12.50 }"#))
        #expect(event.schema == "urn:schema")
        #expect(event.correlation?.description == "018f4e2a-0000-7000-8000-000000000002")
        #expect(event.causation?.description == "018f4e2a-0000-7000-8000-000000000003")
        #expect(incoming.subject == "permit-1")
        #expect(!incoming.isKeptWhole)
        #expect(incoming.line == 7)
    }

    @Test(
        arguments: [
            ("", nil), (#","data":null"#, Payload.json("null")), (#","data":1e400"#, .json("1e400")),
            (#","data":"x","datacontenttype":"text/plain""#, Payload(bytes: [0x78], mediaType: "text/plain")),
            (#","data":"\u00e9","datacontenttype":"text/xml""#, Payload(bytes: [0xc3, 0xa9], mediaType: "text/xml")),
            (
                #","data":"x","datacontenttype":"application/ld+JSON; a=b""#,
                Payload(bytes: Array(#""x""#.utf8), mediaType: "application/ld+JSON; a=b")
            ),
            (
                #","data_base64":"AP8=","datacontenttype":"image/png""#,
                Payload(bytes: [0, 255], mediaType: "image/png")
            ),
            (#","data_base64":"""#, Payload(bytes: [], mediaType: "application/json")),
            (#","data":7,"data_base64":null"#, .json("7")), (#","datacontenttype":null"#, nil),
        ] as [(String, Payload?)])
    func `the payload is what the event carries`(members: String, payload: Payload?) throws {
        let incoming = try readEvent(eventText(members))
        #expect(incoming.event.payload == payload)
        #expect(!incoming.isKeptWhole)
    }

    @Test(arguments: [#","time":null"#, #","subject":null"#, #","anything":null"#, #","correlationid":null"#])
    func `an attribute that is null is absent`(members: String) throws {
        let incoming = try readEvent(eventText(members))
        #expect(incoming.event == (try readEvent(eventText()).event))
        #expect(incoming.subject == nil)
    }

    @Test func `an id that is no UUID is made into one that stays the same`() throws {
        let first = try readEvent(eventText(id: "A-17")).event
        #expect(first.id == (try readEvent(eventText(#","x":1"#, id: "A-17")).event.id))
        #expect(first.id != (try readEvent(eventText(id: "A-18")).event.id))
        let parts = ["cloudevent", "urn:test", "A-17"].map { Array($0.utf8) }
        #expect(first.id == EventID(naming: parts, at: try Timestamp(microseconds: 0)))
    }

    @Test(arguments: [
        (eventText(id: "A-17"), true), (eventText(#","traceparent":"00-ab""#), true),
        (eventText(#","flag":true"#), true),
        (eventText(#","partition":-2147483648"#), true), (eventText(#","subject":"p-1""#), false),
        (eventText(#","correlationid":"none""#), true), (eventText(#","time":"2020-01-01T00:00:00.1234567Z""#), true),
        (eventText(#","time":"2020-01-01T00:00:00.1234560Z""#), false),
        (eventText(#","time":"2016-12-31T23:59:60Z""#), true),
        (eventText(#","datacontenttype":"text/plain""#), true),
        (eventText(#","sequence":"00000000000000000001""#), true),
    ])
    func `what an entry has no place for is kept with the whole event`(text: String, isWhole: Bool) throws {
        let incoming = try readEvent("  " + text + " ")
        #expect(incoming.isKeptWhole == isWhole)
        #expect((incoming.event.payload?.bytes == Array(text.utf8)) == isWhole)
        #expect((incoming.event.payload?.mediaType == "application/cloudevents+json") == isWhole)
    }

    @Test func `a subject is kept whole when the caller names the stream`() throws {
        let text = eventText(#","subject":"p-1","data":1"#)
        let incoming = try readEvent(text, subjectNamesStream: false)
        #expect(incoming.isKeptWhole)
        #expect(incoming.subject == "p-1")
        #expect(incoming.event.payload?.bytes == Array(text.utf8))
    }

    @Test(
        arguments: [
            ("", InterchangeError.Code.truncated, "value"), ("[]", .invalid, "object"), ("1", .invalid, "object"),
            ("{}", .missing, "specversion"), (#"{"specversion":"1.0"}"#, .missing, "id"),
            (#"{"specversion":"1.0","id":"a"}"#, .missing, "source"),
            (#"{"specversion":"1.0","id":"a","source":"s"}"#, .missing, "type"),
            (#"{"specversion":"0.3","id":"a","source":"s","type":"t"}"#, .unsupported, "0.3"),
            (#"{"specversion":1.0,"id":"a","source":"s","type":"t"}"#, .invalid, "specversion"),
            (#"{"specversion":null,"id":"a","source":"s","type":"t"}"#, .missing, "specversion"),
            (#"{"specversion":"1.0","id":"","source":"s","type":"t"}"#, .invalid, "id"),
            (#"{"specversion":"1.0","id":7,"source":"s","type":"t"}"#, .invalid, "id"),
            (#"{"specversion":"1.0","id":"a","source":"","type":"t"}"#, .invalid, "source"),
            (#"{"specversion":"1.0","id":"a","source":"s","type":""}"#, .invalid, "type"),
            (#"{"specversion":"1.0","id":"a","source":"s","type":null}"#, .missing, "type"),
            (#"{"specversion":"1.0","id":"a","source":"s","type":"t","type":"t"}"#, .syntax, "twice"),
            (eventText(#","time":"yesterday""#), .invalid, "time"),
            (eventText(#","time":1318333540"#), .invalid, "time"),
            (eventText(#","time":"2011-10-11T13:45:40""#), .invalid, "time"),
            (eventText(#","time":"""#), .invalid, "time"),
            (eventText(#","subject":"""#), .invalid, "subject"), (eventText(#","subject":{}"#), .invalid, "subject"),
            (eventText(#","datacontenttype":"""#), .invalid, "datacontenttype"),
            (eventText(#","dataschema":"""#), .invalid, "dataschema"),
            (eventText(#","dataschema":1"#), .invalid, "dataschema"),
            (eventText(#","Upper":"x""#), .invalid, "Upper"),
            (eventText(#","under_score":"x""#), .invalid, "under_score"),
            (eventText(#","":"x""#), .invalid, "name"), (eventText(#","é":"x""#), .invalid, "name"),
            (eventText(#","big":2147483648"#), .invalid, "big"), (eventText(#","part":1.0"#), .invalid, "part"),
            (eventText(#","ext":{"a":1}"#), .invalid, "ext"), (eventText(#","ext":[1]"#), .invalid, "ext"),
            (eventText(#","ext":"a\u0000b""#), .invalid, "control"),
            (eventText(#","subject":"a\u009bb""#), .invalid, "control"),
            (eventText(#","data":1,"data_base64":"AA==""#), .invalid, "both"),
            (eventText(#","data":null,"data_base64":"AA==""#), .invalid, "both"),
            (eventText(#","data_base64":1"#), .invalid, "data_base64"),
            (eventText(#","data_base64":"AA""#), .invalid, "Base64"),
            (eventText(#","data_base64":"AB==""#), .invalid, "Base64"),
            (eventText(#","data_base64":"AA==\n""#), .invalid, "Base64"),
            (eventText(#","data_base64":"A-_=""#), .invalid, "Base64"),
            (eventText(#","data_base64":"====""#), .invalid, "Base64"),
            (eventText(#","data_base64":"AA==AA==""#), .invalid, "Base64"),
            (eventText(#","data":{"x":1},"datacontenttype":"text/plain""#), .invalid, "data"),
            (eventText(#","data":{"x":1,"x":2}"#), .syntax, "twice"), (eventText() + "{}", .syntax, "follows"),
            (String(eventText().dropLast(3)), .truncated, "ends"),
            (eventText(#","ext":"\ud800""#), .syntax, "surrogate"),
            (eventText(",\"dataschema\":\"" + String(repeating: "s", count: 2049) + "\""), .tooLarge, "schema"),
        ] as [(String, InterchangeError.Code, String)])
    func `an event that breaks the rules is refused by name`(text: String, code: InterchangeError.Code, word: String) {
        let error = #expect(throws: InterchangeError.self) { try readEvent(text) }
        #expect(error?.code == code)
        #expect(error?.reason.contains(word) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix("events.jsonl:7:") == true)
    }

    @Test func `the column of the offending attribute is named`() {
        let error = #expect(throws: InterchangeError.self) { try readEvent(eventText(#","é":"x""#)) }
        #expect(error?.place.column == eventText().count + 1)
    }

    @Test func `a payload of more than a mebibyte is refused`() {
        let large = String(repeating: "x", count: 1 << 20)
        let error = #expect(throws: InterchangeError.self) { try readEvent(eventText(#","data":"\#(large)""#)) }
        #expect(error?.code == .tooLarge)
    }
}

@Suite struct `files of CloudEvents` {
    private func events(_ text: String) throws(InterchangeError) -> [CloudEvent.Incoming] {
        var reader = CloudEventReader(InputFile(bytes: Array(text.utf8), name: "test"))
        var events: [CloudEvent.Incoming] = []
        while let event = try reader.next() { events.append(event) }
        return events
    }

    private let one = eventText(#","data":"a,]}\"{[""#)
    private let two = eventText(#","data":[[1],{"x":[]}]"#, id: "018f4e2a-0000-7000-8000-000000000002")

    @Test func `one event a line, blank lines passed over`() throws {
        let read = try events("\n  \r\n" + one + "\r\n\n" + two)
        #expect(read.map(\.line) == [3, 5])
        #expect(read.map(\.event) == [try readEvent(one).event, try readEvent(two).event])
    }

    @Test(arguments: ["[A,B]", " [ A , B ] \n", "[\nA\n,\nB\n]\n", "[A,\r\n  B]"])
    func `a batch is one array`(form: String) throws {
        let text = form.replacing("A", with: one).replacing("B", with: two)
        #expect(try events(text).map(\.event) == [try readEvent(one).event, try readEvent(two).event])
    }

    @Test(arguments: ["", " \n", "[]", " [ \n ] "])
    func `a file or batch may be empty`(text: String) throws {
        #expect(try events(text).isEmpty)
    }

    @Test(arguments: [
        ("[", InterchangeError.Code.truncated), ("[A", .truncated), ("[A,", .truncated), ("[A,]", .truncated),
        ("[,A]", .truncated),
        ("[A B]", .syntax), ("[A]x", .syntax), ("[A][B]", .syntax), ("[A}]", .syntax), ("[[A]]", .invalid),
        ("[null]", .invalid),
        ("A\nx", .syntax), ("A B", .syntax), ("\u{feff}A", .syntax),
    ])
    func `a broken batch is refused`(form: String, code: InterchangeError.Code) {
        let text = form.replacing("A", with: one).replacing("B", with: two)
        let error = #expect(throws: InterchangeError.self) { try events(text) }
        #expect(error?.code == code)
        #expect(error?.place.line != nil)
    }

    @Test func `events before the fault are given, and nothing after it`() throws {
        var reader = CloudEventReader(
            InputFile(bytes: Array("[\(one),\n  {\"id\":1}, \(two)]".utf8), name: "batch.json"))
        #expect(try reader.next() != nil)
        var fault: InterchangeError?
        do throws(InterchangeError) { _ = try reader.next() } catch { fault = error }
        #expect(fault?.description.hasPrefix("batch.json:2:4: ") == true)
        #expect(try reader.next() == nil)
    }
}
