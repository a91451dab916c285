/// An answer to a request.
public struct HTTPResponse: Hashable, Sendable {
    /// A header line. Neither part may hold a control character.
    public struct Header: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            precondition(
                [name, value].allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } },
                "a header holds a control character")
            self.name = name
            self.value = value
        }
    }

    /// 200 to 599.
    public let status: Int
    public var headers: [Header]
    /// Not sent in answer to HEAD, but its length is.
    public let body: [UInt8]
    /// For the server's log; not sent.
    public let remark: String

    public init(
        _ status: Int, contentType: String? = nil, headers: [Header] = [], body: [UInt8] = [], remark: String = ""
    ) {
        precondition((200...599).contains(status), "an answer has a status of 200 to 599")
        self.status = status
        self.headers = (contentType.map { [Header("Content-Type", $0)] } ?? []) + headers
        self.body = body
        self.remark = remark
    }

    /// An answer of plain text; a line feed is added.
    public static func text(_ status: Int, _ text: String, headers: [Header] = []) -> HTTPResponse {
        HTTPResponse(
            status, contentType: "text/plain; charset=utf-8", headers: headers, body: Array(text.utf8) + [0x0A])
    }
}
