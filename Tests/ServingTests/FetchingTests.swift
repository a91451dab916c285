import Fetching
import Foundation
import Serving
import TestSupport
import Testing

@Suite(.mayBlock) struct FetchingTests {
    private let fetcher = Fetcher()

    private func get(
        _ url: String, timeout: Duration = .seconds(20), limit: Int = 1 << 20
    ) async throws(FetchingError) -> FetchedAnswer {
        try await fetcher.get(url, timeout: timeout, limit: limit)
    }

    private func code(_ url: String, timeout: Duration = .seconds(20), limit: Int = 1 << 20) async -> FetchingError
        .Code?
    {
        do throws(FetchingError) {
            _ = try await get(url, timeout: timeout, limit: limit)
            return nil
        } catch { return error.code }
    }

    @Test(arguments: [0, 1, 100_000, 1 << 20])
    func `an answer up to the limit is taken`(count: Int) async throws {
        let server = try TestServer()
        #expect(try await get(server.url("/size/\(count)")).body.count == count)
    }

    @Test(arguments: [(1, 0), (101, 100), (1 << 20 | 1, 1 << 20), (50_000_000, 1000)])
    func `a larger answer is refused`(count: Int, limit: Int) async throws {
        let server = try TestServer()
        #expect(await code(server.url("/size/\(count)"), limit: limit) == .tooLarge)
    }

    @Test func `every status is an answer, and one that is not expected is said`() async throws {
        let server = try TestServer()
        let answer = try await get(server.url("/nothing"))
        #expect(answer.status == 404)
        #expect(answer.contentType == "text/plain; charset=utf-8")
        do throws(FetchingError) {
            _ = try answer.body(expecting: 200)
            Issue.record("404 is not 200")
        } catch {
            #expect(error.code == .status)
            #expect(error.reason == "\(server.url("/nothing")) answered with the status 404: GET /nothing")
        }
    }

    @Test(arguments: [
        "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"", "401 Unauthorized\r\nWWW-Authenticate: Negotiate",
        "401 Unauthorized", "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"a\"",
    ])
    func `who asks for a password has answered, and is not waited for`(head: String) async throws {
        let server = try ScriptedServer(["HTTP/1.1 \(head)\r\nContent-Length: 4\r\n\r\nwho?"], pause: 0)
        let answer = try await get(server.url, timeout: .seconds(5))
        #expect(answer.status == (head.hasPrefix("401") ? 401 : 407))
        #expect(String(decoding: answer.body, as: UTF8.self) == "who?")
        let post = try await fetcher.post(
            server.url, contentType: "text/plain", body: [1], timeout: .seconds(5), limit: 100)
        #expect(post.status == answer.status)
    }

    @Test(arguments: [
        "", "no", "ftp://example.org/", "file:///etc/passwd", "http://", "http:///a", "http://user@localhost/",
        "http://user:secret@localhost/", "http://localhost/#a", "http://a b/", "//localhost/", "http://[::1]/",
    ])
    func `what is no URL to fetch is refused`(text: String) async {
        #expect(await code(text) == .invalidURL)
        #expect(throws: FetchingError(.invalidURL, "")) { try Fetcher.check(text) }
    }

    @Test func `a name that leads nowhere, and a port where nobody listens, are told apart`() async throws {
        #expect(await code("http://nowhere.invalid/") == .nameNotFound)
        let server = try TestServer()
        let url = server.url("/")
        server.server.stop()
        #expect(await code(url) == .notReached)
    }

    @Test func `a server that does not answer is given up`() async throws {
        let server = try TestServer { _ in
        } handler: { _ in
            Thread.sleep(forTimeInterval: 2)
            return .text(200, "late")
        }
        let began = ContinuousClock.now
        #expect(await code(server.url("/"), timeout: .milliseconds(300)) == .timedOut)
        #expect(began.duration(to: .now) < .milliseconds(1800))
    }

    @Test func `an answer that trickles is given up as well`() async throws {
        let server = try ScriptedServer(
            ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"] + Array(repeating: "x", count: 50), pause: 0.1)
        #expect(await code(server.url, timeout: .seconds(1)) == .timedOut)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "",
        "this is no HTTP\r\n\r\n",
    ])
    func `an answer that breaks off or is none is an error`(text: String) async throws {
        let server = try ScriptedServer([text], pause: 0)
        let code = try #require(await code(server.url, timeout: .seconds(5)))
        #expect([.connectionLost, .failed].contains(code), "\(code)")
    }

    @Test func `a task that is cancelled does not wait`() async throws {
        let server = try ScriptedServer([""], pause: 20)
        let task = Task(executorPreference: ThreadExecutor.shared) { await code(server.url) }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        let began = ContinuousClock.now
        #expect(await task.value == .cancelled)
        #expect(began.duration(to: .now) < .seconds(2))
    }

    @Test func `plain HTTP where TLS is asked for is not secure`() async throws {
        let server = try TestServer()
        let code = await code("https://127.0.0.1:\(server.port)/")
        #expect(code == .notSecure)
    }
}

@Suite(.mayBlock) struct RedirectTests {
    private let fetcher = Fetcher()

    private static func redirecting(_ status: Int, to place: @escaping @Sendable (String) -> String?) throws
        -> TestServer
    {
        try TestServer { _ in
        } handler: { request in
            guard let place = place(request.path) else { return .text(200, "there") }
            return HTTPResponse(status, headers: [.init("Location", place)])
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a GET is sent on on the same host, a POST is not`(status: Int) async throws {
        let server = try Self.redirecting(status) { $0 == "/a" ? "/b" : nil }
        let answer = try await fetcher.get(server.url("/a"), timeout: .seconds(10), limit: 100)
        #expect(answer.body == Array("there\n".utf8))
        #expect(answer.url == server.url("/b"))
        await #expect(throws: FetchingError(.redirected, "")) {
            try await fetcher.post(
                server.url("/a"), contentType: "text/plain", body: [1], timeout: .seconds(10), limit: 100)
        }
        #expect(server.exchanges.all.map(\.path) == ["/a", "/b", "/a"])
    }

    @Test func `another host, another port and a circle are not followed`() async throws {
        let other = try TestServer()
        let elsewhere = other.url("/echo")
        for place in [elsewhere, "http://localhost:\(other.port)/", "https://127.0.0.1/"] {
            let server = try Self.redirecting(302) { $0 == "/a" ? place : nil }
            await #expect(throws: FetchingError(.redirected, ""), "\(place)") {
                try await fetcher.get(server.url("/a"), timeout: .seconds(10), limit: 100)
            }
        }
        #expect(other.exchanges.all.isEmpty)
        // A file is not one that a server may send on to: its path is asked for where the answer came from.
        let server = try Self.redirecting(302) { $0 == "/a" ? "file:///etc/passwd" : nil }
        let answer = try? await fetcher.get(server.url("/a"), timeout: .seconds(10), limit: 100)
        #expect(answer == nil || answer?.body == Array("there\n".utf8))
        let circle = try Self.redirecting(302) { _ in "/a" }
        await #expect(throws: FetchingError(.redirected, "")) {
            try await fetcher.get(circle.url("/a"), timeout: .seconds(10), limit: 100)
        }
        #expect(circle.exchanges.all.count == 6)
    }
}
