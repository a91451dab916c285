/// A binary heap of what happens next: earliest first, and of one moment by agency and arrival, so that the order
/// never depends on chance.
struct EventQueue: Sendable {
    struct Entry: Sendable {
        /// Milliseconds since 1970.
        let time: Int64
        /// The index of the agency.
        let agency: Int32
        /// Where the case is kept, or -1 for the arrival of an application.
        let slot: Int32
        /// How many applications arrived at the agency before this one.
        let ordinal: UInt64

        func precedes(_ other: Entry) -> Bool {
            if time != other.time { return time < other.time }
            if agency != other.agency { return agency < other.agency }
            return ordinal < other.ordinal
        }
    }

    private var entries: [Entry] = []

    /// What happens next.
    var first: Entry? { entries.first }

    /// O(log n).
    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, entry.precedes(entries[(index - 1) / 2]) {
            entries[index] = entries[(index - 1) / 2]
            index = (index - 1) / 2
        }
        entries[index] = entry
    }

    /// Removes the first entry. O(log n).
    mutating func removeFirst() {
        let last = entries.removeLast()
        if !entries.isEmpty { replaceFirst(last) }
    }

    /// Puts `entry` in the place of the first one. O(log n).
    mutating func replaceFirst(_ entry: Entry) {
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            guard entries[child].precedes(entry) else { break }
            entries[index] = entries[child]
            index = child
        }
        entries[index] = entry
    }
}
