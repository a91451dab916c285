import Digests
import EventFormat
import Testing

@Suite struct ContentNameTests {
    private let empty = ContentName(of: [UInt8]().span)

    private func names(_ text: String, _ mediaType: String = "application/json") -> [ContentName] {
        ContentName.names(in: Array(text.utf8).span, mediaType: mediaType.utf8.span)
    }

    @Test func `a name is the URI of RFC 6920 and reads back`() throws {
        // The SHA-256 of nothing, and the example of RFC 6920 §8.1, "Hello World!".
        #expect(empty.text == "ni:///sha-256;47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")
        let hello = ContentName(of: Array("Hello World!".utf8).span)
        #expect(hello.text == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk")
        #expect(ContentName(hello.text) == hello)
        #expect(hello.text.utf8.count == ContentName.byteCount)
    }

    @Test func `every other spelling is refused`() {
        let text = empty.text
        for other in [
            "", text + " ", String(text.dropLast()), text + "=", text.uppercased(), "ni://a/sha-256;" + text.suffix(43),
            "ni:///sha-256;" + String(repeating: "A", count: 42) + "B", text.replacing("-", with: "+"),
        ] { #expect(ContentName(other) == nil, "\(other)") }
    }

    @Test func `every digest has one name, and names sort as digests do`() {
        var names: [ContentName] = []
        for number in 0..<500 { names.append(ContentName(of: Array("\(number)".utf8).span)) }
        for name in names { #expect(ContentName(name.text) == name) }
        #expect(names.sorted().map(\.digest.hex) == names.map(\.digest.hex).sorted())
    }

    @Test func `a payload names what its members content say, at any depth and place`() {
        let text = empty.text
        #expect(names(#"{"content":"\#(text)"}"#) == [empty])
        #expect(names(#"{"a":[{"b":{"x":1,"content"\#n:\#t "\#(text)"}},{ "content":"\#(text)"}]}"#) == [empty, empty])
        #expect(names(#"{"content":"\#(text.replacing("/", with: #"\/"#))"}"#) == [empty])
        #expect(names(#"{"content":"\#(text)"}"#, "application/vnd.case+json") == [empty])
        for shift in 0..<24 {
            let filler = String(repeating: ";", count: shift)
            #expect(names(#"{"f":"\#(filler)","content":"\#(text)"}"#) == [empty], "behind \(shift) semicolons")
        }
    }

    @Test func `text that only looks like a name is none`() {
        let text = empty.text
        for payload in [
            text, #""\#(text)""#, #"{"remark":"\#(text)"}"#, #""content":"\#(text)""#, #"{"content":"\#(text)"#,
            #"{"content":\#(text)"}"#, #"{"content","\#(text)"}"#, #"{"content":"\#(text)x"}"#,
            #"\"content":"\#(text)""#,
            #"{"x":"\"content\":\"\#(text)\""}"#, #"{"mycontent":"\#(text)"}"#,
        ] { #expect(names(payload) == [], "\(payload)") }
        for mediaType in ["text/plain", "application/xml", "application/json; charset=utf-8", "json", ""] {
            #expect(names(#"{"content":"\#(text)"}"#, mediaType) == [], "\(mediaType)")
        }
    }

    @Test func `a payload cut anywhere, or with any byte changed, is read without a trap`() {
        let whole = Array(#"{"a":";","content" : "\#(empty.text)"}"#.utf8)
        for end in 0...whole.count {
            let part = Array(whole[..<end])
            let found = ContentName.names(in: part.span, mediaType: "application/json".utf8.span)
            #expect(found.count == (end >= whole.count - 1 ? 1 : 0))
        }
        for place in whole.indices {
            for bit in 0..<8 {
                var other = whole
                other[place] ^= 1 << bit
                let found = ContentName.names(in: other.span, mediaType: "application/json".utf8.span)
                #expect(found.count <= 1)
            }
        }
    }
}
