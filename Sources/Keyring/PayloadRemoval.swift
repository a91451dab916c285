public import EventFormat
internal import JSON

/// That payloads are gone, and by whose authority: the contents of `payload.removed`.
///
/// The entries stay as they are and go on committing to the payloads; the event is what makes their absence lawful.
public struct PayloadRemoval: Hashable, Sendable {
    /// The most entries that one event names.
    public static let maximumCount = 10_000

    /// The entries whose payloads were removed, ascending.
    public let entries: [EntryIndex]
    /// By whose authority, for people: an order, a law, an office.
    public let authority: String
    /// The retention schedule and its rule, when it was that; nil: the payload was erased for another reason.
    public let schedule: String?

    /// Throws ``KeyringError/Code/malformed`` unless there are 1 to 10,000 ascending entries and texts of 1–1,024 bytes
    /// without control characters.
    public init(entries: [EntryIndex], authority: String, schedule: String?) throws(KeyringError) {
        let place = "payload.removed"
        guard (1...PayloadRemoval.maximumCount).contains(entries.count) else {
            throw KeyringError(
                .malformed,
                "\(place): \"entries\" names \(entries.count) entries; write 1 to 10,000, the rest in another event")
        }
        guard zip(entries, entries.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw KeyringError(.malformed, "\(place): \"entries\" does not ascend; sort them, each once")
        }
        for (member, text) in [("authority", authority), ("schedule", schedule ?? "-")] {
            guard let complaint = TextRule.complaint(text, maximum: TrustEvent.maximumReasonByteCount) else { continue }
            throw KeyringError(.malformed, "\(place): \"\(member)\" \(complaint)")
        }
        self.entries = entries
        self.authority = authority
        self.schedule = schedule
    }

    init(payload: [UInt8]) throws(KeyringError) {
        let object = try TrustObject(payload: payload, of: "payload.removed", ["entries", "authority", "schedule"])
        guard let elements = object.document.elements(at: try object.position("entries")) else {
            throw object.fault("entries", "is no array; write the indexes of the entries")
        }
        var entries: [EntryIndex] = []
        for element in elements {
            guard let index = object.document.integer(at: element), index >= 0 else {
                throw object.fault("entries", "holds something that is no index; write whole numbers from 0")
            }
            entries.append(EntryIndex(UInt64(index)))
        }
        let limit = TrustEvent.maximumReasonByteCount
        try self.init(
            entries: entries, authority: try object.text("authority", maximum: limit),
            schedule: try object.optionalText("schedule", maximum: limit))
    }

    var json: JSONObject {
        var object = JSONObject()
        var array = JSONArray()
        for entry in entries { array.append(entry.rawValue) }
        object.add("entries", array)
        object.add("authority", authority)
        if let schedule { object.add("schedule", schedule) }
        return object
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

extension KeyHistory {
    /// The event under which the payload of an entry may be gone, if one was recorded. O(1).
    public func removal(of entry: EntryIndex) -> Removal? { removals[entry] }

    /// The entries whose payloads may be gone, each with the event that says so. O(their number).
    public var removedPayloads: [EntryIndex: Removal] { removals }

    /// Takes in a removal. Throws ``KeyringError/Code/malformed`` when it names an entry that does not stand before it,
    /// or one of the stream `ledger`, from which keys and policies follow.
    mutating func remove(_ removal: PayloadRemoval, at index: EntryIndex) throws(KeyringError) {
        guard let last = removal.entries.last, last < index else {
            throw KeyringError(
                .malformed,
                "payload.removed: \"entries\" names an entry that does not stand before the event, entry \(index)")
        }
        for entry in removal.entries {
            let place = ownEntries.partitioningIndex { $0 >= entry }
            guard place == ownEntries.count || ownEntries[place] != entry else {
                throw KeyringError(
                    .malformed,
                    "payload.removed: \"entries\" names entry \(entry) of the stream \"ledger\", whose payloads are never "
                        + "removed: leave it out")
            }
        }
        for entry in removal.entries where removals[entry] == nil {
            removals[entry] = Removal(event: index, authority: removal.authority, schedule: removal.schedule)
        }
    }
}
