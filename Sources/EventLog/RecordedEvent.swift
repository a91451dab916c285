public import Digests
public import EventFormat

/// An entry with what is stored beside it.
public struct RecordedEvent: Hashable, Sendable {
    public let entry: Entry
    /// The entry's leaf hash, as recorded.
    public let leaf: Digest
    /// The stored bytes that the entry's payload digest covers; nil when the event has no payload, or it was removed or
    /// not asked for.
    public let envelope: [UInt8]?
    /// Whether the payload was asked for and is not there any more: it was removed.
    public let isPayloadRemoved: Bool

    public init(entry: Entry, leaf: Digest, envelope: [UInt8]?, isPayloadRemoved: Bool = false) {
        self.entry = entry
        self.leaf = leaf
        self.envelope = envelope
        self.isPayloadRemoved = isPayloadRemoved
    }

    public var index: EntryIndex { entry.index }
    public var stream: StreamName { entry.stream }
    public var revision: Revision { entry.revision }
    public var id: EventID { entry.id }
    public var type: String { entry.type }
    public var source: String { entry.source }
    public var occurred: Timestamp { entry.occurred }
    public var recorded: Timestamp { entry.recorded }

    /// The payload, when it is stored in the clear; nil when there is none, or it was removed or not asked for.
    public var payload: Payload? {
        guard let commitment = entry.payload, commitment.form == .clear, let envelope,
            let bytes = try? Envelope.open(clear: envelope.span)
        else { return nil }
        return Payload(bytes: bytes, mediaType: commitment.mediaType)
    }
}

/// Which entries a scan returns; a nil member admits all.
public struct EntryFilter: Hashable, Sendable {
    /// Stream categories: what stands before the first `-` of a stream's name.
    public var categories: Set<String>?
    public var types: Set<String>?
    /// The event's correlation.
    public var correlation: EventID?
    /// The event's causation.
    public var causation: EventID?

    public init(
        categories: Set<String>? = nil, types: Set<String>? = nil, correlation: EventID? = nil,
        causation: EventID? = nil
    ) {
        self.categories = categories
        self.types = types
        self.correlation = correlation
        self.causation = causation
    }

    /// Every entry.
    public static let all = EntryFilter()
}

/// The filter as bytes, compared without making strings.
struct CompiledFilter {
    private let categories: [[UInt8]]?
    private let types: [[UInt8]]?
    private let correlation: EventID?
    private let causation: EventID?

    init(_ filter: EntryFilter) {
        // A category has no "-": a name with one is no stream's, though a stream may be called so.
        categories = filter.categories.map { $0.map { Array($0.utf8) }.filter { !$0.contains(UInt8(ascii: "-")) } }
        types = filter.types.map { $0.map { Array($0.utf8) } }
        correlation = filter.correlation
        causation = filter.causation
    }

    func admits(_ layout: EntryLayout, in bytes: Span<UInt8>) -> Bool {
        if let types, !types.contains(where: { layout.matches(layout.type, $0, in: bytes) }) { return false }
        if let correlation, layout.correlation(in: bytes) != correlation { return false }
        if let causation, layout.causation(in: bytes) != causation { return false }
        guard let categories else { return true }
        return categories.contains { isCategory($0, layout.stream, bytes) }
    }

    private func isCategory(_ category: [UInt8], _ stream: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        guard stream.count >= category.count else { return false }
        for index in 0..<category.count where bytes[stream.start + index] != category[index] { return false }
        return stream.count == category.count || bytes[stream.start + category.count] == UInt8(ascii: "-")
    }
}
