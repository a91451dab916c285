import JSON
import Testing

@Suite struct `values of a JSON document` {
    @Test(arguments: ["1e400", "12345678901234567890", "-0", "0.10", "1E+05", "-1.50e-3"])
    func `a number keeps its text`(text: String) throws {
        let document = try JSONDocument("{\"n\": \(text) }")
        let position = try #require(document.find("/n"))
        #expect(document.number(at: position) == text)
        #expect(document.value(at: position) == .number(text))
        #expect(document.value(at: document.root).text == "{\"n\":\(text)}")
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e2", nil), ("\"1\"", nil),
            ("true", nil),
        ] as [(String, Int64?)])
    func `an integer is given only when it is exact`(text: String, value: Int64?) throws {
        let document = try JSONDocument(text)
        #expect(document.integer(at: document.root) == value)
    }

    @Test func `doubles are the nearest, and none beyond the range`() throws {
        let document = try JSONDocument("[1.5, 1e400, \"1\"]")
        let values = (document.elements(at: document.root) ?? []).map { document.double(at: $0) }
        #expect(values == [1.5, nil, nil])
    }

    @Test func `strings are unescaped`() throws {
        let document = try JSONDocument(#""a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000z""#)
        #expect(document.string(at: document.root) == "a\"\\/\u{8}\u{c}\n\r\té😀\u{0}z")
    }

    @Test func `a value's source is what was written`() throws {
        let text = #"{ "a" : { "b" : [1.0, "\u0061"] } , "c":null}"#
        let document = try JSONDocument(text)
        let inner = try #require(document.find("/a"))
        #expect(String(decoding: document.source(at: inner), as: UTF8.self) == #"{ "b" : [1.0, "\u0061"] }"#)
        let members = try #require(document.members(at: document.root))
        #expect(members.map(\.key) == ["a", "c"])
        #expect(String(decoding: document.bytes[members[1].range], as: UTF8.self) == #""c":null"#)
    }

    @Test func `asking for another kind gives nil`() throws {
        let document = try JSONDocument("[1]")
        #expect(document.string(at: document.root) == nil)
        #expect(document.bool(at: document.root) == nil)
        #expect(document.members(at: document.root) == nil)
        #expect(document.number(at: document.root) == nil)
        #expect(document.kind(at: document.root) == .array)
    }

    @Test func `a document can be loaded again, and is null after a bad text`() throws {
        var document = try JSONDocument("{\"a\":1}")
        try document.reload(Array("{\"a\":[true]}".utf8).span)
        #expect(document.find("/a/0").flatMap { document.bool(at: $0) } == true)
        #expect(throws: JSONError.self) { try document.reload(Array("{".utf8).span) }
        #expect(document.kind(at: document.root) == .null)
        #expect(document.find("/a") == nil)
    }
}

@Suite struct `JSON pointers` {
    /// The example document and pointers of RFC 6901 §5.
    static let example = #"""
        {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}
        """#

    @Test(arguments: [
        ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
        ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
    ])
    func `the examples of RFC 6901 are found`(pointer: String, expected: String) throws {
        let document = try JSONDocument(Self.example)
        let position = try #require(document.find(try JSONPointer(pointer)))
        #expect(document.value(at: position).text == expected)
        #expect(try JSONValue(Self.example)[pointer: try JSONPointer(pointer)]?.text == expected)
    }

    @Test(arguments: [
        "/bar", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/bar", "/foo/0/x", "/foo/99999999999999999999",
    ])
    func `what is not there is nil`(pointer: String) throws {
        let document = try JSONDocument(Self.example)
        let path = try JSONPointer(pointer)
        #expect(document.find(path) == nil)
        #expect(document.value(at: document.root)[pointer: path] == nil)
    }

    @Test(arguments: ["foo", "/~", "/~2", "/a~", "#/foo"])
    func `a text that is no pointer is refused`(pointer: String) {
        let error = #expect(throws: JSONError.self) { try JSONPointer(pointer) }
        #expect(error?.code == .invalidPointer)
    }

    @Test func `the empty pointer names the whole value, and keys with escapes are found`() throws {
        let document = try JSONDocument(#"{"\u0061":{"b":7}}"#)
        #expect(document.find("") == document.root)
        let inner = try #require(document.find("/a"))
        #expect(document.find("/b", from: inner).flatMap { document.integer(at: $0) } == 7)
    }

    @Test func `keys that only look alike are different`() throws {
        let document = try JSONDocument("{\"e\u{301}\":1,\"\u{e9}\":2}")
        let composed: JSONPointer = "/\u{e9}"
        #expect(document.find(composed).flatMap { document.integer(at: $0) } == 2)
        #expect(document.value(at: document.root)[pointer: composed] == .number("2"))
    }
}
