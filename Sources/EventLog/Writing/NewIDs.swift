internal import EventFormat

/// The ids of a group's events.
///
/// Ids that follow time come in ascending order: then none is looked up, and none sorted.
struct NewIDs {
    private(set) var rows: [(id: EventID, index: EntryIndex)] = []
    /// The greatest id in the store or here; nil when the store has none that can be read.
    private(set) var greatest: EventID?
    private let storedGreatest: EventID?
    private var isSorted = true
    /// Made when the first id comes that is not the greatest.
    private var indexes: [EventID: EntryIndex]?

    /// `greatest`: of the store; nil when there is none.
    init(after greatest: EventID?) {
        self.greatest = greatest
        storedGreatest = greatest
    }

    mutating func reserveCapacity(_ count: Int) { rows.reserveCapacity(count) }

    /// Whether an id is greater than every other, so that it is nowhere.
    func isNew(_ id: EventID) -> Bool { greatest.map { id > $0 } ?? false }

    /// Whether the store may have an id.
    func mayBeStored(_ id: EventID) -> Bool { storedGreatest.map { id <= $0 } ?? true }

    /// Where an id of the group is recorded; nil when it is not one.
    mutating func index(of id: EventID) -> EntryIndex? {
        if indexes == nil {
            indexes = Dictionary(uniqueKeysWithValues: rows.lazy.map { ($0.id, $0.index) })
        }
        return indexes?[id]
    }

    /// Adds an id that is not there.
    mutating func add(_ id: EventID, at index: EntryIndex) {
        if let last = rows.last, id < last.id { isSorted = false }
        if greatest.map({ id > $0 }) ?? true { greatest = id }
        rows.append((id, index))
        indexes?[id] = index
    }

    /// Sorts the rows by id.
    mutating func sort() {
        if !isSorted { rows.sort { $0.id < $1.id } }
        isSorted = true
        indexes = nil
    }

    /// Whether all rows, which are sorted, are behind those of the store.
    var followStored: Bool {
        guard let least = rows.first?.id, let storedGreatest else { return false }
        return least > storedGreatest
    }

    /// Whether an id is one of the rows, which are sorted. O(log n).
    func contains(_ id: EventID) -> Bool {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].id == id
    }
}
