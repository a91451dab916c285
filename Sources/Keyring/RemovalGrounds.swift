public import EventFormat
internal import JSON

/// By whose authority something is removed: what `payload.removed` and `content.removed` say beside what is gone.
struct RemovalGrounds: Hashable, Sendable {
    /// The most things that one event names.
    static let maximumCount = 10_000

    let authority: String
    let schedule: String?

    /// Throws ``KeyringError/Code/malformed``, naming the event `place`, unless the texts have 1–1,024 bytes without
    /// control characters.
    init(authority: String, schedule: String?, of place: String) throws(KeyringError) {
        for (member, text) in [("authority", authority), ("schedule", schedule ?? "-")] {
            guard let complaint = TextRule.complaint(text, maximum: TrustEvent.maximumReasonByteCount) else { continue }
            throw KeyringError(.malformed, "\(place): \"\(member)\" \(complaint)")
        }
        self.authority = authority
        self.schedule = schedule
    }

    /// Reads the members of an event's object.
    init(_ object: TrustObject) throws(KeyringError) {
        let limit = TrustEvent.maximumReasonByteCount
        authority = try object.text("authority", maximum: limit)
        schedule = try object.optionalText("schedule", maximum: limit)
    }

    func add(to object: inout JSONObject) {
        object.add("authority", authority)
        if let schedule { object.add("schedule", schedule) }
    }

    /// Throws ``KeyringError/Code/malformed`` unless there are 1 to 10,000 `items`, ascending, which the member
    /// `member` of the event `place` names.
    static func check(
        _ items: [some Comparable], _ member: String, of place: String
    ) throws(KeyringError) {
        guard (1...maximumCount).contains(items.count) else {
            throw KeyringError(
                .malformed,
                "\(place): \"\(member)\" names \(items.count) \(member); write 1 to 10,000, the rest in another event")
        }
        for (item, next) in zip(items, items.dropFirst()) where item >= next {
            throw KeyringError(.malformed, "\(place): \"\(member)\" does not ascend; sort them, each once")
        }
    }
}

/// What makes the absence of a payload or a content lawful.
public struct Removal: Hashable, Sendable {
    /// The event that says so.
    public let event: EntryIndex
    /// By whose authority.
    public let authority: String
    /// The retention schedule, when it was that.
    public let schedule: String?
}
