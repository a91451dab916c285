import Testing

@testable import EventFormat

struct StreamNameTests {
    static let long = String(repeating: "x", count: 255)

    @Test(arguments: ["a", "application-0198c0de", " ", "-", "Baugesuch Zürich", "😀", "a\u{a0}b", long])
    func `a text of 1 to 255 bytes without control characters is a stream name`(text: String) throws {
        #expect(try StreamName(text).description == text)
    }

    static let refused: [(text: String, reason: String)] = [
        ("", "the stream is empty; it needs 1 to 255 bytes"),
        (long + "x", "the stream has 256 bytes; at most 255 are allowed"),
        (String(repeating: "é", count: 128), "the stream has 256 bytes; at most 255 are allowed"),
        ("a\u{0}", "the stream has the control character U+0; control characters are refused"),
        ("a\nb", "the stream has the control character U+A; control characters are refused"),
        ("\r\n", "the stream has the control character U+D; control characters are refused"),
        ("\u{1b}[2J", "the stream has the control character U+1B; control characters are refused"),
        ("\u{7f}", "the stream has the control character U+7F; control characters are refused"),
        ("\u{80}", "the stream has the control character U+80; control characters are refused"),
        ("a\u{9f}", "the stream has the control character U+9F; control characters are refused"),
    ]

    @Test(arguments: refused)
    func `another text is refused with what is wrong with it`(row: (text: String, reason: String)) {
        let error = #expect(throws: FormatError.self) { try StreamName(row.text) }
        #expect(error?.description == row.reason)
    }

    @Test(arguments: [
        ("application-0198", "application"), ("ledger", "ledger"), ("ledger-x-y", "ledger"), ("-x", ""), ("a-", "a"),
        ("zürich-1", "zürich"), ("a-\u{301}b", "a"), ("a\u{2010}b", "a\u{2010}b"),
    ])
    func `the category is what stands before the first hyphen byte`(row: (name: String, category: String)) throws {
        #expect(try StreamName(row.name).category == row.category[...])
    }

    @Test func `two spellings of one character are two streams`() throws {
        let names = try ["caf\u{e9}-1", "cafe\u{301}-1", "caf\u{e9}-1"].map { try StreamName($0) }
        #expect(names[0].text == names[1].text)
        #expect(names[0] != names[1] && names[0] == names[2])
        #expect(Set(names).count == 2)
        #expect((names[0] < names[1]) != (names[1] < names[0]))
    }

    @Test func `names sort as their bytes do`() throws {
        let names = try ["\u{ff5e}", "😀", "b", "a", "aa", "Z", "é"].map { try StreamName($0) }
        let byBytes = names.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        #expect(names.sorted() == byBytes)
        #expect(names.sorted().map(\.text) == ["Z", "a", "aa", "b", "é", "\u{ff5e}", "😀"])
    }
}

struct OriginTests {
    @Test(arguments: [
        "a", "records.example.gov", "records.example.gov/permits", "x-1.example/a/b.c/d_e~f-", "9.8.7", "a/-", "a/...",
        "a/" + String(repeating: "x", count: 253), "xn--mgba3a.example",
    ])
    func `a lowercase URL without its scheme is an origin`(text: String) throws {
        #expect(try Origin(text).description == text)
    }

    @Test(arguments: [
        "", "/", "a/", "/a", "a//b", "a/./b", "a/..", "https://records.example.gov", "Records.example.gov",
        "records.example.gov/Permits", "records.example.gov:8080", "records..gov", ".gov", "gov.", "-a.gov", "a-.gov",
        "a.-b", "a b", "a+b", "a/b c", "a/b+c", "a/b%20c", "a/b?c", "a/b#c", "a_b.gov", "bücher.example", "a/é",
        "a\n", "a/\u{301}b", "a.\u{301}b", "a/\u{1b}[2J",
    ])
    func `another text is refused and shown without its control characters`(text: String) {
        let error = #expect(throws: FormatError.self) { try Origin(text) }
        let shown = text.escapingControls
        #expect(
            error?.description
                == "\"\(shown)\" is no origin; write a lowercase URL without its scheme, "
                + "such as records.example.gov/permits"
        )
    }

    @Test func `an origin of 256 bytes is refused with its length`() {
        let error = #expect(throws: FormatError(.tooLarge, "")) { try Origin(String(repeating: "a", count: 256)) }
        #expect(error?.description == "the origin has 256 bytes; at most 255 are allowed")
    }
}

struct EventRulesTests {
    private static let valid = Event(
        type: "application.received", source: "/intake", payload: .json("{}"), schema: "urn:x:1")

    private static func changed(_ change: (inout Event) -> Void) -> Event {
        var event = valid
        change(&event)
        return event
    }

    @Test func `an event at every limit is valid`() throws {
        let event = EventRulesTests.changed {
            $0.type = String(repeating: "t", count: 255)
            $0.source = String(repeating: "s", count: 2048)
            $0.schema = String(repeating: "u", count: 2048)
            $0.payload = Payload(
                bytes: Array(repeating: 0, count: 1 << 20), mediaType: String(repeating: "m", count: 255))
        }
        try event.validate()
        try EventRulesTests.valid.validate()
    }

    static let refused: [(event: Event, reason: String)] = [
        (changed { $0.type = "" }, "the type is empty; it needs 1 to 255 bytes"),
        (
            changed { $0.type = String(repeating: "t", count: 256) }, "the type has 256 bytes; at most 255 are allowed"
        ),
        (changed { $0.type = "a\tb" }, "the type has the control character U+9; control characters are refused"),
        (changed { $0.source = "" }, "the source is empty; it needs 1 to 2048 bytes"),
        (
            changed { $0.source = String(repeating: "s", count: 2049) },
            "the source has 2049 bytes; at most 2048 are allowed"
        ),
        (changed { $0.source = "\u{85}" }, "the source has the control character U+85; control characters are refused"),
        (changed { $0.schema = "" }, "the schema is empty; it needs 1 to 2048 bytes"),
        (
            changed { $0.schema = String(repeating: "s", count: 2049) },
            "the schema has 2049 bytes; at most 2048 are allowed"
        ),
        (changed { $0.payload?.mediaType = "" }, "the media type is empty; it needs 1 to 255 bytes"),
        (
            changed { $0.payload?.mediaType = String(repeating: "m", count: 256) },
            "the media type has 256 bytes; at most 255 are allowed"
        ),
        (
            changed { $0.payload?.bytes = Array(repeating: 0, count: 1_048_577) },
            "the payload has 1048577 bytes; at most 1048576 are allowed: "
                + "keep larger contents elsewhere and name them by digest"
        ),
    ]

    @Test(arguments: refused.indices)
    func `an event that the format excludes is refused with the field that is wrong`(position: Int) {
        let row = EventRulesTests.refused[position]
        let error = #expect(throws: FormatError.self) { try row.event.validate() }
        #expect(error?.description == row.reason)
    }

    @Test func `writer and decoder agree on every scalar below U+0100 and the first beyond`() throws {
        for value in Array(UInt32(0)...0x100) + [0x7ff, 0x800, 0xffff, 0x1_0000, 0x10_ffff] {
            let text = "a" + String(try #require(Unicode.Scalar(value))) + "b"
            let isName = (try? StreamName(text)) != nil
            let raw = RawEntry.full.with(4, RawEntry.text(Array(text.utf8)))
            let isDecoded = (try? decoding(raw.bytes).get()) != nil
            #expect(isName == isDecoded, "U+\(String(value, radix: 16))")
            #expect(isName == !(value < 0x20 || (0x7f...0x9f).contains(value)), "U+\(String(value, radix: 16))")
        }
    }
}

struct EscapingTests {
    @Test(arguments: [
        ("", ""), ("plain text", "plain text"), ("Zürich 😀 日本", "Zürich 😀 日本"), ("a\nb\r\n", #"a\u{a}b\u{d}\u{a}"#),
        ("\u{1b}[31m", #"\u{1b}[31m"#), ("\u{0}\u{7f}\u{85}", #"\u{0}\u{7f}\u{85}"#),
        ("a\u{202e}b\u{2066}", #"a\u{202e}b\u{2066}"#), ("a\u{200b}\u{feff}\u{ad}", #"a\u{200b}\u{feff}\u{ad}"#),
        ("\u{2028}\u{2029}", #"\u{2028}\u{2029}"#), ("\u{e0001}", #"\u{e0001}"#), ("e\u{301}", "e\u{301}"),
        ("\u{378}", #"\u{378}"#), (#"back\slash"#, #"back\slash"#),
    ])
    func `what a terminal acts on or a reader cannot see is written out`(row: (text: String, shown: String)) {
        #expect(Array(row.text.escapingControls.utf8) == Array(row.shown.utf8))
    }

    @Test func `ends of lines and tabulators of a text stay, what else a terminal acts on is written out`() {
        #expect(
            "a\tb\n\u{1b}[2J\r\u{9b}\u{202e}\n".escapingForTerminal == "a\tb\n" + #"\u{1b}[2J\u{d}\u{9b}\u{202e}"#
                + "\n")
    }

    @Test func `no control character is left of any scalar`() {
        var text = ""
        for value in UInt32(0)...0xffff { if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) } }
        #expect(text.escapingControls.unicodeScalars.allSatisfy { !FieldRules.isControl($0.value) })
    }
}
