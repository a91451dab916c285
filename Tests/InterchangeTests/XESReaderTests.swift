import TestSupport
import Testing

@testable import Interchange

/// The traces of an XES text, and the error that ended them.
func readTraces(_ text: String) -> (traces: [XESTrace], fault: InterchangeError?) {
    readTraces(InputFile(bytes: Array(text.utf8), name: "log.xes"))
}

func readTraces(_ input: consuming InputFile) -> (traces: [XESTrace], fault: InterchangeError?) {
    var reader = XESReader(input)
    var traces: [XESTrace] = []
    do throws(InterchangeError) {
        while let trace = try reader.next() { traces.append(trace) }
        return (traces, nil)
    } catch {
        return (traces, error)
    }
}

@Suite struct `reading XES` {
    private static let log = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <log xes.version="2.0" xmlns="http://www.xes-standard.org/">
          <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
          <global scope="trace"><string key="concept:name" value="GLOBAL"/></global>
          <classifier name="Activity" keys="concept:name"/>
          <string key="concept:name" value="the log"><int key="nested" value="1"/></string>
          <trace>
            <string key="concept:name" value="one"/>
            <int key="x" value="007"/>
            <int key="x" value="8"><boolean key="sure" value="true"/></int>
            <event>
              <string key="concept:name" value="a &lt; b &#233;"/>
              <date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
            </event>
            <event/>
          </trace>
          <trace/>
        </log>
        """#

    @Test func `traces, events and attributes come in the order of the file`() throws {
        let (traces, fault) = readTraces(Self.log)
        #expect(fault == nil)
        try #require(traces.count == 2)
        #expect(traces[0].line == 7)
        #expect(traces[0].attributes.map(\.key) == ["concept:name", "x", "x"])
        #expect(traces[0].attributes.map(\.value) == ["one", "007", "8"])
        #expect(traces[0].attributes[2].attributes.first?.kind == .boolean)
        #expect(traces[0].events.map(\.line) == [11, 15])
        #expect(traces[0].events[0].attributes[0].value == "a < b é")
        #expect(traces[1] == XESTrace(attributes: [], events: [], line: 17))
    }

    @Test func `the log's name is known with the first trace`() throws {
        var reader = XESReader(InputFile(bytes: Array(Self.log.utf8), name: "log.xes"))
        _ = try reader.next()
        #expect(reader.logName == "the log")
    }

    @Test(arguments: [
        #"<log><trace><string key="k" value="v"/><event/></trace></log>"#,
        #"<x:log xmlns:x="http://www.xes-standard.org/"><x:trace><x:string key="k" value="v"/>"#
            + "<x:event/></x:trace></x:log>",
        #"<log xmlns="urn:an:older:name"><trace><string key="k" value="v"/><event/></trace></log>"#,
        #"<log xmlns:o="urn:o"><o:trace><event/></o:trace><trace><o:event/><string key="k" value="v"/>"#
            + #"<event/><o:int key="z" value="1"/></trace></log>"#,
        #"<log><trace><unknown><event/><trace/></unknown><string key="k" value="v"/><event/></trace>"#
            + "<more><trace/></more></log>",
    ])
    func `names count with their namespace, and what is foreign is passed over`(text: String) throws {
        let (traces, fault) = readTraces(text)
        #expect(fault == nil)
        try #require(traces.count == 1)
        #expect(traces[0].attributes.map(\.key) == ["k"])
        #expect(traces[0].events.count == 1)
    }

    @Test(arguments: ["<values>ITEMS</values>", "ITEMS"])
    func `a list's items stand in values, or bare in files of XES 1`(form: String) throws {
        let items = #"<int key="a" value="1"/><string key="b" value="2"/>"#
        let (traces, _) = readTraces(
            "<log><trace><list key='l'>\(form.replacing("ITEMS", with: items))</list></trace></log>")
        let list = try #require(traces.first?.attributes.first)
        #expect(list.kind == .list)
        #expect(list.values.map(\.key) == ["a", "b"])
        #expect(list.attributes.isEmpty)
        #expect(list.value == nil)
    }

    @Test func `other encodings are read`() throws {
        let text =
            "<?xml version='1.0' encoding='ISO-8859-1'?><log><trace><string key='k' value='\u{e9}'/></trace></log>"
        let bytes = text.unicodeScalars.map { UInt8($0.value) }
        let (traces, _) = readTraces(InputFile(bytes: bytes, name: "log.xes"))
        #expect(traces.first?.attributes.first?.value == "é")
    }

    @Test(
        arguments: [
            ("", InterchangeError.Code.truncated, nil), ("  \n ", .truncated, 2), ("<log>", .truncated, 1),
            ("<log><trace>\n<eve", .truncated, 2),
            ("\u{0}\u{1}\u{2}", .syntax, 1), ("{\"a\":1}", .syntax, 1), ("<html></html>", .unsupported, 1),
            ("<log></trace>", .syntax, 1),
            ("<log>\n<trace>\n</log>", .syntax, 3), ("<log/><log/>", .syntax, 1), ("<log>&nope;</log>", .syntax, 1),
            ("<log>\n<event/></log>", .unsupported, 2),
            ("<log><trace><event>\n<event/></event></trace></log>", .invalid, 2),
            ("<log><trace>\n<trace/></trace></log>", .invalid, 2),
            ("<log><trace>\n<String key='k' value='v'/></trace></log>", .invalid, 2),
            ("<log><trace><event>\n<double key='k' value='1'/></event></trace></log>", .invalid, 2),
            ("<log><trace><string key='a' value='b'>\n<text key='k' value='1'/></string></trace></log>", .invalid, 2),
            ("<log><trace>\n<string value='v'/></trace></log>", .missing, 2),
            ("<log><trace>\n<int key='k'/></trace></log>", .missing, 2),
            ("<log><trace>\n<string key='k' value='v' value='w'/></trace></log>", .syntax, 2),
            ("<log><trace>\n<string key='k' value='a<b'/></trace></log>", .syntax, 2),
            ("<log>\n<o:trace/></log>", .syntax, 2),
            ("<?xml version='1.0' encoding='EBCDIC-CP-US'?><log/>", .syntax, 1),
            ("<!DOCTYPE log><log/>", .unsupported, 1),
            ("<?xml version='1.0'?>\n<!DOCTYPE log SYSTEM '/etc/passwd'><log/>", .unsupported, 2),
        ] as [(String, InterchangeError.Code, Int?)])
    func `a broken log is refused with its line`(text: String, code: InterchangeError.Code, line: Int?) {
        let (traces, fault) = readTraces(text)
        #expect(traces.isEmpty)
        #expect(fault?.code == code, "\(String(describing: fault))")
        #expect(fault?.place.line == line)
        #expect(fault?.description.hasPrefix("log.xes") == true)
    }

    @Test func `an entity bomb is refused before it grows`() {
        var text = "<?xml version=\"1.0\"?>\n<!DOCTYPE log [\n<!ENTITY a0 \"ha\">\n"
        for level in 1...20 {
            text += "<!ENTITY a\(level) \"" + String(repeating: "&a\(level - 1);", count: 10) + "\">\n"
        }
        text += "]>\n<log><trace><string key=\"k\" value=\"&a20;\"/></trace></log>"
        let (traces, fault) = readTraces(text)
        #expect(traces.isEmpty)
        #expect(fault?.code == .unsupported)
        #expect(fault?.place.line == 2)
    }

    @Test func `complete traces before a fault are given first, and nothing after it`() throws {
        let good = "<trace><string key='concept:name' value='c'/></trace>\n"
        let text = "<log>\n" + String(repeating: good, count: 5000) + "<trace><event></trace>\n" + good + "</log>"
        var reader = XESReader(InputFile(bytes: Array(text.utf8), name: "log.xes"))
        for _ in 0..<5000 { #expect(try reader.next() != nil) }
        var fault: InterchangeError?
        do throws(InterchangeError) { _ = try reader.next() } catch { fault = error }
        #expect(fault?.place.line == 5002)
        #expect(fault?.place.column != nil)
        #expect(fault?.description.hasPrefix("log.xes:5002:") == true)
        #expect(try reader.next() == nil)
    }

    @Test(arguments: [1, 5, 20, 100])
    func `a half-written log gives its complete traces and says that it is cut off`(missing: Int) {
        let good = "<trace><string key='concept:name' value='c'/></trace>"
        let text = "<log>" + good + good + "<trace><event><string key='k' value='abcdefghijklmnopqrstuvwxyz'/></event>"
        let (traces, fault) = readTraces(String(text.dropLast(missing)))
        #expect(fault?.code == .truncated)
        #expect(traces.count == (missing < 100 ? 2 : 1))
    }

    @Test func `invalid UTF-8 is refused`() {
        var bytes = Array("<log><trace>\n<string key='k' value='".utf8)
        bytes += [0xc3, 0x28]
        bytes += Array("'/></trace></log>".utf8)
        let (_, fault) = readTraces(InputFile(bytes: bytes, name: "log.xes"))
        #expect(fault?.code == .syntax)
        #expect(fault?.place.line == 2)
    }

    @Test func `nesting, values, tags and traces have limits`() {
        let deep = String(repeating: "<string key='k' value='v'>", count: 200)
        #expect(readTraces("<log><trace>" + deep).fault?.code == .tooDeep)
        let foreign = "<log>" + String(repeating: "<x>", count: 100_000)
        #expect(readTraces(foreign).fault?.code == .tooDeep)
        let value = String(repeating: "v", count: (1 << 20) + 1)
        #expect(readTraces("<log><trace><string key='k' value='\(value)'/></trace></log>").fault?.code == .tooLarge)
        let most = readTraces("<log><trace><string key='k' value='\(value.dropLast())'/></trace></log>")
        #expect(most.fault == nil)
        #expect(most.traces.first?.attributes.first?.value?.utf8.count == 1 << 20)
        let comment = "<log><!--" + String(repeating: "-x", count: 6 << 20)
        #expect(readTraces(comment).fault?.code == .tooLarge)
        let full = "<string key='k' value='\(value.dropLast())'/>"
        let trace = readTraces("<log>\n<trace>" + String(repeating: full, count: 65) + "</trace></log>")
        #expect(trace.fault?.code == .tooLarge)
        #expect(trace.fault?.reason.contains("line 2") == true, "\(String(describing: trace.fault))")
    }

    @Test func `mutated logs are read or refused, and never stop the program`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of mutated logs: \(seed)")
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<3000 {
            var bytes = Array(Self.log.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1:
                    bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...20, using: &generator)))
                default: bytes.insert("<>/&;\"'=!".utf8.randomElement(using: &generator) ?? 0, at: index)
                }
            }
            let (traces, fault) = readTraces(InputFile(bytes: bytes, name: "log.xes"))
            if fault != nil { refused += 1 }
            #expect(traces.count <= 2, "seed \(seed)")
        }
        #expect(refused > 500)
        #expect(refused < 3000)
    }
}
