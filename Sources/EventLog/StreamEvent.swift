public import EventFormat

/// An event and the stream that it goes to.
public struct StreamEvent: Hashable, Sendable {
    public var stream: StreamName
    public var event: Event

    public init(_ event: Event, to stream: StreamName) {
        self.stream = stream
        self.event = event
    }
}
