import Foundation
import Serving
import Synchronization
import TestSupport
import Testing

@Suite(.mayBlock) struct SlowClientTests {
    private static let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    private func sleep(_ seconds: Double) async { try? await Task.sleep(for: .seconds(seconds)) }

    @Test(arguments: ["", "GET /a HTTP/1.1\r\n", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"])
    func `a client that sends a byte now and then is cut off when its time is over`(start: String) async throws {
        let server = try TestServer { $0.requestSeconds = 1 }
        let connection = try RawConnection(port: server.port)
        connection.send(start)
        let began = ContinuousClock.now
        while connection.send("x"), began.duration(to: .now) < .seconds(8) { await sleep(0.2) }
        let time = began.duration(to: .now)
        #expect(time > .milliseconds(900))
        #expect(time < .seconds(5))
    }

    @Test func `a client that says nothing is cut off, and one that asks again in time is not`() async throws {
        let server = try TestServer { $0.requestSeconds = 2 }
        let silent = try RawConnection(port: server.port)
        let lively = try RawConnection(port: server.port)
        for _ in 0..<4 {
            lively.send(Self.request)
            #expect(lively.receive(until: "GET /a\n").contains("404"))
            await sleep(1)
        }
        #expect(silent.isClosed(within: 0.1))
        #expect(lively.isClosed(within: 5))
    }

    @Test func `a client that does not take its answer is cut off`() async throws {
        let server = try TestServer { $0.requestSeconds = 1 }
        let connection = try RawConnection(port: server.port)
        connection.send("GET /size/50000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        await sleep(4)
        let text = connection.receive(seconds: 10)
        #expect(text.utf8.count < 50_000_000)
        #expect(text.utf8.count > 1000)
    }

    @Test func `slow clients hold up nobody, and when all places are taken the next waits for one`() async throws {
        let server = try TestServer {
            $0.requestSeconds = 2
            $0.threads = 2
            $0.connections = 8
        }
        var slow = try (0..<4).map { _ in try RawConnection(port: server.port) }
        for connection in slow { connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") }
        let before = try RawConnection.exchange(
            port: server.port, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(before.status == 404)
        slow += try (0..<12).map { _ in try RawConnection(port: server.port) }
        let after = try RawConnection(port: server.port)
        after.send("GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(after.receive(seconds: 20).hasSuffix("GET /b\n"))
    }

    @Test func `a handler may take longer than a client may`() async throws {
        let server = try TestServer {
            $0.requestSeconds = 1
        } handler: { _ in
            Thread.sleep(forTimeInterval: 2.5)
            return .text(200, "done")
        }
        let answer = try RawConnection.exchange(
            port: server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.body == "done\n")
    }

    @Test func `handlers run on several threads, and on no more than are given`() async throws {
        let counts = Mutex((now: 0, most: 0))
        let server = try TestServer {
            $0.threads = 3
            $0.connections = 60
        } handler: { _ in
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            Thread.sleep(forTimeInterval: 0.05)
            counts.withLock { $0.now -= 1 }
            return .text(200, "done")
        }
        let connections = try (0..<30).map { _ in try RawConnection(port: server.port) }
        for connection in connections { connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") }
        for connection in connections { #expect(connection.receive().hasSuffix("done\n")) }
        let most = counts.withLock { $0.most }
        #expect((2...3).contains(most))
    }
}

@Suite(.mayBlock) struct StoppingTests {
    @Test func `a request under way is answered before the server ends`() async throws {
        let started = Mutex(false)
        let server = try TestServer { _ in
        } handler: { _ in
            started.withLock { $0 = true }
            Thread.sleep(forTimeInterval: 1)
            return .text(200, String(repeating: "x", count: 1_000_000))
        }
        let connection = try RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while !started.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        let stopped = OwnThread { server.server.stop() }
        let answer = try RawConnection.answer(connection.receive())
        stopped.join()
        #expect(answer.status == 200)
        #expect(answer.body.utf8.count == 1_000_001)
        #expect(answer.headers["connection"]?.lowercased() == "close")
        #expect(throws: RawConnection.Failure.self) { try RawConnection(port: server.port) }
    }

    @Test func `a client that keeps a request open holds up the end only so long`() async throws {
        let server = try TestServer { $0.stopSeconds = 1 }
        let connection = try RawConnection(port: server.port)
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        try await Task.sleep(for: .milliseconds(200))
        let began = ContinuousClock.now
        server.server.stop()
        #expect(began.duration(to: .now) < .seconds(5))
        #expect(connection.isClosed(within: 1))
    }

    @Test func `an idle connection holds up nothing, and stopping twice is stopping once`() throws {
        let server = try TestServer { $0.stopSeconds = 60 }
        let connection = try RawConnection(port: server.port)
        let began = ContinuousClock.now
        server.server.stop()
        server.server.stop()
        #expect(began.duration(to: .now) < .seconds(5))
        #expect(connection.isClosed(within: 1))
    }

    @Test func `the port is free again at once`() throws {
        let first = try TestServer()
        let port = first.port
        _ = try RawConnection.exchange(port: port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        first.server.stop()
        let second = try TestServer { $0.port = port }
        #expect(second.port == port)
    }

    @Test func `stopping while requests pour in loses none that was answered`() async throws {
        for _ in 0..<5 {
            let server = try TestServer()
            let port = server.port
            let answers = Mutex((whole: 0, torn: 0))
            let clients = (0..<4).map { _ in
                OwnThread {
                    while let connection = try? RawConnection(port: port) {
                        connection.send("GET /size/10 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                        let text = connection.receive()
                        if text.isEmpty { continue }
                        let isWhole = (try? RawConnection.answer(text).body.utf8.count) == 10
                        answers.withLock { if isWhole { $0.whole += 1 } else { $0.torn += 1 } }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            server.server.stop()
            for client in clients { client.join() }
            let (whole, torn) = answers.withLock { $0 }
            #expect(torn == 0)
            #expect(whole > 0)
        }
    }
}
