internal import Digests
internal import EventFormat
internal import StoreFormat

/// The streams that the writer knows: where each ends, looked up once and then carried along.
///
/// Kept from one commit to the next as long as nobody else writes; whoever cannot be sure of that begins with an empty
/// one. A number that ``number(of:_:)`` gives is good for as long as the table.
struct StreamTable {
    /// More streams than this are not kept for the next commit.
    static let maximumCount = 1 << 15

    private var numbers: [StreamName: Int] = [:]
    private var states: [StreamState] = []
    /// Streams that have a new end since the last ``takeChanged()``.
    private var changed: [Int] = []

    /// Whether it has grown so large that the next commit had better begin with an empty one.
    var isFull: Bool { states.count > StreamTable.maximumCount }

    /// The number of a stream, whose end is read when it is not known yet.
    mutating func number(
        of stream: StreamName, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> Int {
        if let number = numbers[stream] { return number }
        let number = states.count
        states.append(StreamState(name: stream, end: try StreamTable.end(of: stream, transaction)))
        numbers[stream] = number
        return number
    }

    private static func end(
        of stream: StreamName, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> StreamEnd? {
        guard let head = try transaction.head(of: stream) else { return nil }
        return StreamEnd(head, leaf: try transaction.leaf(head.index))
    }

    /// The revision of a stream's newest entry; nil when it has none.
    func revision(_ number: Int) -> Revision? { states[number].end?.revision }

    /// Where the stream's next entry goes.
    mutating func place(
        _ number: Int, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> StreamPlace {
        guard states[number].end != nil else {
            return StreamPlace(revision: 0, previousLeaf: nil, link: StreamLink(previous: nil, jump: nil))
        }
        do throws(LogError) {
            return try states[number].end!.next(transaction)
        } catch {
            guard error.code == .damaged else { throw error }
            throw LogError.damaged("stream \"\(states[number].name.text.escapingControls)\": \(error.reason)")
        }
    }

    /// The stream has a new entry at `index`, of leaf hash `leaf`, at the place that ``place(_:_:)`` gave.
    mutating func advance(_ number: Int, to index: EntryIndex, leaf: Digest, _ place: StreamPlace) {
        if !states[number].isChanged {
            states[number].isChanged = true
            changed.append(number)
        }
        if states[number].end == nil {
            states[number].end = StreamEnd(first: index, leaf: leaf)
        } else {
            states[number].end?.advance(to: index, leaf: leaf, place)
        }
    }

    /// The rows of the streams that have new entries, in the order of their names.
    mutating func takeChanged() -> [(stream: StreamName, head: StreamHead)] {
        var rows: [(stream: StreamName, head: StreamHead)] = []
        rows.reserveCapacity(changed.count)
        for number in changed {
            states[number].isChanged = false
            guard let end = states[number].end else { preconditionFailure("a stream that grew has no entry") }
            let head = StreamHead(revision: end.revision, index: end.index, jump: end.jump)
            rows.append((states[number].name, head))
        }
        changed.removeAll(keepingCapacity: true)
        rows.sort { $0.stream < $1.stream }
        return rows
    }
}

private struct StreamState {
    let name: StreamName
    /// nil when the stream has no entry.
    var end: StreamEnd?
    var isChanged = false
}

/// A stream's newest entry, and the way back from it.
private struct StreamEnd {
    private(set) var revision: Revision
    private(set) var leaf: Digest
    /// The entries that jumps lead to from the newest, which is the last one here; ``StreamJump`` makes their number
    /// O(log n), and the next entry's jump one of the last three.
    private var jumps: [EntryIndex]
    /// Whether `jumps` begins with the stream's first entry; where it does not, older ones are read when needed.
    private var isWhole: Bool

    init(first: EntryIndex, leaf: Digest) {
        (revision, self.leaf, jumps, isWhole) = (0, leaf, [first], true)
    }

    init(_ head: StreamHead, leaf: Digest) {
        revision = head.revision
        self.leaf = leaf
        jumps = head.jump.map { [$0, head.index] } ?? [head.index]
        isWhole = head.jump == nil
    }

    var index: EntryIndex { jumps[jumps.count - 1] }
    var jump: EntryIndex? { jumps.count > 1 ? jumps[jumps.count - 2] : nil }

    mutating func next(_ transaction: borrowing some Transaction & ~Copyable) throws(LogError) -> StreamPlace {
        var jump = index
        if StreamJump.skips(after: revision) {
            if jumps.count < 3, !isWhole { try extend(transaction) }
            // The first entry of a stream, which has no jump, stands for its own.
            jump = jumps[max(0, jumps.count - 3)]
        }
        return StreamPlace(
            revision: Revision(revision.rawValue + 1), previousLeaf: leaf,
            link: StreamLink(previous: index, jump: jump))
    }

    /// Reads where the oldest known jump's own jump leads.
    private mutating func extend(_ transaction: borrowing some Transaction & ~Copyable) throws(LogError) {
        guard let older = try transaction.link(jumps[0]).jump else {
            isWhole = true
            return
        }
        guard older < jumps[0] else {
            throw LogError.damaged("entry \(jumps[0]) has a jump that does not lead back")
        }
        jumps.insert(older, at: 0)
    }

    mutating func advance(to index: EntryIndex, leaf: Digest, _ place: StreamPlace) {
        while let last = jumps.last, place.link.jump.map({ last > $0 }) ?? true { jumps.removeLast() }
        jumps.append(index)
        revision = place.revision
        self.leaf = leaf
    }
}
