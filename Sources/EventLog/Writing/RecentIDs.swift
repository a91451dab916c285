internal import EventFormat

/// The ids of the entries that the index of ids does not cover yet, in the order of the entries.
///
/// Ids that follow time come in ascending order: then none is looked up, and none sorted.
struct RecentIDs {
    private(set) var rows: [(id: EventID, index: EntryIndex)] = []
    /// The greatest id in the index or here; nil when there is none.
    private(set) var greatest: EventID?
    private let greatestIndexed: EventID?
    private var isSorted = true
    /// Whether an id is below the greatest of the index, so that its row is to stand between others.
    private(set) var isScattered = false
    /// Made when the first id comes that is not the greatest.
    private var indexes: [EventID: EntryIndex]?

    /// `greatest`: of the index; nil when it is empty.
    init(after greatest: EventID?) {
        self.greatest = greatest
        greatestIndexed = greatest
    }

    mutating func reserveCapacity(_ count: Int) {
        if rows.isEmpty { rows.reserveCapacity(count) }
    }

    /// Whether an id is greater than every other, so that it is nowhere.
    func isNew(_ id: EventID) -> Bool { greatest.map { id > $0 } ?? false }

    /// Whether the index may have an id.
    func mayBeIndexed(_ id: EventID) -> Bool { greatestIndexed.map { id <= $0 } ?? true }

    /// Where an id is recorded; nil when it is not one of these.
    mutating func index(of id: EventID) -> EntryIndex? {
        if indexes == nil {
            // Entries that were recorded elsewhere may have an id twice; then the first one counts.
            indexes = Dictionary(rows.lazy.map { ($0.id, $0.index) }) { first, _ in first }
        }
        return indexes?[id]
    }

    /// Adds an id that is not there.
    mutating func add(_ id: EventID, at index: EntryIndex) {
        if let last = rows.last, id < last.id { isSorted = false }
        if let greatestIndexed, id < greatestIndexed { isScattered = true }
        if greatest.map({ id > $0 }) ?? true { greatest = id }
        rows.append((id, index))
        indexes?[id] = index
    }

    /// The rows that the index is to have.
    var sorted: SortedIDs {
        SortedIDs(
            rows: isSorted ? rows : rows.sorted { $0.id < $1.id }, areLast: greatestIndexed != nil && !isScattered)
    }
}

/// Rows for the index of ids, sorted by id.
struct SortedIDs {
    var rows: [(id: EventID, index: EntryIndex)] = []
    /// Whether all of them stand behind those that the index has.
    var areLast = false

    /// Whether an id is one of the rows. O(log n).
    func contains(_ id: EventID) -> Bool {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].id == id
    }
}
