public import Digests

/// A decoded entry that points into its bytes instead of copying them: what the verifier and the filters of a scan
/// work on.
///
/// ``init(_:)`` checks every rule of the format (F1–F6); the accessors then read the same bytes.
public struct EntryLayout: Hashable, Sendable {
    public internal(set) var index = EntryIndex(0)
    public internal(set) var recorded = Timestamp.epoch
    public internal(set) var revision = Revision(0)
    public internal(set) var occurred = Timestamp.epoch
    public internal(set) var stream = ByteRange(start: 0, count: 0)
    public internal(set) var type = ByteRange(start: 0, count: 0)
    public internal(set) var source = ByteRange(start: 0, count: 0)
    public internal(set) var schema: ByteRange?
    public internal(set) var payload: PayloadLayout?
    public internal(set) var append: AppendLayout?
    /// Offsets of the first byte of fields of fixed size; 0, where the map's head stands, when absent.
    @usableFromInline var previousOffset: UInt16 = 0
    @usableFromInline var streamPreviousOffset: UInt16 = 0
    @usableFromInline var idOffset: UInt16 = 0
    @usableFromInline var correlationOffset: UInt16 = 0
    @usableFromInline var causationOffset: UInt16 = 0

    /// Where key 11 lies.
    public struct PayloadLayout: Hashable, Sendable {
        public let form: PayloadForm
        public let size: UInt64
        public let mediaType: ByteRange
        @usableFromInline let digestOffset: UInt16
    }

    /// Where key 15 lies.
    public struct AppendLayout: Hashable, Sendable {
        public let count: UInt64
        public let keyID: ByteRange
        public let signature: ByteRange
        /// The first byte, the key.
        let start: UInt16
    }

    init() {}

    /// The same with the index `index`, for an entry that states another than its place.
    public func placed(at index: EntryIndex) -> EntryLayout {
        var layout = self
        layout.index = index
        return layout
    }

    /// Decodes strictly. O(size). Throws ``FormatError`` with the offset of the first byte that breaks a rule; a
    /// missing key is reported at the map's head, byte 0.
    public init(_ bytes: Span<UInt8>) throws(FormatError) {
        self.init()
        if !readUsual(bytes) { self = try EntryLayout(strictly: bytes) }
    }

    /// Decodes rule by rule, for entries that break one and entries of unusual shape.
    init(strictly bytes: Span<UInt8>) throws(FormatError) {
        guard bytes.count <= Entry.maximumByteCount else {
            throw FormatError(
                .tooLarge, "the entry has \(bytes.count) bytes; at most \(Entry.maximumByteCount) are allowed",
                at: Entry.maximumByteCount)
        }
        var cursor = CBORCursor()
        let count = try cursor.head(bytes, .map, for: "the entry")
        guard count <= 16 else {
            throw FormatError(.unexpectedKey, "the entry claims \(count) fields; version 1 has at most 16", at: 0)
        }
        var seen: UInt32 = 0
        for _ in 0..<count {
            let place = cursor.offset
            let number = try cursor.head(bytes, .unsigned, for: "a key")
            guard let key = Entry.Key(rawValue: number) else {
                throw FormatError(.unexpectedKey, "version 1 has no key \(number)", at: place)
            }
            guard seen >> UInt32(number) == 0 else {
                throw FormatError(.unexpectedKey, "key \(number) stands twice or out of order", at: place)
            }
            seen |= 1 << UInt32(number)
            try read(key, bytes, &cursor)
        }
        guard cursor.offset == bytes.count else {
            throw FormatError(
                .trailingBytes, "\(bytes.count - cursor.offset) bytes follow the entry", at: cursor.offset)
        }
        try checkPresence(seen)
        try checkLinks(bytes)
    }

    private mutating func read(_ key: Entry.Key, _ bytes: Span<UInt8>, _ cursor: inout CBORCursor) throws(FormatError) {
        switch key {
        case .version:
            let place = cursor.offset
            let version = try cursor.head(bytes, .unsigned, for: "version")
            guard version == Entry.version else {
                throw FormatError(.unknownVersion, "the entry is of version \(version); this code knows 1", at: place)
            }
        case .index: index = EntryIndex(try cursor.head(bytes, .unsigned, for: "index"))
        case .previous: previousOffset = try cursor.fixedBytes(bytes, Digest.byteCount, for: "previous")
        case .recorded: recorded = try time(bytes, &cursor, for: "recorded", from: 0)
        case .stream: stream = try cursor.text(bytes, maximum: StreamName.maximumByteCount, for: "stream")
        case .revision: revision = Revision(try cursor.head(bytes, .unsigned, for: "revision"))
        case .streamPrevious:
            streamPreviousOffset = try cursor.fixedBytes(bytes, Digest.byteCount, for: "streamPrevious")
        case .id: idOffset = try cursor.fixedBytes(bytes, EventID.byteCount, for: "id")
        case .type: type = try cursor.text(bytes, maximum: FieldRules.maximumTypeByteCount, for: "type")
        case .source: source = try cursor.text(bytes, maximum: FieldRules.maximumReferenceByteCount, for: "source")
        case .occurred: occurred = try time(bytes, &cursor, for: "occurred", from: Timestamp.earliest.microseconds)
        case .payload: payload = try payloadLayout(bytes, &cursor)
        case .schema: schema = try cursor.text(bytes, maximum: FieldRules.maximumReferenceByteCount, for: "schema")
        case .correlation: correlationOffset = try cursor.fixedBytes(bytes, EventID.byteCount, for: "correlation")
        case .causation: causationOffset = try cursor.fixedBytes(bytes, EventID.byteCount, for: "causation")
        case .append: append = try appendLayout(bytes, &cursor)
        }
    }

    private func time(
        _ bytes: Span<UInt8>, _ cursor: inout CBORCursor, for field: StaticString, from least: Int64
    ) throws(FormatError) -> Timestamp {
        let place = cursor.offset
        let value = try cursor.integer(bytes, for: field)
        guard value >= least, value <= Timestamp.latest.microseconds else {
            throw FormatError(.outOfRange, "\(field) lies outside the years that the format allows", at: place)
        }
        return try Timestamp(microseconds: value)
    }

    private func payloadLayout(_ bytes: Span<UInt8>, _ cursor: inout CBORCursor) throws(FormatError) -> PayloadLayout {
        let place = cursor.offset
        guard try cursor.head(bytes, .array, for: "payload") == 4 else {
            throw FormatError(.wrongType, "payload must be [form, digest, size, mediaType]", at: place)
        }
        let formPlace = cursor.offset
        let number = try cursor.head(bytes, .unsigned, for: "payload form")
        guard number <= 255, let form = PayloadForm(rawValue: UInt8(number)) else {
            throw FormatError(.outOfRange, "payload form \(number) is unknown; 1 and 2 are known", at: formPlace)
        }
        let digestOffset = try cursor.fixedBytes(bytes, Digest.byteCount, for: "payload digest")
        let size = try cursor.head(bytes, .unsigned, for: "payload size")
        let mediaType = try cursor.text(bytes, maximum: FieldRules.maximumMediaTypeByteCount, for: "media type")
        return PayloadLayout(form: form, size: size, mediaType: mediaType, digestOffset: digestOffset)
    }

    private func appendLayout(_ bytes: Span<UInt8>, _ cursor: inout CBORCursor) throws(FormatError) -> AppendLayout {
        let place = cursor.offset
        guard try cursor.head(bytes, .array, for: "append") == 3 else {
            throw FormatError(.wrongType, "append must be [count, keyID, signature]", at: place)
        }
        let countPlace = cursor.offset
        let count = try cursor.head(bytes, .unsigned, for: "append count")
        guard count >= 1 else { throw FormatError(.outOfRange, "an append has at least one entry", at: countPlace) }
        let keyID = try cursor.run(bytes, .bytes, maximum: AppendSignature.maximumKeyIDByteCount, for: "key id")
        let signature = try cursor.run(
            bytes, .bytes, maximum: AppendSignature.maximumSignatureByteCount, for: "signature")
        return AppendLayout(
            count: count, keyID: keyID, signature: signature, start: UInt16(truncatingIfNeeded: place - 1))
    }

    /// F3.
    private func checkPresence(_ seen: UInt32) throws(FormatError) {
        let required: UInt32 = 0b0111_1011_1111
        let missing = required & ~seen
        guard missing == 0 else {
            throw FormatError(.missingKey, "key \(missing.trailingZeroBitCount) is missing", at: 0)
        }
        guard (revision.rawValue == 0) == (streamPreviousOffset == 0) else {
            guard revision.rawValue == 0 else { throw FormatError(.missingKey, "key 6 is missing", at: 0) }
            throw FormatError(.unexpectedKey, "the first entry of a stream has no key 6", at: Int(streamPreviousOffset))
        }
    }

    /// F4.
    private func checkLinks(_ bytes: Span<UInt8>) throws(FormatError) {
        guard (index.rawValue == 0) == (previous(in: bytes) == .zero) else {
            throw FormatError(
                .outOfRange, "previous is zero at index 0 and nowhere else", at: Int(previousOffset))
        }
    }
}

extension EntryLayout {
    /// The leaf hash of the entry before; `bytes` are those that were decoded.
    @inlinable
    public func previous(in bytes: Span<UInt8>) -> Digest { Digest(copying: bytes, at: Int(previousOffset)) }

    /// The leaf hash of the stream's entry before, nil at revision 0.
    @inlinable
    public func streamPrevious(in bytes: Span<UInt8>) -> Digest? {
        streamPreviousOffset == 0 ? nil : Digest(copying: bytes, at: Int(streamPreviousOffset))
    }

    @inlinable
    public func id(in bytes: Span<UInt8>) -> EventID { EventID(copying: bytes, at: Int(idOffset)) }

    @inlinable
    public func correlation(in bytes: Span<UInt8>) -> EventID? {
        correlationOffset == 0 ? nil : EventID(copying: bytes, at: Int(correlationOffset))
    }

    @inlinable
    public func causation(in bytes: Span<UInt8>) -> EventID? {
        causationOffset == 0 ? nil : EventID(copying: bytes, at: Int(causationOffset))
    }

    @inlinable
    public func payloadDigest(in bytes: Span<UInt8>) -> Digest? {
        payload.map { Digest(copying: bytes, at: Int($0.digestOffset)) }
    }

    /// The text of a field, whose bytes were found valid when the entry was decoded.
    public func text(_ range: ByteRange, in bytes: Span<UInt8>) -> String {
        let part = bytes.extracting(range.start..<range.end)
        return unsafe part.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a field's bytes are those of `text`.
    public func matches(_ range: ByteRange, _ text: [UInt8], in bytes: Span<UInt8>) -> Bool {
        guard range.count == text.count else { return false }
        for index in 0..<range.count where bytes[range.start + index] != text[index] { return false }
        return true
    }
}
