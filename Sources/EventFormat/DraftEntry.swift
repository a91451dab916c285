internal import Digests

/// An event's encoded fields and its stream as an entry without a position: the form in which one process hands an
/// event to another, which reads it as strictly as any entry.
///
/// The bytes are an entry at index 0, revision 0, recorded at the epoch; the time of an event that states none is the
/// epoch too.
public enum DraftEntry {
    /// More are not taken, so that the entry stays in its limits at any position: 4,096 bytes below them.
    public static let maximumByteCount = Entry.maximumByteCount - 4096

    private static let position = EntryPosition(
        index: 0, previous: .zero, recorded: .epoch, revision: 0, streamPrevious: nil)

    /// Appends the draft of `fields`, which lie in `bytes`. Throws ``FormatError/Code/tooLarge``; `output` is then as
    /// before. O(size).
    public static func append(
        _ fields: EncodedFields, in bytes: Span<UInt8>, stream: StreamName, to output: inout [UInt8]
    ) throws(FormatError) {
        let start = output.count
        try position.encode(fields, in: bytes, stream: stream, into: &output)
        guard output.count - start > maximumByteCount else { return }
        output.removeLast(output.count - start)
        throw FormatError(.tooLarge, "a draft has at most \(maximumByteCount) bytes")
    }

    /// Appends the fields of `draft` to `bytes`. `statesTime`: whether the event states its time. Throws
    /// ``FormatError`` when the draft breaks a rule of entries, or is none that ``append(_:in:stream:to:)`` makes.
    /// O(size).
    public static func read(
        _ draft: Span<UInt8>, statesTime: Bool, into bytes: inout [UInt8]
    ) throws(FormatError) -> (fields: EncodedFields, layout: EntryLayout) {
        let layout = try EntryLayout(draft)
        let begin = Int(layout.idOffset) - 2
        let timeOffset = layout.source.end
        // Key 10 and the number 0 take a byte each.
        let timeEnd = timeOffset + (statesTime ? 0 : 2)
        guard draft.count <= maximumByteCount, layout.append == nil, layout.index == 0, layout.revision == 0,
            layout.recorded == .epoch, statesTime || layout.occurred == .epoch
        else { throw FormatError(.outOfRange, "the bytes are no draft of an entry") }
        let start = bytes.count
        bytes.append(collecting: draft.extracting(begin..<timeOffset))
        bytes.append(collecting: draft.extracting(timeEnd..<draft.count))
        let optional = [
            layout.payload != nil, layout.schema != nil, layout.correlationOffset > 0, layout.causationOffset > 0,
        ]
        let fields = EncodedFields(
            start: start, timeOffset: start + timeOffset - begin, end: bytes.count, statesTime: statesTime,
            optionalCount: optional.count { $0 })
        return (fields, layout)
    }
}
