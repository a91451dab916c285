import JSON
import Testing

@Suite struct `reading JSON` {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "12", "-12", "1.5", "1e400", "1E+2", "1e-2", "-0.0e0",
        "12345678901234567890",
        "\"\"", "\"a\"", "[]", "{}", "[1]", "[1,2]", "{\"a\":1}", "{\"\":0}", " [ 1 , 2 ] ", "\t\r\n1\n", "[[[]]]",
        "{\"a\":{\"b\":[{}]}}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\u00e9\"", "\"\\uD83D\\uDE00\"",
        "\"é😀\"", "\"\u{7f}\"", "\"\u{2028}\"", "\"\u{ffff}\"", "[null,true,false,\"x\",-1.0e1]", "{\"a\":1,\"A\":2}",
        "{\"e\u{301}\":1,\"\u{e9}\":2}",
    ])
    func `a valid text is read and its source kept`(text: String) throws {
        let document = try JSONDocument(text)
        let trimmed = String(decoding: document.source(at: document.root), as: UTF8.self)
        #expect(text.contains(trimmed))
        #expect(trimmed.utf8.first.map { !" \t\r\n".utf8.contains($0) } == true)
        let value = try JSONValue(text)
        #expect(try JSONValue(value.text) == value)
    }

    @Test(arguments: [
        ("", JSONError.Code.truncated), (" ", .truncated), ("[", .truncated), ("{", .truncated), ("[1", .truncated),
        ("{\"a\"", .truncated), ("{\"a\":", .truncated), ("{\"a\":1", .truncated), ("\"a", .truncated),
        ("tru", .truncated),
        ("-", .truncated), ("1.", .truncated), ("1e", .truncated), ("1e+", .truncated), ("\"\\", .truncated),
        ("\"\\u12", .truncated), ("nul ", .syntax), ("TRUE", .syntax), ("NaN", .syntax), ("Infinity", .syntax),
        ("+1", .syntax), (".5", .syntax), ("01", .syntax), ("-01", .syntax), ("00", .syntax), ("1.e1", .syntax),
        ("1e5.2", .trailingText), ("0x10", .trailingText), ("--1", .syntax), ("- 1", .syntax), ("[1,]", .syntax),
        ("[,1]", .syntax), ("[1 2]", .syntax), ("[1,,2]", .syntax), ("{,}", .syntax), ("{\"a\":1,}", .syntax),
        ("{a:1}", .syntax), ("{'a':1}", .syntax), ("{\"a\" 1}", .syntax), ("{\"a\"::1}", .syntax), ("{1:1}", .syntax),
        ("[}", .syntax), ("{]", .syntax), ("[1}", .syntax), ("]", .syntax), ("'a'", .syntax), ("\"a\tb\"", .syntax),
        ("\"a\nb\"", .syntax), ("\"\\x41\"", .syntax), ("\"\\u12G4\"", .syntax), ("\"\\'\"", .syntax),
        ("// c\n1", .syntax), ("/* c */1", .syntax), ("1 2", .trailingText), ("{}{}", .trailingText),
        ("null,", .trailingText), ("[]]", .trailingText), ("\u{feff}1", .syntax), ("\u{a0}1", .syntax),
        ("\"\\uD800\"", .invalidText), ("\"\\uDC00\"", .invalidText), ("\"\\uD800\\u0041\"", .invalidText),
        ("\"\\uD800\\uD800\"", .invalidText), ("\"\\uD800x\"", .invalidText),
        ("{\"a\":1,\"a\":1}", .duplicateKey), ("{\"a\":1,\"\\u0061\":2}", .duplicateKey),
        ("{\"x\":{\"b\":1,\"c\":2,\"b\":3}}", .duplicateKey),
    ])
    func `an invalid text is refused`(text: String, code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
        #expect(error?.code == code)
        #expect((error?.offset ?? -1) >= 0)
        #expect((error?.offset ?? 0) <= text.utf8.count)
    }

    @Test(
        arguments: [
            [0x80], [0xc0, 0xaf], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80],
            [0xf0, 0x80, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98],
            [0xe2, 0x28, 0xa1],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused where they stand`(bytes: [UInt8]) {
        let text = Array("[\"é".utf8) + bytes + Array("\"]".utf8)
        let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
        #expect(error?.code == .invalidText)
        #expect(error?.offset == 4)
        #expect(error?.column == 4)
    }

    @Test func `the last allowed level of nesting is read and the next refused`() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = open == "[" ? "" : "1"
            let text = { (depth: Int) in
                String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
            }
            _ = try JSONValue(text(128))
            #expect(throws: JSONError.self) { try JSONDocument(text(129)) }
        }
        let bomb = String(repeating: "[", count: 1_000_000)
        let error = #expect(throws: JSONError.self) { try JSONDocument(bomb) }
        #expect(error?.code == .tooDeep)
    }

    @Test func `a duplicate among many keys is found, whatever its escapes`() throws {
        let keys = (0..<100).map { "\"key\($0)\":\($0)" }
        _ = try JSONDocument("{" + keys.joined(separator: ",") + "}")
        let error = #expect(throws: JSONError.self) {
            try JSONDocument("{" + keys.joined(separator: ",") + ",\"\\u006bey7\":0}")
        }
        #expect(error?.code == .duplicateKey)
        #expect(error?.reason.contains("\"key7\"") == true)
    }

    @Test func `an error names line and column and says what is needed`() throws {
        let error = #expect(throws: JSONError.self) { try JSONDocument("{\n  \"é\": tru\n}") }
        #expect(error?.line == 2)
        #expect(error?.column == 11)
        #expect(error?.description.contains("\"true\"") == true)
        #expect(error?.description.contains("line 2, column 11") == true)
    }

    @Test func `a byte order mark is named`() {
        let error = #expect(throws: JSONError.self) { try JSONDocument("\u{feff}{}") }
        #expect(error?.reason.contains("byte order mark") == true)
    }

    @Test func `every byte at every place of a string is looked at`() {
        for count in 1...24 {
            for place in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                    text[place] = byte
                    let json = [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]
                    // An `a` behind a quotation mark is one too many, and `\\a` and a lone `\\` are no escapes.
                    let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
                    let document = try? JSONDocument(json)
                    #expect((document != nil) == isPlain, "byte \(byte) at \(place) of \(count)")
                    if let document { #expect(document.string(at: document.root)?.utf8.elementsEqual(text) == true) }
                }
            }
        }
    }
}
