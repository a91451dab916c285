/// What a server has answered, whatever the status.
public struct FetchedAnswer: Hashable, Sendable {
    /// Where it came from in the end.
    public let url: String
    public let status: Int
    /// As sent, parameters included.
    public let contentType: String?
    /// Decompressed, when the server had compressed it.
    public let body: [UInt8]

    public init(url: String, status: Int, contentType: String?, body: [UInt8]) {
        self.url = url
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// The body of an answer that has one of the statuses; throws `status` otherwise.
    public func body(expecting expected: Int...) throws(FetchingError) -> [UInt8] {
        guard expected.contains(status) else {
            throw FetchingError(.status, "\(url) answered with the status \(status)\(excerpt)")
        }
        return body
    }

    /// The first line of a short text, for people: ": no such log"; empty when there is none.
    public var excerpt: String {
        let line = body.prefix { $0 != 0x0A && $0 != 0x0D }
        guard !line.isEmpty, line.count <= 200, line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return "" }
        return ": \(String(decoding: line, as: UTF8.self))"
    }
}
