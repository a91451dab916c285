/// A request that has arrived whole.
public struct HTTPRequest: Hashable, Sendable {
    /// The methods that are served; others are answered with 405 before the handler sees them.
    public enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
    }

    public let method: Method

    /// The path as it was sent, without the query: percent escapes are not decoded.
    public let path: String

    /// At most ``HTTPServerOptions/bodyLimit`` bytes.
    public let body: [UInt8]

    /// The numeric address of the other end: a reverse proxy's, when there is one between.
    public let client: String

    public init(_ method: Method, _ path: String, body: [UInt8] = [], client: String = "") {
        self.method = method
        self.path = path
        self.body = body
        self.client = client
    }
}
