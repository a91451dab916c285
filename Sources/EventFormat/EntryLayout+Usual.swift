internal import Digests

extension EntryLayout {
    /// Reads an entry of the usual shape: texts of printable ASCII. False, with nothing said of why, for any other and
    /// for bytes that are no entry. What this accepts `init(strictly:)` accepts too, with one result.
    mutating func readUsual(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= Entry.maximumByteCount else { return false }
        var cursor = UsualCursor(bytes)
        guard let count = cursor.mapCount(first: 0, UInt8(Entry.version), bytes),
            let position = readPosition(bytes, &cursor), let event = readEvent(bytes, &cursor),
            let extras = readExtras(bytes, &cursor)
        else { return false }
        return cursor.isAtEnd && count == position + event + extras
    }

    /// Keys 1 to 6; their number and one for key 0.
    @inline(__always)
    private mutating func readPosition(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> Int? {
        guard cursor.take(1, bytes), let index = cursor.unsigned(bytes),
            let previous = cursor.digest(2, bytes),
            cursor.take(3, bytes), let recorded = cursor.integer(bytes), recorded >= 0,
            recorded <= Timestamp.latest.microseconds,
            cursor.take(4, bytes), let stream = cursor.text(bytes, maximum: StreamName.maximumByteCount),
            cursor.take(5, bytes), let revision = cursor.unsigned(bytes)
        else { return nil }
        self.index = EntryIndex(index)
        self.recorded = Timestamp(unchecked: recorded)
        self.stream = stream
        self.revision = Revision(revision)
        previousOffset = previous
        guard (index == 0) == (self.previous(in: bytes) == .zero) else { return nil }
        guard revision > 0 else { return 6 }
        guard let streamPrevious = cursor.digest(6, bytes) else { return nil }
        streamPreviousOffset = streamPrevious
        return 7
    }

    /// Keys 7 to 10; their number.
    @inline(__always)
    private mutating func readEvent(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> Int? {
        guard let id = cursor.id(7, bytes),
            cursor.take(8, bytes), let type = cursor.text(bytes, maximum: FieldRules.maximumTypeByteCount),
            cursor.take(9, bytes), let source = cursor.text(bytes, maximum: FieldRules.maximumReferenceByteCount),
            cursor.take(10, bytes), let occurred = cursor.integer(bytes),
            occurred >= Timestamp.earliest.microseconds, occurred <= Timestamp.latest.microseconds
        else { return nil }
        idOffset = id
        self.type = type
        self.source = source
        self.occurred = Timestamp(unchecked: occurred)
        return 4
    }

    /// Keys 11 to 15, as many as there are; their number.
    @inline(__always)
    private mutating func readExtras(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> Int? {
        var count = 0
        if cursor.takeTwo(0x0b84, bytes) {
            guard let payload = readPayload(bytes, &cursor) else { return nil }
            self.payload = payload
            count += 1
        }
        guard !cursor.isAtEnd else { return count }
        if cursor.take(12, bytes) {
            guard let text = cursor.text(bytes, maximum: FieldRules.maximumReferenceByteCount) else { return nil }
            schema = text
            count += 1
        }
        if let id = cursor.id(13, bytes) {
            correlationOffset = id
            count += 1
        }
        if let id = cursor.id(14, bytes) {
            causationOffset = id
            count += 1
        }
        if cursor.takeTwo(0x0f83, bytes) {
            guard let append = readAppend(bytes, &cursor) else { return nil }
            self.append = append
            count += 1
        }
        return count
    }

    private func readAppend(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> AppendLayout? {
        let start = UInt16(truncatingIfNeeded: cursor.offset - 2)
        guard let count = cursor.unsigned(bytes), count >= 1,
            let keyID = cursor.run(bytes, maximum: AppendSignature.maximumKeyIDByteCount),
            let signature = cursor.run(bytes, maximum: AppendSignature.maximumSignatureByteCount)
        else { return nil }
        return AppendLayout(count: count, keyID: keyID, signature: signature, start: start)
    }

    @inline(__always)
    private func readPayload(_ bytes: Span<UInt8>, _ cursor: inout UsualCursor) -> PayloadLayout? {
        // The form's byte is taken for the key of the digest behind it.
        let form: PayloadForm
        let digest: UInt16
        if let place = cursor.digest(PayloadForm.clear.rawValue, bytes) {
            (form, digest) = (.clear, place)
        } else if let place = cursor.digest(PayloadForm.sealed.rawValue, bytes) {
            (form, digest) = (.sealed, place)
        } else {
            return nil
        }
        guard let size = cursor.unsigned(bytes),
            let mediaType = cursor.text(bytes, maximum: FieldRules.maximumMediaTypeByteCount)
        else { return nil }
        return PayloadLayout(form: form, size: size, mediaType: mediaType, digestOffset: digest)
    }
}
