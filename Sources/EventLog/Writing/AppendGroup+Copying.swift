internal import Digests
internal import EventFormat
internal import StoreFormat

extension AppendGroup {
    /// Adds an entry of another copy of the log, checking that it follows the tail and its stream, and that it has the
    /// leaf hash that was recorded for it.
    mutating func copy(
        _ slice: RawSlice, _ position: Int, _ transaction: borrowing WriteTransaction
    ) throws(LogError) {
        let start = slice.start(of: position)
        let end = slice.ends[position]
        let bytes = slice.bytes.span.extracting(start..<end.entry)
        let index = builder.tail.next
        let layout = try LogError.decoding(bytes, expecting: index.rawValue)
        let entry = Entry(layout, in: bytes)
        let number = try streams.number(of: entry.stream, transaction)
        let place = try streams.place(number, transaction)
        guard entry.previous == builder.tail.leaf, entry.revision == place.revision,
            entry.streamPrevious == place.previousLeaf,
            entry.recorded >= builder.tail.recorded
        else {
            throw LogError.damaged("entry \(index) does not follow the entry or the stream's entry before it")
        }
        var envelope = slice.bytes.span.extracting(end.entry..<end.envelope)
        if let payload = entry.payload, Envelope.digest(envelope) != payload.digest {
            guard Envelope.isRemoved(envelope, size: payload.size) else {
                throw LogError.damaged("the payload of entry \(index) does not have the digest that the entry states")
            }
            envelope = envelope.extracting(0..<0)
        }
        let leaf = builder.add(recorded: bytes, layout: layout, envelope: envelope, link: place.link)
        guard leaf == slice.leaves[position] else {
            throw LogError.damaged("entry \(index) does not have the leaf hash that is recorded for it")
        }
        streams.advance(number, to: index, leaf: leaf, place)
        note(entry.id, at: index)
    }
}
