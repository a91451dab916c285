public import Digests
public import EventFormat
public import StoreFormat

extension SegmentBuilder {
    /// Adds an entry that was made by hand; it must follow the tail.
    @discardableResult
    public mutating func add(
        _ entry: Entry, envelope: Span<UInt8>, link: StreamLink
    ) throws(FormatError) -> Digest {
        precondition(entry.index == tail.next && entry.previous == tail.leaf, "an entry must follow the log's tail")
        let event = Event(
            id: entry.id, type: entry.type, source: entry.source, occurred: entry.occurred, schema: entry.schema,
            correlation: entry.correlation, causation: entry.causation)
        var bytes: [UInt8] = []
        let fields = event.encode(payload: entry.payload, into: &bytes)
        let place = StreamPlace(revision: entry.revision, previousLeaf: entry.streamPrevious, link: link)
        return try add(
            fields, in: bytes.span, to: entry.stream, at: place, recorded: entry.recorded, envelope: envelope)
    }
}
