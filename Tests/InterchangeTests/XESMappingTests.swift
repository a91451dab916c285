import Digests
import EventFormat
import JSON
import Testing

@testable import Interchange

/// The traces of an XES text as events.
func mapLog(_ text: String, category: String = "case") throws(InterchangeError) -> [XESMapping.Mapped] {
    try mapLog(InputFile(bytes: Array(text.utf8), name: "log.xes"), category: category)
}

func mapLog(_ input: consuming InputFile, category: String = "case") throws(InterchangeError) -> [XESMapping.Mapped] {
    var mapping = try XESMapping(category: category, file: input.name)
    var reader = XESReader(input)
    var mapped: [XESMapping.Mapped] = []
    while let trace = try reader.next() { mapped.append(try mapping.map(trace)) }
    return mapped
}

private func trace(named name: String) -> String {
    "<trace><string key='concept:name' value='\(name)'/></trace>"
}

@Suite struct `XES traces as events` {
    @Test func `a trace becomes a description and its activities`() throws {
        let mapped = try mapLog(
            """
            <log><trace><string key="concept:name" value="p-1"/><event>
            <string key="concept:name" value="Check"/><string key="lifecycle:transition" value="COMPLETE"/>
            <date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/></event><event/></trace></log>
            """)
        try #require(mapped.count == 1)
        #expect(mapped[0].stream.text == "case-p-1")
        let events = mapped[0].events
        #expect(events.map(\.type) == ["case.described", "activity.complete", "activity.recorded"])
        #expect(
            events.map { $0.occurred?.description } == [
                "2011-10-11T11:45:40.276000Z", "2011-10-11T11:45:40.276000Z", nil,
            ])
        #expect(Set(events.map(\.source)) == ["urn:mohur:import:xes"])
        #expect(events[0].payload == .json(#"{"concept:name":{"type":"string","value":"p-1"}}"#))
        #expect(
            events[1].payload
                == .json(
                    #"{"concept:name":{"type":"string","value":"Check"},"#
                        + #""lifecycle:transition":{"type":"string","value":"COMPLETE"},"#
                        + #""time:timestamp":{"type":"date","value":"2011-10-11T13:45:40.276+02:00"}}"#))
        #expect(events[2].payload == .json("{}"))
        let parts: [[UInt8]] = [
            Array("xes".utf8), Array("urn:mohur:import:xes".utf8), Array("case-p-1".utf8), Array("2".utf8),
            Array("{}".utf8),
            Array("activity.recorded".utf8),
        ]
        #expect(events[2].id == EventID(naming: parts, at: try Timestamp(microseconds: 0)))
    }

    @Test func `nested attributes, lists, containers and repeated keys lose nothing`() throws {
        let mapped = try mapLog(
            """
            <log><trace><int key="n" value="007"><string key="unit" value="m"/></int><string key="s" value="\u{1}"/>
            <list key="l"><values><int key="a" value="1"/><int key="a" value="2"/></values>
            <id key="i" value="u"/></list><container key="c"><float key="f" value="1.0"/></container>
            <boolean key="n" value="true"/><int key="n" value="9"/>
            </trace></log>
            """.replacing("\u{1}", with: "&quot;\\"))
        let payload = mapped[0].events[0].payload.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(
            payload
                == #"{"n":{"type":"int","value":"007","attributes":{"unit":{"type":"string","value":"m"}},"#
                + #""also":[{"type":"boolean","value":"true"},{"type":"int","value":"9"}]},"#
                + #""s":{"type":"string","value":"\"\\"},"#
                + #""l":{"type":"list","values":[{"key":"a","type":"int","value":"1"},"#
                + #"{"key":"a","type":"int","value":"2"}],"#
                + #""attributes":{"i":{"type":"id","value":"u"}}},"#
                + #""c":{"type":"container","attributes":{"f":{"type":"float","value":"1.0"}}}}"#)
        _ = try JSONDocument(payload ?? "")
    }

    @Test func `keys that only look alike stay two keys`() throws {
        let mapped = try mapLog(
            "<log><trace><int key='e\u{301}' value='1'/><int key='\u{e9}' value='2'/></trace></log>")
        let bytes = mapped[0].events[0].payload?.bytes ?? []
        #expect(try JSONDocument(bytes).find("/\u{e9}/value") != nil)
        #expect(try JSONDocument(bytes).members(at: JSONDocument(bytes).root)?.count == 2)
    }

    @Test(arguments: [
        ("complete", "activity.complete"), ("Ate_Abort", "activity.ate_abort"), ("", "activity.recorded"),
        ("in progress", "activity.recorded"), ("\u{212a}", "activity.k"), ("é", "activity.recorded"),
        (String(repeating: "a", count: 33), "activity.recorded"), ("x9", "activity.x9"),
    ])
    func `the type is the transition when that is a plain word`(transition: String, type: String) throws {
        let mapped = try mapLog(
            "<log><trace><event><string key='lifecycle:transition' value='\(transition)'/></event></trace></log>")
        #expect(mapped[0].events.map(\.type) == ["case.described", type])
    }

    @Test(arguments: [
        ("2011-10-11T13:45:40.276+02:00", "2011-10-11T11:45:40.276000Z"),
        ("2011-10-11T13:45:40", "2011-10-11T13:45:40.000000Z"),
        ("2011-10-11T13:45:40.5", "2011-10-11T13:45:40.500000Z"),
        (" 2011-10-11T13:45:40Z ", "2011-10-11T13:45:40.000000Z"),
        ("2011-10-11T13:45:40-05:00", "2011-10-11T18:45:40.000000Z"),
    ])
    func `dates may lack decimals and the offset, which then is UTC`(text: String, expected: String) throws {
        let mapped = try mapLog("<log><trace><event><date key='time:timestamp' value='\(text)'/></event></trace></log>")
        #expect(mapped[0].events[1].occurred?.description == expected)
        #expect(mapped[0].events[0].occurred?.description == expected)
    }

    @Test(arguments: [
        "yesterday", "", "2011-10-11", "2011-13-11T13:45:40Z", "11/10/2011 13:45", "1318333540000",
        "2011-10-11T13:45:40ZZ",
    ])
    func `a text that is no date is refused with its line and text`(text: String) {
        let error = #expect(throws: InterchangeError.self) {
            try mapLog("<log><trace><event>\n<date key='time:timestamp' value='\(text)'/></event></trace></log>")
        }
        #expect(error?.code == .invalid)
        #expect(error?.description.hasPrefix("log.xes:2: ") == true)
        #expect(error?.reason.contains("\"\(text)\"") == true)
    }

    @Test func `a name that stands again is numbered in the order of the file`() throws {
        let names = ["a", "b", "a", "a~2", "a", "a~2"].map { trace(named: $0) }.joined()
        let streams = try mapLog("<log>\(names)</log>").map(\.stream.text)
        #expect(Set(streams).count == 6)
        #expect(Array(streams.prefix(5)) == ["case-a", "case-b", "case-a~2", "case-a~2~2", "case-a~3"])
    }

    @Test(arguments: [" a", "a ", "&#9;a", "a&#10;b", "\u{85}b", String(repeating: "x", count: 201)])
    func `a name that is no short plain name is hashed`(name: String) throws {
        let stream = try mapLog("<log>\(trace(named: name))</log>", category: "permit")[0].stream.text
        let text = name.replacing("&#9;", with: "\t").replacing("&#10;", with: "\n")
        let digest = SHA256.hash(Array(text.utf8).span).hex
        #expect(stream == "permit-" + digest.prefix(32))
    }

    @Test func `a trace without a name is named by its contents`() throws {
        let nameless = "<trace><event><int key='x' value='1'/></event></trace>"
        let other = "<trace><event><int key='x' value='2'/></event></trace>"
        let streams = try mapLog("<log>\(nameless)\(other)\(nameless)</log>").map(\.stream.text)
        #expect(streams[0] != streams[1])
        #expect(streams[2] == streams[0] + "~2")
        #expect(streams[0].utf8.count == "case-".utf8.count + 32)
        #expect(try mapLog("<log>\(other)</log>")[0].stream.text == streams[1])
    }

    @Test(arguments: ["", "a-b", "a\nb", " a", String(repeating: "c", count: 33)])
    func `a category that cannot begin a stream name is refused`(category: String) {
        #expect(throws: InterchangeError.self) { try XESMapping(category: category, file: "log.xes") }
    }

    @Test func `an event of more than a mebibyte is refused with its line`() {
        let attribute = "<string key='a' value='" + String(repeating: "v", count: 600_000) + "'/>"
        let error = #expect(throws: InterchangeError.self) {
            try mapLog("<log><trace>\n<event>\(attribute)\(attribute)</event></trace></log>")
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.place.line == 2)
    }

    @Test func `the deepest attributes that are taken are JSON that can be read, and deeper ones are refused`() throws {
        var read = 0
        for depth in 1..<64 {
            let open = String(repeating: "<string key='k' value='v'/><string key='k' value='v'>", count: depth)
            let close = String(repeating: "</string>", count: depth)
            do {
                let mapped = try mapLog("<log><trace>\(open)\(close)</trace></log>")
                _ = try JSONDocument(mapped[0].events[0].payload?.bytes ?? [], maximumDepth: 127)
                read += 1
            } catch let error as InterchangeError {
                #expect(error.code == .tooDeep)
            }
        }
        #expect((20..<62).contains(read))
    }
}
