/// An event as an event table of a peer holds it.
public struct PeerEvent: Sendable {
    /// A UUID that follows time, 16 bytes.
    public var id: [UInt8]
    public var stream: String
    public var revision: Int64
    public var type: String
    public var source: String
    public var payload: [UInt8]

    public init(id: [UInt8], stream: String, revision: Int64, type: String, source: String, payload: [UInt8]) {
        self.id = id
        self.stream = stream
        self.revision = revision
        self.type = type
        self.source = source
        self.payload = payload
    }
}
