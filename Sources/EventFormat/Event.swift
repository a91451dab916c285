/// What a service says happened, before it is recorded.
///
/// ```swift
/// let event = Event(
///     type: "application.received",
///     source: "https://permits.example.gov/intake",
///     payload: .json(#"{"kind":"building"}"#))
/// ```
public struct Event: Hashable, Sendable {
    /// The event's name for ever; retrying an append with the same ids records nothing twice.
    public var id: EventID
    /// What happened, 1–255 bytes without control characters, such as `document.registered`.
    public var type: String
    /// The appending service, a URI-reference of 1–2,048 bytes (CloudEvents `source`).
    public var source: String
    /// When it happened, as the source claims (CloudEvents `time`); nil: when it is recorded.
    public var occurred: Timestamp?
    /// The private bytes, if any.
    public var payload: Payload?
    /// What describes the payload, a URI of 1–2,048 bytes (CloudEvents `dataschema`).
    public var schema: String?
    /// What this event belongs to: the id of a process or a request.
    public var correlation: EventID?
    /// The event that led to this one.
    public var causation: EventID?

    public init(
        id: EventID = EventID(),
        type: String,
        source: String,
        occurred: Timestamp? = nil,
        payload: Payload? = nil,
        schema: String? = nil,
        correlation: EventID? = nil,
        causation: EventID? = nil
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.occurred = occurred
        self.payload = payload
        self.schema = schema
        self.correlation = correlation
        self.causation = causation
    }

    /// Throws ``FormatError`` naming the first field that the format excludes.
    public func validate() throws(FormatError) {
        try FieldRules.check(type, as: "type", maximum: FieldRules.maximumTypeByteCount)
        try FieldRules.check(source, as: "source", maximum: FieldRules.maximumReferenceByteCount)
        if let schema { try FieldRules.check(schema, as: "schema", maximum: FieldRules.maximumReferenceByteCount) }
        if let payload {
            try FieldRules.check(payload.mediaType, as: "media type", maximum: FieldRules.maximumMediaTypeByteCount)
            guard payload.bytes.count <= Payload.maximumByteCount else {
                throw FormatError(
                    .tooLarge,
                    "the payload has \(payload.bytes.count) bytes; at most \(Payload.maximumByteCount) are allowed: "
                        + "keep larger contents elsewhere and name them by digest")
            }
        }
    }
}

/// An event's private bytes with their media type.
public struct Payload: Hashable, Sendable {
    /// The most bytes of one payload: 1 MiB.
    public static let maximumByteCount = 1 << 20

    public var bytes: [UInt8]
    /// What the bytes are (RFC 2046), such as `application/json`.
    public var mediaType: String

    public init(bytes: [UInt8], mediaType: String) {
        self.bytes = bytes
        self.mediaType = mediaType
    }

    /// A payload of `application/json` from its text.
    public static func json(_ text: String) -> Payload {
        Payload(bytes: Array(text.utf8), mediaType: "application/json")
    }
}
