import Fetching
import Foundation
import Serving
import Synchronization
import TestSupport
import Testing

@Suite(.mayBlock) struct ServingTests {
    private let fetcher = Fetcher()

    private func post(_ url: String, _ body: [UInt8], limit: Int = 1 << 22) async throws -> FetchedAnswer {
        try await fetcher.post(
            url, contentType: "application/octet-stream", body: body, timeout: .seconds(20), limit: limit)
    }

    @Test(arguments: [0, 1, 4095, 4096, 65_536, 131_071, 131_072])
    func `a body of any size up to the limit arrives as it was sent`(count: Int) async throws {
        let server = try TestServer()
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 31) }
        let answer = try await post(server.url("/echo"), body)
        #expect(answer.status == 200)
        #expect(answer.body == body)
        #expect(answer.contentType == "application/octet-stream")
    }

    @Test(arguments: [131_073, 500_000, 2_000_000])
    func `a larger body is answered with 413`(count: Int) async throws {
        let server = try TestServer()
        let answer = try await post(server.url("/echo"), Array(repeating: 1, count: count))
        #expect(answer.status == 413)
        #expect(String(decoding: answer.body, as: UTF8.self) == "a body has at most 131072 bytes\n")
    }

    @Test func `a body that is announced as far too large is refused before it is sent`() throws {
        let server = try TestServer()
        let connection = try RawConnection(port: server.port)
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n")
        #expect(try RawConnection.answer(connection.receive(seconds: 5)).status == 413)
        #expect(server.exchanges.all.map(\.status) == [413])
    }

    @Test func `who asks before sending a body is refused when it is too large, and told to go on otherwise`() throws {
        let server = try TestServer { $0.bodyLimit = 100 }
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n"
        let refused = try RawConnection(port: server.port)
        refused.send("\(head)Content-Length: 101\r\n\r\n")
        #expect(try RawConnection.answer(refused.receive(seconds: 5)).status == 413)
        let taken = try RawConnection(port: server.port)
        taken.send("\(head)Content-Length: 100\r\n\r\n")
        #expect(taken.receive(until: "\r\n\r\n", seconds: 5) == "HTTP/1.1 100 Continue\r\n\r\n")
        taken.send(String(repeating: "x", count: 100))
        #expect(try RawConnection.answer(taken.receive(seconds: 5)).body.count == 100)
    }

    @Test func `a body in chunks is bounded as well`() throws {
        let server = try TestServer { $0.bodyLimit = 100 }
        func exchange(_ chunks: [Int]) throws -> RawConnection.Answer {
            let body = chunks.map { String($0, radix: 16) + "\r\n" + String(repeating: "x", count: $0) + "\r\n" }
                .joined()
            return try RawConnection.exchange(
                port: server.port,
                "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\(body)0\r\n\r\n"
            )
        }
        #expect(try exchange([60, 40]).body == String(repeating: "x", count: 100))
        #expect(try exchange([60, 41]).status == 413)
    }

    @Test func `an endless body is cut off`() throws {
        let server = try TestServer { $0.bodyLimit = 100 }
        let connection = try RawConnection(port: server.port)
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        var sent = 0
        while sent < 1 << 27, connection.send("1000\r\n" + String(repeating: "x", count: 4096) + "\r\n") {
            sent += 4096
        }
        #expect(sent < 1 << 24, "cut off after \(sent) bytes")
    }

    @Test(arguments: ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "get"])
    func `another method is answered with 405 and what is allowed`(method: String) throws {
        let server = try TestServer()
        let answer = try RawConnection.exchange(
            port: server.port, "\(method) /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == "GET, HEAD, POST")
    }

    @Test func `HEAD has the headers of GET and no body`() throws {
        let server = try TestServer()
        let get = try RawConnection.exchange(
            port: server.port, "GET /size/5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let head = try RawConnection.exchange(
            port: server.port, "HEAD /size/5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(get.body.utf8.count == 5)
        #expect(head.body.isEmpty)
        #expect(head.status == 200)
        #expect(head.headers["content-length"] == "5")
    }

    @Test func `the path comes as it was sent, without the query`() throws {
        let server = try TestServer()
        let answer = try RawConnection.exchange(
            port: server.port, "GET /a%2Fb%00/../c?d=e HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.body == "GET /a%2Fb%00/../c\n")
    }

    @Test(arguments: [
        ("http://example.org/a/b?c", "/a/b"), ("https://example.org:80/", "/"), ("http://example.org", "/"),
        ("/a?http://b/c", "/a"), ("/a://b/c", "/a://b/c"),
    ])
    func `a target with scheme and host is taken by its path`(target: String, path: String) throws {
        let server = try TestServer()
        _ = try RawConnection.exchange(
            port: server.port, "GET \(target) HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
        #expect(server.exchanges.all.map(\.path) == [path])
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
        "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n",
    ])
    func `what is no request is refused, and the server lives on`(request: String) async throws {
        let server = try TestServer()
        let connection = try RawConnection(port: server.port)
        connection.send(request)
        let text = connection.receive(until: "\r\n\r\n", seconds: 5)
        if !text.isEmpty { #expect((400...505).contains(try RawConnection.answer(text).status), "\(text)") }
        #expect(try await post(server.url("/echo"), [1]).body == [1])
    }

    @Test func `several requests come over one connection`() throws {
        let server = try TestServer()
        let connection = try RawConnection(port: server.port)
        for path in ["/a", "/b", "/c"] {
            connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(connection.receive(until: "GET \(path)\n").contains("404"))
        }
        #expect(server.exchanges.all.map(\.path) == ["/a", "/b", "/c"])
    }

    @Test func `many requests at a time are all answered`() async throws {
        let server = try TestServer()
        let url = server.url("/echo")
        let answers = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for number in 0..<200 {
                group.addTask { (number, try await post(url, Array("request \(number)".utf8)).body) }
            }
            return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 200)
        for (number, body) in answers { #expect(String(decoding: body, as: UTF8.self) == "request \(number)") }
        #expect(server.exchanges.all.count == 200)
    }

    @Test func `each answer is told with what was asked`() async throws {
        let server = try TestServer()
        _ = try await post(server.url("/echo"), [1, 2, 3])
        _ = try RawConnection.exchange(
            port: server.port, "PUT /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        let told = server.exchanges.all
        #expect(told.map(\.method) == ["POST", "PUT"])
        #expect(told.map(\.path) == ["/echo", "/x"])
        #expect(told.map(\.status) == [200, 405])
        #expect(told.map(\.received) == [3, 0])
        #expect(told.map(\.client) == ["127.0.0.1", "127.0.0.1"])
    }

    @Test func `an address in IPv6 is listened at`() throws {
        let server: TestServer
        do { server = try TestServer { $0.address = "::1" } } catch let error as ServingError {
            #expect(error == ServingError(.noSuchAddress, ""), "this machine has no IPv6")
            return
        }
        #expect(server.server.url == "http://[::1]:\(server.port)")
        let answer = try RawConnection.exchange(
            port: server.port, "GET /six HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", overIPv6: true)
        #expect(answer.body == "GET /six\n")
        #expect(server.exchanges.all.first?.client == "::1")
    }

    @Test func `a place where nobody can listen is said`() throws {
        let server = try TestServer()
        #expect(throws: ServingError(.addressInUse, "")) { try TestServer { $0.port = server.port } }
        #expect(throws: ServingError(.invalid, "")) { try TestServer { $0.address = "localhost" } }
        #expect(throws: ServingError(.noSuchAddress, "")) { try TestServer { $0.address = "192.0.2.1" } }
        #expect(throws: ServingError(.invalid, "")) { try TestServer { $0.threads = 0 } }
    }
}
