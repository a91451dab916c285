internal import Digests
internal import EventFormat
internal import StoreFormat

/// The appends that one commit makes durable together.
///
/// Each request is decided on before any of its entries is made, so that a refused one leaves nothing behind (promises
/// 1, 3, 13); later requests of the group see what earlier ones add.
struct AppendGroup {
    /// The segment that entries are added to.
    var builder: SegmentBuilder
    /// Segments that are full.
    private var finished: [SegmentBuilder] = []
    /// When the next entries are recorded.
    private var recordedAt: Timestamp
    /// The first index of the group.
    let first: EntryIndex
    /// Where the streams that the group met end.
    var streams: StreamTable
    private(set) var ids: NewIDs
    /// The ids of the group before, when that may not be committed yet.
    private let earlierIDs: NewIDs?
    /// The bytes of the segment whose entries were asked for last, as long as it has so many.
    private var unwritten: (first: EntryIndex, count: Int, bytes: [UInt8]) = (0, 0, [])
    /// The ledger's keys and policy behind the entries that were added; nil only for the first entry and for copies,
    /// which are not decided on.
    private(set) var trust: Trust?
    /// Whether a request could not be decided on before the group before is committed. The group is then useless.
    private(set) var isUndecided = false
    /// The newest event of an earlier commit that was given as an answer; nil when none was.
    private(set) var newestRepeated: (id: EventID, index: EntryIndex)?

    /// Takes the streams out of `base`, so that they are changed in place.
    ///
    /// `ahead`: whether the group before, which `base` includes, may not be committed yet.
    init(on base: inout GroupBase, at now: Timestamp, ahead: Bool = false) {
        builder = SegmentBuilder(after: base.tail)
        recordedAt = max(now, base.tail.recorded)
        first = base.tail.next
        ids = NewIDs(after: base.ids.greatest)
        earlierIDs = ahead ? base.ids : nil
        streams = base.streams
        trust = base.trust
        base.streams = StreamTable()
    }

    /// The streams that have new entries, in the order of their names, when the group is closed.
    private var heads: [(stream: StreamName, head: StreamHead)] = []

    /// Takes a later time for the entries to come, so that none is recorded before it was appended.
    mutating func goOn(at now: Timestamp) { recordedAt = max(recordedAt, now) }

    /// Whether nothing has been added.
    var isEmpty: Bool { builder.tail.next == first }

    /// Bytes of entries and envelopes that have been added.
    var byteCount: Int { finished.reduce(builder.byteCount) { $0 + $1.byteCount } }

    /// The log's tail once the group is committed.
    var tail: LogTail { builder.tail }

    /// Adds a request's entries, or says why not. Throws when the store itself fails; the group is then lost.
    mutating func add(
        _ request: AppendRequest, _ transaction: borrowing some Transaction & ~Copyable
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
        let after: Trust?
        switch standing(of: request) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let trust): after = trust
        }
        let failed = try failedChecks(of: request, transaction)
        guard failed.isEmpty else {
            let list = failed.map(\.description).joined(separator: "; ")
            return .failure(LogError(.expectationFailed, "nothing was recorded: \(list)", failedChecks: failed))
        }
        defer { trust = after }
        return .success(try record(request, transaction))
    }

    /// The keys and policy once the request's events are recorded, or why the present ones do not admit them.
    private func standing(of request: AppendRequest) -> Result<Trust?, LogError> {
        guard let trust else {
            precondition(first == 0, "only a ledger's first entry is recorded before its keys are known")
            return .success(nil)
        }
        do throws(LogError) {
            try request.check(under: trust, at: builder.tail.next)
            return .success(request.isReserved ? try trust.adding(request, at: builder.tail.next) : trust)
        } catch {
            return .failure(error)
        }
    }

    /// Ends the adding. What the next group follows, once this one is committed as `transaction`, is returned.
    mutating func close(_ transaction: UInt64) -> GroupBase {
        heads = streams.takeChanged()
        ids.sort()
        var next = GroupBase(
            tail: builder.tail, transaction: transaction, streams: streams, ids: ids, trust: trust)
        streams = StreamTable()
        if next.streams.isFull {
            next.streams = StreamTable()
            next.isPartial = true
        }
        return next
    }

    /// Writes what ``close(_:)`` has ended: the segments, the ids and the streams' newest entries.
    func write(to transaction: inout WriteTransaction) throws(LogError) {
        try transaction.markVersion()
        for segment in finished { try write(segment, &transaction) }
        if !builder.isEmpty { try write(builder, &transaction) }
        try transaction.put(transaction.tables.ids, ids.rows, following: ids.followStored)
        for (stream, head) in heads {
            let value = head.bytes
            try transaction.put(transaction.tables.streams, stream.text.utf8.span, value.span)
        }
    }

    private func write(_ segment: SegmentBuilder, _ transaction: inout WriteTransaction) throws(LogError) {
        try transaction.append(transaction.tables.segments, segment.key.span, segment.byteCount) { output in
            segment.write(into: &output)
        }
    }

    /// Makes room for what requests will add.
    mutating func reserve(for requests: some Sequence<AppendRequest>) {
        var (entryCount, byteCount) = (0, 0)
        for request in requests {
            entryCount += request.count
            byteCount += request.byteCount
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

    /// Notes an entry that ``builder`` has, and begins a new segment when that one is full.
    mutating func note(_ id: EventID, at index: EntryIndex) {
        ids.add(id, at: index)
        guard builder.isFull else { return }
        finished.append(builder)
        builder = SegmentBuilder(after: builder.tail)
    }
}

// MARK: - Recording

extension AppendGroup {
    private mutating func record(
        _ request: AppendRequest, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> [AppendedEvent] {
        var recorded: [AppendedEvent] = []
        recorded.reserveCapacity(request.count)
        for part in request.parts.dropLast() { try record(part, nil, transaction, &recorded) }
        if let last = request.parts.last { try record(last, request.signature, transaction, &recorded) }
        return recorded
    }

    /// Records a part, whose last entry carries `signature`.
    private mutating func record(
        _ part: AppendPart, _ signature: AppendSignature?, _ transaction: borrowing some Transaction & ~Copyable,
        _ recorded: inout [AppendedEvent]
    ) throws(LogError) {
        var numbers: [Int] = []
        numbers.reserveCapacity(part.streams.count)
        for stream in part.streams { numbers.append(try streams.number(of: stream, transaction)) }
        let (fields, envelopes) = (part.fields, part.envelopes)
        for (position, item) in part.items.enumerated() {
            let stream = part.streams[item.stream]
            let place = try streams.place(numbers[item.stream], transaction)
            let index = builder.tail.next
            let signature = position == part.items.count - 1 ? signature : nil
            let leaf = add(item, fields.span, to: stream, at: place, signature, envelopes.span)
            streams.advance(numbers[item.stream], to: index, leaf: leaf, place)
            note(item.id, at: index)
            recorded.append(
                AppendedEvent(id: item.id, stream: stream, revision: place.revision, index: index, repeated: false))
        }
    }

    private mutating func add(
        _ item: AppendPart.Item, _ fields: Span<UInt8>, to stream: StreamName, at place: StreamPlace,
        _ signature: AppendSignature?, _ envelopes: Span<UInt8>
    ) -> Digest {
        do throws(FormatError) {
            return try builder.add(
                item.fields, in: fields, to: stream, at: place, recorded: recordedAt,
                signature: signature, envelope: envelopes.extracting(item.envelope))
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
        of request: AppendRequest, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> Result<[AppendedEvent]?, LogError> {
        if request.idsAscend, let least = request.parts[0].items.first?.id, ids.isNew(least) { return .success(nil) }
        var places: [EntryIndex?] = []
        places.reserveCapacity(request.count)
        for id in request.ids { places.append(try index(of: id, transaction)) }
        guard places.contains(where: { $0 != nil }) else { return .success(nil) }
        var recorded: [AppendedEvent] = []
        for (position, place) in places.enumerated() {
            guard let place else { continue }
            let event = try event(place, transaction)
            if let difference = request.difference(at: position, from: event) {
                return .failure(
                    LogError(
                        .idConflict,
                        "event \(position + 1) of the append has the id \(event.id), which is recorded at index \(place) with "
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
                        + "(\(request.event(at: missing).id)) is not; append the ones that are missing by themselves")
            )
        }
        return .success(recorded)
    }

    private mutating func failedChecks(
        of request: AppendRequest, _ transaction: borrowing some Transaction & ~Copyable
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
        of id: EventID, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> EntryIndex? {
        if ids.isNew(id) { return nil }
        if let index = ids.index(of: id) { return index }
        if earlierIDs?.contains(id) ?? false { isUndecided = true }
        return ids.mayBeStored(id) ? try transaction.index(of: id) : nil
    }

    private mutating func event(
        _ index: EntryIndex, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> RecordedEvent {
        guard index >= first else { return try transaction.event(index) }
        let segment = finished.last { $0.first <= index && index < builder.first } ?? builder
        if unwritten.first != segment.first || unwritten.count != segment.count {
            unwritten = (segment.first, segment.count, segment.bytes)
        }
        let bytes = unwritten.bytes
        let span = bytes.span
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
        if !entry.type.isSame(as: event.type) { return "type" }
        if !entry.source.isSame(as: event.source) { return "source" }
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
        return left.isSame(as: right)
    }
}
