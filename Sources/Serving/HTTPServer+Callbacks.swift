internal import CMicroHTTP
internal import CMicroHTTPShims
internal import Glibc

// What libmicrohttpd calls, and how it is started and stopped.
//
// Safety. `context` is the server, which is retained when the daemon is started and released when it has been stopped:
// MHD_stop_daemon returns when its threads have ended, and only these call. `slot` holds one retained PendingRequest
// from a request's first call to `complete`, which libmicrohttpd calls exactly once for each request that had a first
// call, on the thread of its connection. Texts and bytes that are handed in are copied during the call.

/// A request that is still coming; used by the one thread that has its connection.
private final class PendingRequest {
    let method: String
    let path: String?
    let client: String
    let began = ContinuousClock.now
    var body: [UInt8] = []
    /// Of the body, whether kept or not.
    var received = 0

    init(method: String, path: String?, client: String) {
        self.method = method
        self.path = path.map(PendingRequest.originForm)
        self.client = client
    }

    /// The path of a target that names scheme and host as well, which a server must take (RFC 9112, 3.2.2).
    private static func originForm(_ target: String) -> String {
        guard let mark = target.firstRange(of: "://"), !target.hasPrefix("/") else { return target }
        let rest = target[mark.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
}

extension HTTPServer {
    /// A listening socket and its port.
    static func listen(_ options: HTTPServerOptions) throws(ServingError) -> (socket: Int32, port: UInt16) {
        var port: UInt16 = 0
        // The address is read, and the port written, during the call only.
        let socket = unsafe CMicroHTTPShims_listen(options.address, options.port, &port)
        guard socket >= 0 else { throw .listening(-socket, options.address, options.port) }
        return (socket, port)
    }

    /// Starts the daemon; nil when the system gives no threads or memory.
    func start(_ socket: Int32) -> UInt? {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        var settings = unsafe CMicroHTTPShims_settings(
            socket: socket, threads: UInt32(options.threads), connections: UInt32(options.connections),
            idle_seconds: UInt32(options.requestSeconds), memory: 32 << 10, handler: handle, completed: complete,
            changed: change, context: context)
        guard let daemon = unsafe CMicroHTTPShims_start(&settings) else {
            unsafe Unmanaged<HTTPServer>.fromOpaque(context).release()
            return nil
        }
        return UInt(bitPattern: daemon)
    }

    /// Stops the daemon, which nobody else has stopped.
    func end(_ handle: UInt) {
        guard let daemon = unsafe OpaquePointer(bitPattern: handle) else { return }
        let socket = unsafe MHD_quiesce_daemon(daemon)
        connections.drain(seconds: options.stopSeconds)
        unsafe MHD_stop_daemon(daemon)
        if socket >= 0 { closeDescriptor(socket) }
        connections.end()
        unsafe Unmanaged.passUnretained(self).release()
    }

    func closeDescriptor(_ descriptor: Int32) {
        _ = close(descriptor)
    }
}

// MARK: - Connections

private func change(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ what: MHD_ConnectionNotificationCode
) {
    guard let context = unsafe context, let connection = unsafe connection else { return }
    let server = unsafe Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    let name = UInt(bitPattern: connection)
    if what == .CONNECTION_NOTIFY_STARTED {
        server.connections.opened(name, socket: unsafe CMicroHTTPShims_copy_socket(connection))
    } else {
        server.connections.closed(name)
    }
}

// MARK: - Requests

private func complete(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ how: MHD_RequestTerminationCode
) {
    guard let context = unsafe context, let slot = unsafe slot, let pending = unsafe slot.pointee else { return }
    unsafe Unmanaged<PendingRequest>.fromOpaque(pending).release()
    unsafe slot.pointee = nil
    unsafe Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
        .connections.finished(UInt(bitPattern: connection))
}

private func handle(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ bytes: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context = unsafe context, let connection = unsafe connection, let path = unsafe path,
        let method = unsafe method, let count = unsafe count, let slot = unsafe slot
    else { return .NO }
    let server = unsafe Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    guard let box = unsafe slot.pointee else {
        let pending = unsafe PendingRequest(
            method: String(cString: method), path: String(validatingCString: path), client: client(of: connection))
        unsafe slot.pointee = Unmanaged.passRetained(pending).toOpaque()
        server.connections.began()
        guard let refusal = unsafe server.refusal(atOnce: pending, connection) else { return .YES }
        return unsafe server.send(refusal, for: pending, connection)
    }
    let pending = unsafe Unmanaged<PendingRequest>.fromOpaque(box).takeUnretainedValue()
    guard unsafe count.pointee > 0 else { return unsafe server.answer(pending, connection) }
    if let bytes = unsafe bytes {
        let part = unsafe UnsafeRawBufferPointer(start: bytes, count: count.pointee)
        pending.received += part.count
        if pending.received <= server.options.bodyLimit { unsafe pending.body.append(contentsOf: part) }
    }
    unsafe count.pointee = 0
    return pending.received <= server.drainLimit ? .YES : .NO
}

private func client(of connection: OpaquePointer) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { room in
        unsafe CMicroHTTPShims_client(connection, room.baseAddress!, room.count)
        return unsafe String(cString: room.baseAddress!)
    }
}

extension HTTPServer {
    /// A body over the limit is still taken up to here, so that the client gets to read the answer: where it is still
    /// sending when its connection is closed, the system throws away what it has not yet read.
    fileprivate var drainLimit: Int { max(options.bodyLimit, 4096) * 16 }

    /// The answer to a request of which the head is enough; nil when its body is to be taken.
    fileprivate func refusal(atOnce pending: PendingRequest, _ connection: OpaquePointer) -> HTTPResponse? {
        if HTTPRequest.Method(rawValue: pending.method) == nil { return Self.methodNotAllowed }
        guard let length = unsafe header("Content-Length", of: connection) else { return nil }
        // Who expects to be told to go on has sent nothing of the body that would have to be drained.
        let waits = unsafe header("Expect", of: connection) != nil
        let limit = waits ? options.bodyLimit : drainLimit
        return UInt64(length) ?? .max > UInt64(limit) ? bodyTooLarge : nil
    }

    private func header(_ name: String, of connection: OpaquePointer) -> String? {
        unsafe MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { unsafe String(cString: $0) }
    }

    fileprivate func answer(_ pending: PendingRequest, _ connection: OpaquePointer) -> MHD_Result {
        let name = UInt(bitPattern: connection)
        connections.working(name)
        let response = response(to: pending)
        connections.answering(name)
        return unsafe send(response, for: pending, connection)
    }

    private func response(to pending: PendingRequest) -> HTTPResponse {
        guard let method = HTTPRequest.Method(rawValue: pending.method) else { return Self.methodNotAllowed }
        guard pending.received <= options.bodyLimit else { return bodyTooLarge }
        guard let path = pending.path else { return .text(400, "the path is not UTF-8") }
        return handler(
            HTTPRequest(method == .head ? .get : method, path, body: pending.body, client: pending.client))
    }

    private static var methodNotAllowed: HTTPResponse {
        .text(405, "only GET, HEAD and POST are served", headers: [.init("Allow", "GET, HEAD, POST")])
    }

    private var bodyTooLarge: HTTPResponse { .text(413, "a body has at most \(options.bodyLimit) bytes") }

    /// Hands the answer to libmicrohttpd, which copies it.
    fileprivate func send(
        _ answer: HTTPResponse, for pending: PendingRequest, _ connection: OpaquePointer
    ) -> MHD_Result {
        observer(
            HTTPExchange(
                client: pending.client, method: pending.method, path: pending.path ?? "", received: pending.received,
                status: answer.status, remark: answer.remark, duration: pending.began.duration(to: .now)))
        var body = answer.body
        let made = unsafe body.withUnsafeMutableBytes { bytes in
            unsafe MHD_create_response_from_buffer(bytes.count, bytes.baseAddress, .RESPMEM_MUST_COPY)
        }
        guard let response = unsafe made else { return .NO }
        defer { unsafe MHD_destroy_response(response) }
        for header in answer.headers { _ = unsafe MHD_add_response_header(response, header.name, header.value) }
        if connections.isStopping { _ = unsafe MHD_add_response_header(response, "Connection", "close") }
        return unsafe MHD_queue_response(connection, UInt32(answer.status), response)
    }
}
