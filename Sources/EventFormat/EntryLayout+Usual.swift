internal import Digests

extension EntryLayout {
    /// Reads an entry of the usual shape: texts of printable ASCII, no signature. False, with nothing said of why, for
    /// any other and for bytes that are no entry: `init(strictly:)` accepts all that this accepts, with the same result.
    mutating func readUsual(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= Entry.maximumByteCount else { return false }
        var cursor = UsualCursor(bytes)
        guard let count = cursor.mapCount(bytes), let position = readPosition(bytes, &cursor) else { return false }
        guard let event = readEvent(bytes, &cursor), let extras = readExtras(bytes, &cursor) else { return false }
        return cursor.isAtEnd && count == position + event + extras
    }

    /// Keys 0 to 6; their number.
    @inline(__always)
    private mutating func readPosition(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> Int? {
        guard cursor.take(0, bytes), cursor.take(UInt8(Entry.version), bytes),
            cursor.take(1, bytes), let index = cursor.unsigned(bytes),
            cursor.take(2, bytes), let previous = cursor.digest(bytes),
            cursor.take(3, bytes), let recorded = cursor.integer(bytes), recorded >= 0,
            let recorded = try? Timestamp(microseconds: recorded),
            cursor.take(4, bytes), let stream = cursor.text(bytes, maximum: UInt64(StreamName.maximumByteCount)),
            cursor.take(5, bytes), let revision = cursor.unsigned(bytes)
        else { return nil }
        self.index = EntryIndex(index)
        self.recorded = recorded
        self.stream = stream
        self.revision = Revision(revision)
        previousOffset = previous
        guard (index == 0) == (self.previous(in: bytes) == .zero) else { return nil }
        guard revision > 0 else { return 6 }
        guard cursor.take(6, bytes), let streamPrevious = cursor.digest(bytes) else { return nil }
        streamPreviousOffset = streamPrevious
        return 7
    }

    /// Keys 7 to 10; their number.
    @inline(__always)
    private mutating func readEvent(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> Int? {
        guard cursor.take(7, bytes), let id = cursor.id(bytes),
            cursor.take(8, bytes), let type = cursor.text(bytes, maximum: UInt64(FieldRules.maximumTypeByteCount)),
            cursor.take(9, bytes),
            let source = cursor.text(bytes, maximum: UInt64(FieldRules.maximumReferenceByteCount)),
            cursor.take(10, bytes), let occurred = cursor.integer(bytes),
            let occurred = try? Timestamp(microseconds: occurred)
        else { return nil }
        idOffset = id
        self.type = type
        self.source = source
        self.occurred = occurred
        return 4
    }

    /// Keys 11 to 14, as many as there are; their number.
    @inline(__always)
    private mutating func readExtras(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> Int? {
        var count = 0
        if cursor.take(11, bytes) {
            guard cursor.take(0x84, bytes), let number = cursor.unsigned(bytes), number <= 255,
                let form = PayloadForm(rawValue: UInt8(number)), let digest = cursor.digest(bytes),
                let size = cursor.unsigned(bytes),
                let mediaType = cursor.text(bytes, maximum: UInt64(FieldRules.maximumMediaTypeByteCount))
            else { return nil }
            payload = PayloadLayout(form: form, size: size, mediaType: mediaType, digestOffset: digest)
            count += 1
        }
        if cursor.take(12, bytes) {
            guard let text = cursor.text(bytes, maximum: UInt64(FieldRules.maximumReferenceByteCount)) else {
                return nil
            }
            schema = text
            count += 1
        }
        if cursor.take(13, bytes) {
            guard let id = cursor.id(bytes) else { return nil }
            correlationOffset = id
            count += 1
        }
        if cursor.take(14, bytes) {
            guard let id = cursor.id(bytes) else { return nil }
            causationOffset = id
            count += 1
        }
        return count
    }
}
