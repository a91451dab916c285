internal import Digests
internal import EventFormat
internal import StoreFormat

/// The appends that one commit makes durable together.
///
/// Each request is decided on before any of its entries is made, so that a refused one leaves nothing behind (promises
/// 1, 3, 13); later requests of the group see what earlier ones add.
struct AppendGroup {
    private(set) var builder: SegmentBuilder
    private let recordedAt: Timestamp
    /// The first index of the group.
    let first: EntryIndex
    private var heads: [StreamName: StreamHead] = [:]
    private var newIDs: [EventID: EntryIndex] = [:]
    /// The newest event of an earlier commit that was given as an answer; nil when none was.
    private(set) var newestRepeated: (id: EventID, index: EntryIndex)?

    /// The greatest id that was recorded before the group; nil when that is not known. Ids that follow time are
    /// greater, and need no look-up.
    private let greatestID: EventID?

    init(after tail: LogTail, at now: Timestamp, greatestID: EventID? = nil) {
        self.greatestID = greatestID
        builder = SegmentBuilder(after: tail)
        recordedAt = max(now, tail.recorded)
        first = tail.next
    }

    /// Whether nothing has been added.
    var isEmpty: Bool { builder.tail.next == first }

    /// The log's tail once the group is committed.
    var tail: LogTail { builder.tail }

    /// Adds a request's entries, or says why not. Throws when the store itself fails; the group is then lost.
    mutating func add(
        _ request: AppendRequest, _ transaction: inout WriteTransaction
    ) throws(LogError) -> Result<[AppendedEvent], LogError> {
        switch try earlierRecording(of: request, transaction) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let recorded?):
            for place in recorded where place.index < first && place.index >= newestRepeated?.index ?? 0 {
                newestRepeated = (place.id, place.index)
            }
            return .success(recorded)
        case .success(nil): break
        }
        let failed = try failedChecks(of: request, transaction)
        guard failed.isEmpty else {
            let list = failed.map(\.description).joined(separator: "; ")
            return .failure(LogError(.expectationFailed, "nothing was recorded: \(list)", failedChecks: failed))
        }
        return .success(try record(request, &transaction))
    }

    /// Writes what is still in memory: the last segment, the ids and the streams' newest entries.
    mutating func finish(_ transaction: inout WriteTransaction) throws(LogError) {
        try flushSegment(&transaction)
        try putIDs(&transaction)
        for (stream, head) in heads.sorted(by: { $0.key < $1.key }) {
            let key = Array(stream.text.utf8)
            try transaction.put(transaction.tables.streams, key.span, head.bytes.span)
        }
    }

    private func putIDs(_ transaction: inout WriteTransaction) throws(LogError) {
        let sorted = newIDs.sorted { $0.key < $1.key }
        guard let least = sorted.first?.key else { return }
        let followAll = greatestID.map { $0 < least } ?? false
        var row: [UInt8] = []
        for (id, index) in sorted {
            row.removeAll(keepingCapacity: true)
            id.append(to: &row)
            row.append(bigEndian: index.rawValue)
            let key = row.span.extracting(0..<EventID.byteCount)
            let value = row.span.extracting(EventID.byteCount..<row.count)
            if followAll {
                try transaction.append(transaction.tables.ids, key, value)
            } else {
                try transaction.put(transaction.tables.ids, key, value)
            }
        }
    }

    /// Makes room for what requests will add.
    mutating func reserve(for requests: some Sequence<AppendRequest>) {
        var (entryCount, byteCount) = (0, 0)
        for request in requests {
            entryCount += request.items.count
            byteCount += request.envelopes.count
        }
        builder.reserve(entryCount: entryCount, envelopeByteCount: byteCount)
        newIDs.reserveCapacity(entryCount)
    }

    /// Writes the row of ``newestRepeated`` again as it is: a commit of nothing new, which makes durable what stands
    /// before it.
    func touch(_ transaction: inout WriteTransaction) throws(LogError) {
        guard let newestRepeated else { return }
        let value = [UInt8](bigEndian: newestRepeated.index.rawValue)
        try transaction.put(transaction.tables.ids, newestRepeated.id.bytes.span, value.span)
    }

    private mutating func flushSegment(_ transaction: inout WriteTransaction) throws(LogError) {
        guard !builder.isEmpty else { return }
        var value: [UInt8] = []
        builder.write(into: &value)
        try transaction.append(transaction.tables.segments, builder.key.span, value.span)
        builder.startNext()
    }
}

// MARK: - Recording

extension AppendGroup {
    private mutating func record(
        _ request: AppendRequest, _ transaction: inout WriteTransaction
    ) throws(LogError) -> [AppendedEvent] {
        var recorded: [AppendedEvent] = []
        recorded.reserveCapacity(request.items.count)
        for item in request.items {
            let place = try place(in: item.stream, transaction)
            let entry = entry(item, place)
            let envelope = request.envelopes.span.extracting(item.envelope)
            do throws(FormatError) {
                try builder.add(entry, envelope: envelope, link: place.link)
            } catch {
                preconditionFailure("an event that was found valid made no valid entry: \(error)")
            }
            heads[item.stream] = StreamHead(revision: place.revision, index: entry.index, jump: place.link.jump)
            newIDs[item.event.id] = entry.index
            recorded.append(
                AppendedEvent(
                    id: entry.id, stream: entry.stream, revision: entry.revision, index: entry.index, repeated: false))
            if builder.isFull { try flushSegment(&transaction) }
        }
        return recorded
    }

    private func entry(_ item: AppendRequest.Item, _ place: Place) -> Entry {
        Entry(
            index: builder.tail.next, previous: builder.tail.leaf, recorded: recordedAt, stream: item.stream,
            revision: place.revision, streamPrevious: place.previousLeaf, id: item.event.id, type: item.event.type,
            source: item.event.source, occurred: item.event.occurred ?? recordedAt, payload: item.commitment,
            schema: item.event.schema, correlation: item.event.correlation, causation: item.event.causation)
    }

    /// Where the next entry of a stream goes.
    private struct Place {
        var revision: Revision
        var previousLeaf: Digest?
        var link: StreamLink
    }

    private func place(in stream: StreamName, _ transaction: borrowing WriteTransaction) throws(LogError) -> Place {
        guard let head = try head(of: stream, transaction) else {
            return Place(revision: 0, previousLeaf: nil, link: StreamLink(previous: nil, jump: nil))
        }
        var jump: EntryIndex? = head.index
        if StreamJump.skips(after: head.revision) {
            guard let middle = head.jump else {
                throw LogError.damaged("the newest row of stream \"\(stream.text.escapingControls)\" has no jump")
            }
            // The first entry of a stream, which has no jump, stands for its own.
            jump = try link(of: middle, transaction).jump ?? middle
        }
        let leaf = try leaf(of: head.index, transaction)
        return Place(
            revision: Revision(head.revision.rawValue + 1), previousLeaf: leaf,
            link: StreamLink(previous: head.index, jump: jump))
    }

    private func head(of stream: StreamName, _ transaction: borrowing WriteTransaction) throws(LogError) -> StreamHead?
    {
        if let head = heads[stream] { return head }
        return try transaction.head(of: stream)
    }

    private func link(of index: EntryIndex, _ transaction: borrowing WriteTransaction) throws(LogError) -> StreamLink {
        index >= builder.first ? builder.link(at: index) : try transaction.link(index)
    }

    private func leaf(of index: EntryIndex, _ transaction: borrowing WriteTransaction) throws(LogError) -> Digest {
        if index >= builder.first { return builder.leaf(at: index) }
        return try transaction.segment(holding: index) { layout, bytes throws(LogError) in
            layout.leaf(Int(index.rawValue - layout.first.rawValue), in: bytes)
        }
    }
}

// MARK: - Deciding

extension AppendGroup {
    /// Whether the request's events are recorded already: nil when none is, their positions when all are and are the
    /// same, a refusal otherwise (promise 2).
    private func earlierRecording(
        of request: AppendRequest, _ transaction: borrowing WriteTransaction
    ) throws(LogError) -> Result<[AppendedEvent]?, LogError> {
        var places: [EntryIndex?] = []
        places.reserveCapacity(request.items.count)
        for item in request.items { places.append(try index(of: item.event.id, transaction)) }
        guard places.contains(where: { $0 != nil }) else { return .success(nil) }
        var recorded: [AppendedEvent] = []
        var unwritten: [UInt8] = []
        for (position, place) in places.enumerated() {
            guard let place else { continue }
            let item = request.items[position]
            let event = try event(place, transaction, &unwritten)
            if let difference = item.difference(from: event) {
                return .failure(
                    LogError(
                        .idConflict,
                        "event \(position + 1) of the append has the id \(item.event.id), which is recorded at index \(place) with "
                            + "another \(difference); give a new event a new id"))
            }
            recorded.append(
                AppendedEvent(
                    id: event.id, stream: event.stream, revision: event.revision, index: place, repeated: true))
        }
        guard recorded.count == places.count else {
            let missing = places.firstIndex { $0 == nil } ?? 0
            return .failure(
                LogError(
                    .partlyRecorded,
                    "\(recorded.count) of the append's \(places.count) events are recorded, event \(missing + 1) "
                        + "(\(request.items[missing].event.id)) is not; append the ones that are missing by themselves")
            )
        }
        return .success(recorded)
    }

    private func failedChecks(
        of request: AppendRequest, _ transaction: borrowing WriteTransaction
    ) throws(LogError) -> [FailedCheck] {
        var failed: [FailedCheck] = []
        for check in request.checks {
            let revision = try head(of: check.stream, transaction)?.revision
            if !check.expectation.allows(revision) {
                failed.append(FailedCheck(stream: check.stream, expected: check.expectation, actual: revision))
            }
        }
        return failed
    }

    private func index(of id: EventID, _ transaction: borrowing WriteTransaction) throws(LogError) -> EntryIndex? {
        if let index = newIDs[id] { return index }
        if let greatestID, id > greatestID { return nil }
        return try transaction.index(of: id)
    }

    /// `unwritten` keeps the bytes of the segment that is not written yet, from one call to the next while none is
    /// added.
    private func event(
        _ index: EntryIndex, _ transaction: borrowing WriteTransaction, _ unwritten: inout [UInt8]
    ) throws(LogError) -> RecordedEvent {
        guard index >= builder.first else { return try transaction.event(index) }
        if unwritten.isEmpty { builder.write(into: &unwritten) }
        let span = unwritten.span
        let layout = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(span) }
        return try RecordedEvent(
            Int(index.rawValue - layout.first.rawValue), of: layout, in: span, withPayload: true)
    }
}

extension AppendRequest.Item {
    /// What of the item is not as `recorded` has it; nil when all is the same.
    fileprivate func difference(from recorded: RecordedEvent) -> String? {
        let entry = recorded.entry
        if entry.stream != stream { return "stream" }
        if !isSame(entry.type, event.type) { return "type" }
        if !isSame(entry.source, event.source) { return "source" }
        if let occurred = event.occurred, occurred != entry.occurred { return "time" }
        if !isSame(entry.schema, event.schema) { return "schema" }
        if entry.correlation != event.correlation { return "correlation" }
        if entry.causation != event.causation { return "causation" }
        if !isSame(entry.payload?.mediaType, event.payload?.mediaType) { return "media type" }
        if recorded.payload?.bytes != event.payload?.bytes { return "payload" }
        return nil
    }

    /// Whether two texts have the same bytes; `==` would take canonically equivalent ones for equal.
    private func isSame(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.utf8.span.isSame(as: right.utf8.span)
    }
}

// MARK: - Copying

extension AppendGroup {
    /// Adds an entry of another copy of the log, checking that it follows the tail and its stream, and that it has the
    /// leaf hash that was stored for it.
    mutating func copy(
        _ slice: RawSlice, _ position: Int, _ transaction: inout WriteTransaction
    ) throws(LogError) {
        let start = slice.start(of: position)
        let end = slice.ends[position]
        let bytes = slice.bytes.span.extracting(start..<end.entry)
        let index = builder.tail.next
        let layout = try LogError.decoding(bytes, expecting: index.rawValue)
        let entry = Entry(layout, in: bytes)
        let place = try place(in: entry.stream, transaction)
        guard entry.previous == builder.tail.leaf, entry.revision == place.revision,
            entry.streamPrevious == place.previousLeaf,
            entry.recorded >= builder.tail.recorded
        else {
            throw LogError.damaged("entry \(index) does not follow the entry or the stream's entry before it")
        }
        let envelope = slice.bytes.span.extracting(end.entry..<end.envelope)
        if let payload = entry.payload, Envelope.digest(envelope) != payload.digest {
            throw LogError.damaged("the payload of entry \(index) does not have the digest that the entry states")
        }
        let leaf = builder.add(recorded: bytes, layout: layout, envelope: envelope, link: place.link)
        guard leaf == slice.leaves[position] else {
            throw LogError.damaged("entry \(index) does not have the leaf hash that is stored for it")
        }
        heads[entry.stream] = StreamHead(revision: entry.revision, index: index, jump: place.link.jump)
        newIDs[entry.id] = index
        if builder.isFull { try flushSegment(&transaction) }
    }
}
