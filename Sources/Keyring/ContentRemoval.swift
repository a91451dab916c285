public import EventFormat
internal import JSON

/// That contents are gone, and by whose authority: the contents of `content.removed`.
///
/// Entries and payloads stay as they are and go on naming the contents; the event is what makes their absence lawful.
public struct ContentRemoval: Hashable, Sendable {
    /// The most contents that one event names.
    public static let maximumCount = 10_000

    /// The contents that were removed, ascending by their digests.
    public let contents: [ContentName]
    /// By whose authority, for people: an order, a law, an office.
    public let authority: String
    /// The retention schedule and its rule, when it was that; nil: they were erased for another reason.
    public let schedule: String?

    /// Throws ``KeyringError/Code/malformed`` unless there are 1 to 10,000 ascending contents and texts of 1–1,024
    /// bytes without control characters.
    public init(contents: [ContentName], authority: String, schedule: String?) throws(KeyringError) {
        let place = "content.removed"
        guard (1...ContentRemoval.maximumCount).contains(contents.count) else {
            throw KeyringError(
                .malformed,
                "\(place): \"contents\" names \(contents.count) contents; write 1 to 10,000, the rest in another event")
        }
        guard zip(contents, contents.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw KeyringError(
                .malformed, "\(place): \"contents\" does not ascend; sort them by their digests, each once")
        }
        for (member, text) in [("authority", authority), ("schedule", schedule ?? "-")] {
            guard let complaint = TextRule.complaint(text, maximum: TrustEvent.maximumReasonByteCount) else { continue }
            throw KeyringError(.malformed, "\(place): \"\(member)\" \(complaint)")
        }
        self.contents = contents
        self.authority = authority
        self.schedule = schedule
    }

    init(payload: [UInt8]) throws(KeyringError) {
        let object = try TrustObject(payload: payload, of: "content.removed", ["contents", "authority", "schedule"])
        guard let elements = object.document.elements(at: try object.position("contents")) else {
            throw object.fault("contents", "is no array; write the names of the contents")
        }
        var contents: [ContentName] = []
        for element in elements {
            guard let name = object.document.string(at: element).flatMap({ ContentName($0) }) else {
                throw object.fault("contents", "holds something that is no name; write ni:///sha-256;… for each")
            }
            contents.append(name)
        }
        let limit = TrustEvent.maximumReasonByteCount
        try self.init(
            contents: contents, authority: try object.text("authority", maximum: limit),
            schedule: try object.optionalText("schedule", maximum: limit))
    }

    var json: JSONObject {
        var object = JSONObject()
        var array = JSONArray()
        for content in contents { array.append(content.text) }
        object.add("contents", array)
        object.add("authority", authority)
        if let schedule { object.add("schedule", schedule) }
        return object
    }
}

extension KeyHistory {
    /// The event under which a content may be gone, if one was recorded. O(1).
    public func removal(of content: ContentName) -> Removal? { contentRemovals[content] }

    /// The contents that may be gone, each with the event that says so. O(their number).
    public var removedContents: [ContentName: Removal] { contentRemovals }

    /// The newest event under which anything may be gone. O(removals).
    public var newestRemoval: EntryIndex? {
        [contentRemovals.values.lazy.map(\.event).max(), removals.values.lazy.map(\.event).max()].compactMap(\.self)
            .max()
    }

    /// Takes in a removal.
    mutating func remove(_ removal: ContentRemoval, at index: EntryIndex) {
        for content in removal.contents where contentRemovals[content] == nil {
            contentRemovals[content] = Removal(
                event: index, authority: removal.authority, schedule: removal.schedule)
        }
    }
}
