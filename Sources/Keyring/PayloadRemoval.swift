public import EventFormat
internal import JSON

/// That payloads are gone, and by whose authority: the contents of `payload.removed`.
///
/// The entries stay as they are and go on committing to the payloads; the event is what makes their absence lawful.
public struct PayloadRemoval: Hashable, Sendable {
    /// The most entries that one event names.
    public static let maximumCount = RemovalGrounds.maximumCount

    /// The entries whose payloads were removed, ascending.
    public let entries: [EntryIndex]
    private let grounds: RemovalGrounds
    /// By whose authority, for people: an order, a law, an office.
    public var authority: String { grounds.authority }
    /// The retention schedule and its rule, when it was that; nil: the payload was erased for another reason.
    public var schedule: String? { grounds.schedule }

    private static let type = "payload.removed"

    /// Throws ``KeyringError/Code/malformed`` unless there are 1 to 10,000 ascending entries and texts of 1–1,024 bytes
    /// without control characters.
    public init(entries: [EntryIndex], authority: String, schedule: String?) throws(KeyringError) {
        try RemovalGrounds.check(entries, "entries", of: PayloadRemoval.type)
        self.entries = entries
        grounds = try RemovalGrounds(authority: authority, schedule: schedule, of: PayloadRemoval.type)
    }

    init(payload: [UInt8]) throws(KeyringError) {
        let object = try TrustObject(payload: payload, of: PayloadRemoval.type, ["entries", "authority", "schedule"])
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
        try RemovalGrounds.check(entries, "entries", of: PayloadRemoval.type)
        self.entries = entries
        grounds = try RemovalGrounds(object)
    }

    var json: JSONObject {
        var object = JSONObject()
        var array = JSONArray()
        for entry in entries { array.append(entry.rawValue) }
        object.add("entries", array)
        grounds.add(to: &object)
        return object
    }
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
