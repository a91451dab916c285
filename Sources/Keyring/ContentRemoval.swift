public import EventFormat
internal import JSON

/// That contents are gone, and by whose authority: the contents of `content.removed`.
///
/// Entries and payloads stay as they are and go on naming the contents; the event is what makes their absence lawful.
public struct ContentRemoval: Hashable, Sendable {
    /// The most contents that one event names.
    public static let maximumCount = RemovalGrounds.maximumCount

    /// The contents that were removed, ascending by their digests.
    public let contents: [ContentName]
    private let grounds: RemovalGrounds
    /// By whose authority, for people: an order, a law, an office.
    public var authority: String { grounds.authority }
    /// The retention schedule and its rule, when it was that; nil: they were erased for another reason.
    public var schedule: String? { grounds.schedule }

    private static let type = "content.removed"

    /// Throws ``KeyringError/Code/malformed`` unless there are 1 to 10,000 ascending contents and texts of 1–1,024
    /// bytes without control characters.
    public init(contents: [ContentName], authority: String, schedule: String?) throws(KeyringError) {
        try RemovalGrounds.check(contents, "contents", of: ContentRemoval.type)
        self.contents = contents
        grounds = try RemovalGrounds(authority: authority, schedule: schedule, of: ContentRemoval.type)
    }

    init(payload: [UInt8]) throws(KeyringError) {
        let object = try TrustObject(payload: payload, of: ContentRemoval.type, ["contents", "authority", "schedule"])
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
        try RemovalGrounds.check(contents, "contents", of: ContentRemoval.type)
        self.contents = contents
        grounds = try RemovalGrounds(object)
    }

    var json: JSONObject {
        var object = JSONObject()
        var array = JSONArray()
        for content in contents { array.append(content.text) }
        object.add("contents", array)
        grounds.add(to: &object)
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
