internal import Synchronization

/// A small HTTP/1.1 server (libmicrohttpd) without TLS: on the machine itself, or behind a reverse proxy.
///
/// Clients are bounded in number, in what they send, and in the time that they take. The handler is called on the
/// server's own threads, on several at a time.
public final class HTTPServer: Sendable {
    /// Where it listens.
    public let address: String
    public let port: UInt16

    let options: HTTPServerOptions
    let handler: @Sendable (HTTPRequest) -> HTTPResponse
    let observer: @Sendable (HTTPExchange) -> Void
    let connections: Connections
    /// libmicrohttpd's handle as a number; 0 when stopped.
    private let daemon = Mutex<UInt>(0)

    /// Starts a server that runs until ``stop()``; letting go of the last reference does not end it.
    ///
    /// - Parameters:
    ///   - options: Where, and its bounds.
    ///   - observer: Told of each answer, on the thread that made it, also of those that the server gives itself. What
    ///     breaks HTTP's rules is refused by libmicrohttpd and not told.
    ///   - handler: Makes the answers. It is not called for HEAD: the server calls it for GET and sends no body.
    public init(
        _ options: HTTPServerOptions = HTTPServerOptions(),
        observer: @escaping @Sendable (HTTPExchange) -> Void = { _ in },
        handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(ServingError) {
        try options.check()
        self.options = options
        self.handler = handler
        self.observer = observer
        address = options.address
        let socket: Int32
        (socket, port) = try HTTPServer.listen(options)
        connections = Connections(seconds: options.requestSeconds)
        guard let started = start(socket) else {
            closeDescriptor(socket)
            throw ServingError(.noResources, "the system gave no threads or memory for a server at \(address)")
        }
        daemon.withLock { $0 = started }
        connections.watch()
    }

    /// `http://127.0.0.1:8080`, without a slash at the end.
    public var url: String {
        "http://\(address.contains(":") ? "[\(address)]" : address):\(port)"
    }

    /// Takes no more connections, waits for requests under way and for their answers to be taken, for at most
    /// ``HTTPServerOptions/stopSeconds`` seconds, and ends. A handler that runs is waited for in any case. Blocks.
    /// Nothing happens when it has been stopped already.
    public func stop() {
        let handle = daemon.withLock { handle in
            defer { handle = 0 }
            return handle
        }
        guard handle != 0 else { return }
        end(handle)
    }
}
