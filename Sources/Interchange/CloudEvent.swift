public import EventFormat

/// Events in the JSON format of CloudEvents 1.0: one event, one JSON object, one line.
///
/// | CloudEvents | event |
/// |---|---|
/// | `id` | ``Event/id``: a UUID as it is, any other made from `source` and `id`, the same at each reading |
/// | `source`, `type` | the same |
/// | `time` | ``Event/occurred``; the offset from UTC is not kept |
/// | `subject` | the stream, unless the caller names it |
/// | `datacontenttype`, `dataschema` | the payload's media type, ``Event/schema`` |
/// | `data`, `data_base64` | the payload's bytes; JSON is kept byte for byte |
/// | `correlationid`, `causationid` | the same, when they are UUIDs |
///
/// **Kept whole.** Where an entry has no place for something — an `id` that is no UUID, a further extension
/// attribute, a `subject` that does not name the stream, decimals of `time` below a microsecond — the payload is the
/// entire CloudEvent as it was written, of the media type ``wholeMediaType``.
///
/// The texts of `source`, `dataschema` and `datacontenttype` are held to the ledger's rules (not empty, no control
/// characters, a largest length) and not to the grammars of URI and MIME.
public enum CloudEvent {
    /// The media type of a CloudEvent that is kept whole as a payload.
    public static let wholeMediaType = "application/cloudevents+json"

    /// An event that was read.
    public struct Incoming: Hashable, Sendable {
        public var event: Event
        /// What the event is about: the name of its stream when the caller names no other.
        public var subject: String?
        /// Whether the payload is the whole CloudEvent.
        public var isKeptWhole: Bool
        /// The line where it begins, from 1.
        public var line: Int
    }

    /// An event with its place in a ledger, to be written.
    public struct Recorded: Hashable, Sendable {
        public var event: Event
        public var stream: StreamName
        public var revision: Revision
        public var index: EntryIndex
        public var recorded: Timestamp
        /// Whether the payload, which `event` then does not have, was removed.
        public var isPayloadRemoved: Bool

        public init(
            event: Event, stream: StreamName, revision: Revision, index: EntryIndex, recorded: Timestamp,
            isPayloadRemoved: Bool = false
        ) {
            self.isPayloadRemoved = isPayloadRemoved
            self.event = event
            self.stream = stream
            self.revision = revision
            self.index = index
            self.recorded = recorded
        }
    }

    /// Whether bytes of `mediaType` are JSON: a subtype `json`, or one that ends in `+json`; parameters and case do
    /// not matter.
    static func isJSON(_ mediaType: String) -> Bool {
        let essence = mediaType.utf8.prefix { $0 != UInt8(ascii: ";") }
        let name = String(Substring(essence).trimmingSpace).lowercased()
        return name.hasSuffix("/json") || name.hasSuffix("+json")
    }
}
