import EventFormat
import TestSupport
import Testing

@testable import Interchange

@Suite struct `writing CloudEvents` {
    private func recorded(_ event: Event, stream: StreamName = "permit-1") throws -> CloudEvent.Recorded {
        CloudEvent.Recorded(
            event: event, stream: stream, revision: 3, index: 42,
            recorded: try Timestamp(microseconds: 1_700_000_000_000_000))
    }

    private func write(_ event: Event, stream: StreamName = "permit-1") throws -> String {
        String(decoding: CloudEvent.write(try recorded(event, stream: stream)), as: UTF8.self)
    }

    private let id = "018f4e2a-0000-7000-8000-000000000001"

    @Test func `an event has the ledger's attributes and its data`() throws {
        let event = Event(
            id: try #require(EventID(uuid: id)), type: "t", source: "urn:s", occurred: try Timestamp(microseconds: 1),
            payload: .json("{\"n\": 1.0}"))
        let line = try write(event)
        #expect(
            line == #"{"specversion":"1.0","id":"\#(id)","source":"urn:s","type":"t","subject":"permit-1","#
                + #""time":"1970-01-01T00:00:00.000001Z","datacontenttype":"application/json","#
                + #""sequence":"00000000000000000042","recordedtime":"2023-11-14T22:13:20.000000Z","revision":"3","#
                + #""data":{"n": 1.0}}"#)
    }

    @Test(arguments: [
        "{\n}", " 1", "1 ", "{", "", "{\"a\":1,\"a\":2}", "\u{feff}1",
        String(repeating: "[", count: 128) + String(repeating: "]", count: 128),
    ])
    func `a payload that does not fit as data is written as Base64`(payload: String) throws {
        let event = Event(type: "t", source: "urn:s", payload: .json(payload))
        let line = try write(event)
        #expect(line.contains("data_base64"))
        #expect(!line.contains("\n"))
        #expect(try readEvent(line).event == event)
    }

    @Test func `random events are read back as they were`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of random events: \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let event = try randomEvent(&generator)
            let stream = try StreamName("s-" + text(&generator, 1...20))
            let line = try write(event, stream: stream)
            let again = try readEvent(line)
            #expect(again.event == event, "seed \(seed)")
            #expect(again.subject == stream.text, "seed \(seed)")
            #expect(!again.isKeptWhole)
            #expect(!line.utf8.contains(UInt8(ascii: "\n")))
        }
    }

    @Test(arguments: [
        eventText(id: "A-17"), eventText(#","traceparent":"00-ab","data": { "a" : 1.0 } "#),
        eventText(#","subject":"other","x":"y""#), eventText(#","subject":"permit-1","x":true"#),
        #" { "x" : 1 , "specversion":"1.0","id":"k" , "type":"t","source":"s" } "#,
        eventText(#","time":"2020-01-01T00:00:00.123456789+02:00""#), eventText(#","revision":"3","data":1"#),
        eventText(#","recordedstream":"foreign""#), eventText(#","correlationid":"free text","sequence":"7""#),
    ])
    func `an event that was kept whole is restored with its own attributes and read back the same`(text: String) throws
    {
        let event = try readEvent(text).event
        #expect(event.payload?.mediaType == CloudEvent.wholeMediaType)
        let line = try write(event)
        #expect(line.contains(#""sequence":"00000000000000000042""#))
        let again = try readEvent(line)
        #expect(again.event == event)
        #expect(again.subject == "permit-1")
    }

    @Test func `an id that is no UUID goes out as it came in`() throws {
        let line = try write(try readEvent(eventText(#","data":1"#, id: "A-17")).event)
        #expect(line.hasPrefix(String(eventText(#","data":1"#, id: "A-17").dropLast()) + #","sequence":"#))
        #expect(line.hasSuffix(#""recordedstream":"permit-1"}"#))
    }

    @Test func `an event whose time the ledger gave is restored without one`() throws {
        var event = try readEvent(eventText(id: "A-17")).event
        event.occurred = try recorded(event).recorded
        let again = try readEvent(try write(event))
        #expect(again.event.id == event.id)
        #expect(again.event.payload == event.payload)
    }

    @Test func `foreign attributes that bear the ledger's names are not lost`() throws {
        let event = try readEvent(eventText(#","sequence":"9""#)).event
        let line = try write(event)
        #expect(line.contains(#""data":{"specversion""#))
        #expect(try readEvent(line).event == event)
    }

    @Test func `a payload that only claims to be this event is written as a payload`() throws {
        let other = Payload(bytes: Array(eventText(id: "B-1").utf8), mediaType: CloudEvent.wholeMediaType)
        let event = Event(type: "forwarded", source: "urn:relay", payload: other)
        let line = try write(event)
        #expect(line.contains(#""type":"forwarded""#))
        #expect(try readEvent(line).event == event)
    }

    @Test func `the ledger's attributes are found wherever another program moved them`() throws {
        let ledger = #""sequence":"00000000000000000001","recordedtime":"2023-11-14T22:13:20.000000Z","revision":"0""#
        let plain = try readEvent("{" + ledger + "," + eventText(#","data":1"#).dropFirst())
        #expect(!plain.isKeptWhole)
        #expect(plain.event == (try readEvent(eventText(#","data":1"#)).event))
        let whole = try readEvent("{" + ledger + "," + eventText(#","data":1"#, id: "A-1").dropFirst())
        #expect(whole.event == (try readEvent(eventText(#","data":1"#, id: "A-1")).event))
    }

    @Test func `mutated events are refused, or written and read back the same`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of mutated events: \(seed)")
        var generator = SeededGenerator(seed: seed)
        let texts = [
            eventText(#","data":{"a":[1,"x"]},"subject":"s-1""#),
            eventText(#","time":"2020-01-01T00:00:00.5Z","data_base64":"AP8=","datacontenttype":"image/png""#),
            eventText(#","x":1,"sequence":"00000000000000000042","revision":"3","data":null"#, id: "A-17"),
            try write(try readEvent(eventText(#","subject":"p","x":1"#)).event),
            try write(Event(type: "t", source: "s")),
        ]
        var readCount = 0
        for round in 0..<20_000 {
            var bytes = Array(texts[round % texts.count].utf8)
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0x20...0x7e, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &generator)], at: index)
                }
            }
            guard let incoming = try? CloudEvent.read(bytes, at: .init(file: "test")) else { continue }
            readCount += 1
            let stream = try incoming.subject.map { subject throws(FormatError) in try StreamName(subject) } ?? "s-1"
            let again = try readEvent(try write(incoming.event, stream: stream))
            #expect(again.event == incoming.event, "seed \(seed), round \(round)")
            #expect(again.subject == stream.text, "seed \(seed), round \(round)")
        }
        #expect(readCount > 2000)
    }

    private func randomEvent(_ generator: inout SeededGenerator) throws -> Event {
        var payload: Payload?
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: payload = .json(#"{"a":[1e400,"é\n"]}"#)
        case 1: payload = .json(text(&generator, 0...30))
        case 2:
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            payload = Payload(bytes: bytes, mediaType: text(&generator, 1...20))
        case 3: payload = Payload(bytes: Array("null".utf8), mediaType: "application/problem+json")
        default: break
        }
        let moment = Int64.random(
            in: Timestamp.earliest.microseconds...Timestamp.latest.microseconds, using: &generator)
        return Event(
            type: text(&generator, 1...30), source: text(&generator, 1...30),
            occurred: Bool.random(using: &generator) ? try Timestamp(microseconds: moment) : nil, payload: payload,
            schema: Bool.random(using: &generator) ? text(&generator, 1...30) : nil,
            correlation: Bool.random(using: &generator) ? EventID() : nil,
            causation: Bool.random(using: &generator) ? EventID() : nil)
    }

    private func text(_ generator: inout SeededGenerator, _ length: ClosedRange<Int>) -> String {
        var text = ""
        let count = Int.random(in: length, using: &generator)
        while text.unicodeScalars.count < count {
            let limit: UInt32 = Int.random(in: 0..<4, using: &generator) == 0 ? 0x110000 : 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0x20..<limit, using: &generator)),
                !(0x7f...0x9f).contains(scalar.value)
            {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
