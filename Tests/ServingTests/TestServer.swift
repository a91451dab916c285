import Foundation
import Serving
import Synchronization

/// A server for tests, stopped when the last reference goes.
final class TestServer: Sendable {
    let server: HTTPServer
    let exchanges: Exchanges

    /// What the server says that it answered.
    final class Exchanges: Sendable {
        private let list = Mutex<[HTTPExchange]>([])
        func add(_ exchange: HTTPExchange) { list.withLock { $0.append(exchange) } }
        var all: [HTTPExchange] { list.withLock { $0 } }
    }

    init(
        _ change: (inout HTTPServerOptions) -> Void = { _ in },
        handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse = TestServer.echo
    ) throws {
        var options = HTTPServerOptions()
        change(&options)
        let exchanges = Exchanges()
        self.exchanges = exchanges
        server = try HTTPServer(options, observer: { exchanges.add($0) }, handler: handler)
    }

    deinit { server.stop() }

    var port: UInt16 { server.port }
    func url(_ path: String) -> String { server.url + path }

    /// Answers `/echo` with the body, `/size/N` with N bytes, and others with the path.
    static let echo: @Sendable (HTTPRequest) -> HTTPResponse = { request in
        if request.path == "/echo" {
            return HTTPResponse(200, contentType: "application/octet-stream", body: request.body)
        }
        if request.path.hasPrefix("/size/"), let count = Int(request.path.dropFirst(6)) {
            return HTTPResponse(200, contentType: "application/octet-stream", body: Array(repeating: 7, count: count))
        }
        return .text(404, "\(request.method.rawValue) \(request.path)")
    }
}

/// A thread that can be waited for: what blocks must not run on the threads of Swift's tasks.
final class OwnThread: Sendable {
    private let end = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread { [end] in
            body()
            end.signal()
        }
    }

    func join() { end.wait() }
}
