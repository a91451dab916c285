internal import Digests
internal import EventFormat
internal import StoreFormat

/// The streams that the writer knows: where each ends, looked up once and then carried along.
///
/// It has all streams with entries that the index of streams does not cover, so a stream that is not here ends where
/// that index says. Kept from one commit to the next; what others commit is taken in (``follow(_:_:)``). A number that
/// ``number(of:_:)`` gives is good for as long as the table.
struct StreamTable {
    /// More streams than this are not kept for the next commit.
    static let maximumCount = 1 << 15

    private var numbers: [StreamName: Int] = [:]
    private var states: [StreamState] = []
    /// Streams that have another end than the index says.
    private var changed: [Int] = []

    /// Whether it has grown so large that it had better be given up once the index of streams covers all entries.
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
        guard let head = try transaction.indexedHead(of: stream) else { return nil }
        return StreamEnd(head, leaf: try transaction.leaf(head.index))
    }

    /// Takes in an entry that stands behind all that were taken in, and that the index of streams does not cover.
    mutating func follow(
        _ entry: IndexableEntry, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) {
        let number = try number(of: entry.stream, transaction)
        let end = states[number].end
        guard entry.revision.rawValue == end.map({ $0.revision.rawValue + 1 }) ?? 0, entry.link.previous == end?.index,
            end == nil || entry.link.jump.map({ $0 < entry.index }) ?? false
        else {
            throw LogError.damaged("entry \(entry.index) does not follow its stream's entry before")
        }
        let place = StreamPlace(revision: entry.revision, previousLeaf: end?.leaf, link: entry.link)
        advance(number, to: entry.index, leaf: entry.leaf, place)
    }

    /// The newest entry of a stream; nil when it has none.
    mutating func head(
        of stream: StreamName, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> StreamHead? {
        states[try number(of: stream, transaction)].end?.head
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

    /// The rows of the index for the streams that have another end than it says, in the order of their names.
    mutating func takeChanged() -> [(stream: StreamName, head: StreamHead)] {
        var rows: [(stream: StreamName, head: StreamHead)] = []
        rows.reserveCapacity(changed.count)
        for number in changed {
            states[number].isChanged = false
            guard let end = states[number].end else { preconditionFailure("a stream that grew has no entry") }
            rows.append((states[number].name, end.head))
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
    private var jump: EntryIndex? { jumps.count > 1 ? jumps[jumps.count - 2] : nil }
    var head: StreamHead { StreamHead(revision: revision, index: index, jump: jump) }

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
        guard let jump = place.link.jump else { preconditionFailure("an entry that is not its stream's first jumps") }
        while let last = jumps.last, last > jump { jumps.removeLast() }
        // An entry that another process recorded may jump further back than what is known here.
        if jumps.last != jump { jumps.append(jump) }
        jumps.append(index)
        revision = place.revision
        self.leaf = leaf
    }
}
