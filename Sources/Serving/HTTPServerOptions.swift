/// Where a server listens, and its bounds.
public struct HTTPServerOptions: Hashable, Sendable {
    /// A numeric IPv4 or IPv6 address, without brackets. The default is reachable from this machine only.
    public var address = "127.0.0.1"

    /// 0 for one that is free: see ``HTTPServer/port``.
    public var port: UInt16 = 0

    /// Threads that call the handler. A handler that waits holds up the other connections of its thread.
    public var threads = 4

    /// Connections at a time; more wait until one ends. At least ``threads``.
    public var connections = 256

    /// The largest body of a request, in bytes; a larger one is answered with 413.
    public var bodyLimit = 128 << 10

    /// Within so many seconds of its connecting or of its last answer a client must have sent a whole request, and
    /// within as many it must have taken the answer; otherwise its connection is closed. The handler's time does not
    /// count.
    public var requestSeconds = 30

    /// For how many seconds ``HTTPServer/stop()`` waits for clients that are sending a request or taking an answer.
    public var stopSeconds = 10

    public init() {}

    /// Throws `invalid` for bounds that no server could keep.
    func check() throws(ServingError) {
        guard threads > 0, threads <= 1024, connections >= threads, connections <= 100_000 else {
            throw ServingError(
                .invalid, "a server has 1 to 1024 threads, and as many connections or more, up to 100,000")
        }
        guard bodyLimit >= 0, bodyLimit <= 1 << 30, (1...86_400).contains(requestSeconds),
            (0...86_400).contains(stopSeconds)
        else {
            throw ServingError(
                .invalid, "a body has at most 1 GiB; a request takes 1 s to a day, and stopping a day at most")
        }
    }
}
