/// What a server has answered, for its log.
public struct HTTPExchange: Hashable, Sendable {
    /// The numeric address of the other end.
    public let client: String
    /// As sent; it may be one that is not served, and hold any character.
    public let method: String
    /// As sent, without the query; it may hold any character.
    public let path: String
    /// Bytes of the request's body that were taken.
    public let received: Int
    public let status: Int
    /// What the handler remarked: ``HTTPResponse/remark``.
    public let remark: String
    /// From the arrival of the request's head to the answer, before it is sent.
    public let duration: Duration
}
