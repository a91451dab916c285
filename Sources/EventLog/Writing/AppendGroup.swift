internal import Digests
internal import EventFormat
internal import StoreFormat

/// The appends that one commit makes durable together.
///
/// Each request is decided on before any of its entries is made, so that a refused one leaves nothing behind (promises
/// 1, 3, 13); later requests of the group see what earlier ones add.
struct AppendGroup {
    var builder: SegmentBuilder
    private let recordedAt: Timestamp
    /// The first index of the group.
    let first: EntryIndex
    /// Where the streams that the group met end, to be carried to the next group when this one is committed.
    var streams: StreamTable
    var ids: NewIDs
    /// The newest event of an earlier commit that was given as an answer; nil when none was.
    private(set) var newestRepeated: (id: EventID, index: EntryIndex)?

    /// `greatestID`: the greatest id that was recorded before the group; nil when that is not known.
    init(after tail: LogTail, at now: Timestamp, greatestID: EventID? = nil, streams: StreamTable = StreamTable()) {
        builder = SegmentBuilder(after: tail)
        recordedAt = max(now, tail.recorded)
        first = tail.next
        ids = NewIDs(after: greatestID)
        self.streams = streams
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
        let followAll = ids.sort()
        try transaction.put(transaction.tables.ids, ids.rows, following: followAll)
        for number in streams.takeChanged() {
            let value = streams.head(number).bytes
            try transaction.put(transaction.tables.streams, streams.name(number).text.utf8.span, value.span)
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
        ids.reserveCapacity(entryCount)
    }

    /// Writes the row of ``newestRepeated`` again as it is: a commit of nothing new, which makes durable what stands
    /// before it.
    func touch(_ transaction: inout WriteTransaction) throws(LogError) {
        guard let newestRepeated else { return }
        let value = [UInt8](bigEndian: newestRepeated.index.rawValue)
        try transaction.put(transaction.tables.ids, newestRepeated.id.bytes.span, value.span)
    }

    mutating func flushSegment(_ transaction: inout WriteTransaction) throws(LogError) {
        guard !builder.isEmpty else { return }
        try transaction.append(transaction.tables.segments, builder.key.span, builder.byteCount) { output in
            builder.write(into: &output)
        }
        builder.startNext()
    }
}

// MARK: - Recording

extension AppendGroup {
    private mutating func record(
        _ request: AppendRequest, _ transaction: inout WriteTransaction
    ) throws(LogError) -> [AppendedEvent] {
        var numbers: [Int] = []
        numbers.reserveCapacity(request.streams.count)
        for stream in request.streams { numbers.append(try streams.number(of: stream, transaction)) }
        var recorded: [AppendedEvent] = []
        recorded.reserveCapacity(request.items.count)
        let (fields, envelopes) = (request.fields, request.envelopes)
        for item in request.items {
            let stream = request.streams[item.stream]
            let place = try streams.place(numbers[item.stream], transaction)
            let index = builder.tail.next
            let leaf = add(item, fields.span, to: stream, at: place, envelopes.span)
            streams.advance(numbers[item.stream], to: index, leaf: leaf, place)
            ids.add(item.id, at: index)
            recorded.append(
                AppendedEvent(id: item.id, stream: stream, revision: place.revision, index: index, repeated: false))
            if builder.isFull { try flushSegment(&transaction) }
        }
        return recorded
    }

    private mutating func add(
        _ item: AppendRequest.Item, _ fields: Span<UInt8>, to stream: StreamName, at place: StreamPlace,
        _ envelopes: Span<UInt8>
    ) -> Digest {
        do throws(FormatError) {
            return try builder.add(
                item.fields, in: fields, to: stream, at: place, recorded: recordedAt,
                envelope: envelopes.extracting(item.envelope))
        } catch {
            preconditionFailure("an event that was found valid made no valid entry: \(error)")
        }
    }
}

// MARK: - Deciding

extension AppendGroup {
    /// Whether the request's events are recorded already: nil when none is, their positions when all are and are the
    /// same, a refusal otherwise (promise 2).
    private mutating func earlierRecording(
        of request: AppendRequest, _ transaction: borrowing WriteTransaction
    ) throws(LogError) -> Result<[AppendedEvent]?, LogError> {
        if request.idsAscend, let least = request.items.first?.id, ids.isNew(least) { return .success(nil) }
        var places: [EntryIndex?] = []
        places.reserveCapacity(request.items.count)
        for item in request.items { places.append(try index(of: item.id, transaction)) }
        guard places.contains(where: { $0 != nil }) else { return .success(nil) }
        var recorded: [AppendedEvent] = []
        var unwritten: [UInt8] = []
        for (position, place) in places.enumerated() {
            guard let place else { continue }
            let item = request.items[position]
            let event = try event(place, transaction, &unwritten)
            if let difference = request.difference(at: position, from: event) {
                return .failure(
                    LogError(
                        .idConflict,
                        "event \(position + 1) of the append has the id \(item.id), which is recorded at index \(place) with "
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
                        + "(\(request.items[missing].id)) is not; append the ones that are missing by themselves")
            )
        }
        return .success(recorded)
    }

    private mutating func failedChecks(
        of request: AppendRequest, _ transaction: borrowing WriteTransaction
    ) throws(LogError) -> [FailedCheck] {
        var failed: [FailedCheck] = []
        for check in request.checks {
            let number = try streams.number(of: check.stream, transaction)
            let revision = streams.revision(number)
            if !check.expectation.allows(revision) {
                failed.append(FailedCheck(stream: check.stream, expected: check.expectation, actual: revision))
            }
        }
        return failed
    }

    private mutating func index(
        of id: EventID, _ transaction: borrowing WriteTransaction
    ) throws(LogError) -> EntryIndex? {
        if ids.isNew(id) { return nil }
        if let index = ids.index(of: id) { return index }
        return ids.mayBeStored(id) ? try transaction.index(of: id) : nil
    }

    /// `unwritten` keeps the bytes of the segment that is not written yet, from one call to the next while none is
    /// added.
    private func event(
        _ index: EntryIndex, _ transaction: borrowing WriteTransaction, _ unwritten: inout [UInt8]
    ) throws(LogError) -> RecordedEvent {
        guard index >= builder.first else { return try transaction.event(index) }
        if unwritten.isEmpty { unwritten = builder.bytes }
        let span = unwritten.span
        let layout = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(span) }
        return try RecordedEvent(
            Int(index.rawValue - layout.first.rawValue), of: layout, in: span, withPayload: true)
    }
}

extension AppendRequest {
    /// What of the event at `position` is not as `recorded` has it; nil when all is the same.
    fileprivate func difference(at position: Int, from recorded: RecordedEvent) -> String? {
        let event = event(at: position)
        let entry = recorded.entry
        if entry.stream != stream(at: position) { return "stream" }
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
