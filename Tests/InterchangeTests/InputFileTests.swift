import Digests
import Testing

@testable import Interchange

@Suite struct `input files` {
    /// What gzip wrote for "hello\n".
    private static let hello = Hex.decode("1f8b0800000000000003cb48cdc9c9e7020020303a3606000000") ?? []

    @Test func `a plain file and a compressed one give the same bytes`() throws {
        let folder = TemporaryFolder()
        let plain = folder.write(Array("hello\n".utf8), as: "plain")
        let compressed = folder.write(Self.hello, as: "without-a-suffix")
        #expect(try contents(ofFile: plain) == Array("hello\n".utf8))
        #expect(try contents(ofFile: compressed) == Array("hello\n".utf8))
    }

    @Test func `members of gzip follow one another`() throws {
        #expect(try contents(of: Self.hello + Self.hello + Self.hello) == Array("hello\nhello\nhello\n".utf8))
    }

    @Test(arguments: 2..<26)
    func `gzip that is cut off is refused`(count: Int) {
        let error = #expect(throws: InterchangeError.self) { try contents(of: Array(Self.hello.prefix(count))) }
        #expect(error?.code == .truncated)
        #expect(error?.reason.contains("gzip") == true)
        #expect(error?.description.hasPrefix("test: ") == true)
        var lines = LineReader(InputFile(bytes: Array(Self.hello.prefix(count)), name: "test"))
        let located = #expect(throws: InterchangeError.self) { while try lines.next() != nil {} }
        #expect([1, 2].contains(located?.place.line))
    }

    @Test func `gzip that is cut off in its second member is refused`() {
        for count in 1..<Self.hello.count {
            let bytes = Self.hello + Self.hello.prefix(count)
            #expect(throws: InterchangeError(.truncated, "", at: .init(file: ""))) { try contents(of: bytes) }
        }
    }

    @Test(arguments: [2, 10, 12, 18, 19, 22, 25])
    func `damaged gzip is refused`(offset: Int) {
        var bytes = Self.hello
        bytes[offset] ^= 0xff
        let error = #expect(throws: InterchangeError.self) { try contents(of: bytes) }
        #expect(error?.code == .corrupt || error?.code == .truncated)
    }

    @Test func `bytes behind gzip are refused`() {
        let error = #expect(throws: InterchangeError.self) { try contents(of: Self.hello + Array("more".utf8)) }
        #expect(error?.code == .corrupt)
        #expect(error?.reason.contains("after a complete part") == true)
    }

    @Test func `files of less than two bytes are plain`() throws {
        #expect(try contents(of: []) == [])
        #expect(try contents(of: [0x1f]) == [0x1f])
    }

    @Test(arguments: [131_071, 131_072, 131_073, 400_000])
    func `chunks join to the whole file`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let folder = TemporaryFolder()
        #expect(try contents(ofFile: folder.write(bytes, as: "large")) == bytes)
        #expect(try contents(of: bytes) == bytes)
    }

    @Test func `a file that is not there and a directory are named`() {
        let absent = #expect(throws: InterchangeError.self) { try InputFile(path: "/nonexistent/x.jsonl").name }
        #expect(absent?.code == .unreadable)
        #expect(absent?.description.contains("/nonexistent/x.jsonl") == true)
        let folder = #expect(throws: InterchangeError.self) { try contents(ofFile: "/") }
        #expect(folder?.reason.contains("directory") == true)
    }
}

@Suite struct `reading lines` {
    private func lines(_ text: String) throws(InterchangeError) -> [String] {
        var reader = LineReader(InputFile(bytes: Array(text.utf8), name: "test"))
        var lines: [String] = []
        while let line = try reader.next() {
            lines.append("\(line.number):" + String(decoding: line.bytes, as: UTF8.self))
        }
        return lines
    }

    @Test(arguments: [
        ("", []), ("\n", ["1:"]), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\r\nb", ["1:a", "2:b"]),
        ("a\n\nb\n", ["1:a", "2:", "3:b"]), ("a\rb\n", ["1:a\rb"]), ("\r\n", ["1:"]), ("a\r", ["1:a"]),
    ])
    func `lines end in LF, CRLF or the file`(text: String, expected: [String]) throws {
        #expect(try lines(text) == expected)
    }

    @Test func `a line of the largest length is read and a longer one named`() throws {
        let longest = String(repeating: "x", count: LineReader.maximumByteCount)
        let read = try lines("a\n" + longest + "\r\nb")
        #expect(read.count == 3)
        #expect(read[1].utf8.count == LineReader.maximumByteCount + 2)
        for ending in ["", "\n", "\r\n"] {
            let error = #expect(throws: InterchangeError.self) { try lines("a\n" + longest + "x" + ending) }
            #expect(error?.code == .tooLarge)
            #expect(error?.place.line == 2)
        }
    }
}
