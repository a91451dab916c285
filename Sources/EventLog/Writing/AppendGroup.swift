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
    private(set) var finished: [SegmentBuilder] = []
    /// When the next entries are recorded.
    private var recordedAt: Timestamp
    /// The first index of the group.
    let first: EntryIndex
    /// Where the streams that the group met end, and all that the index tables do not cover.
    var streams: StreamTable
    /// The ids of the entries that the index tables do not cover.
    var ids: RecentIDs
    /// The first entry that may not be committed yet.
    let firstUncommitted: EntryIndex
    /// What is being added to the index of ids, so that it is not to be seen there yet.
    let idsBeingIndexed: SortedIDs
    /// How many entries the index tables cover.
    private var indexed: UInt64
    /// The bytes of the segment whose entries were asked for last, as long as it has so many.
    var unwritten: (first: EntryIndex, count: Int, bytes: [UInt8]) = (0, 0, [])
    /// The ledger's keys and policy behind the entries that were added; nil only for the first entry and for copies,
    /// which are not decided on.
    private(set) var trust: Trust?
    /// Whether a request could not be decided on before the group before is committed. The group is then useless.
    var isUndecided = false
    /// The newest event of an earlier commit that was given as an answer; nil when none was.
    private(set) var newestRepeated: (id: EventID, index: EntryIndex)?

    /// Takes the streams and ids out of `base`, so that they are changed in place.
    ///
    /// `ahead`: whether the group before, which `base` includes, may not be committed yet.
    init(on base: inout GroupBase, at now: Timestamp, ahead: Bool = false) {
        builder = SegmentBuilder(after: base.tail)
        recordedAt = max(now, base.tail.recorded)
        first = base.tail.next
        firstUncommitted = ahead ? base.latest : base.tail.next
        idsBeingIndexed = ahead ? base.idsBeingIndexed : SortedIDs()
        indexed = base.indexed
        trust = base.trust
        (streams, ids) = base.spend()
    }

    /// The index tables' rows that the group is to write; nil when it leaves that to a later one.
    private var indexRows: IndexRows?

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
        let failed = try failedChecks(request.checks, transaction)
        guard failed.isEmpty else {
            let list = failed.map(\.description).joined(separator: "; ")
            return .failure(LogError(.expectationFailed, "nothing was recorded: \(list)", failedChecks: failed))
        }
        defer { trust = after }
        return .success(try record(request.parts, .of(request), transaction))
    }

    /// The keys and policy once the request's events are recorded, or why the present ones do not admit them.
    private func standing(of request: AppendRequest) -> Result<Trust?, LogError> {
        guard let trust else {
            precondition(first == 0, "only a ledger's first entry is recorded before its keys are known")
            return .success(nil)
        }
        do throws(LogError) {
            try request.check(under: trust, at: builder.tail.next)
            try request.checkContents(trust.history)
            return .success(request.isReserved ? try trust.adding(request, at: builder.tail.next) : trust)
        } catch {
            return .failure(error)
        }
    }

    /// Ends the adding. What the next group follows, once this one is committed as `transaction`, is returned.
    ///
    /// The index tables are written when they would leave out more than `recentCount` entries: in one go, since their
    /// rows stand in as many places as there are streams. Rows of ids that do not follow those of the index each touch
    /// a page of their own; of them fewer are put off, so that no commit takes long.
    mutating func close(_ transaction: UInt64, recentCount: Int) -> GroupBase {
        // Names that were only asked about may have filled the table.
        if isEmpty, streams.isFull { return GroupBase() }
        let recent = tail.next.rawValue - indexed
        let limit = ids.isScattered ? min(recentCount, AppendGroup.scatteredCount) : recentCount
        let isDue = !isEmpty && recent > UInt64(limit)
        var next = GroupBase()
        (next.tail, next.transaction, next.latest, next.trust) = (tail, transaction, first, trust)
        if isDue || streams.isFull {
            let rows = IndexRows(ids: ids.sorted, heads: streams.takeChanged())
            (indexRows, next.idsBeingIndexed) = (rows, rows.ids)
            indexed = tail.next.rawValue
            ids = RecentIDs(after: ids.greatest)
            next.isPartial = streams.isFull
            if streams.isFull { streams = StreamTable() }
        }
        next.indexed = indexed
        (next.streams, next.ids) = (streams, ids)
        (streams, ids) = (StreamTable(), RecentIDs(after: nil))
        return next
    }

    /// Past this many entries, ids that do not follow those of the index are written to it.
    private static let scatteredCount = 256

    /// Writes what ``close(_:recentCount:)`` has ended: the segments, and the index tables when they are due.
    func write(to transaction: inout WriteTransaction) throws(LogError) {
        try transaction.mark(indexed: indexed, isNew: indexRows != nil)
        for segment in finished { try write(segment, &transaction) }
        if !builder.isEmpty { try write(builder, &transaction) }
        guard let indexRows else { return }
        try transaction.put(transaction.tables.ids, indexRows.ids.rows, following: indexRows.ids.areLast)
        for (stream, head) in indexRows.heads {
            let value = head.bytes
            try transaction.put(transaction.tables.streams, stream.text.utf8.span, value.span)
        }
    }

    private struct IndexRows {
        let ids: SortedIDs
        let heads: [(stream: StreamName, head: StreamHead)]
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
    /// Records the parts of an append that was decided on, whose last entry carries `signature`, asked for at the end.
    mutating func record(
        _ parts: [AppendPart], _ signature: LastSignature, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> [AppendedEvent] {
        var recorded: [AppendedEvent] = []
        recorded.reserveCapacity(parts.reduce(0) { $0 + $1.items.count })
        for part in parts.dropLast() { try record(part, nil, transaction, &recorded) }
        if let last = parts.last { try record(last, signature, transaction, &recorded) }
        return recorded
    }

    /// Records a part, whose last entry carries `signature`.
    private mutating func record(
        _ part: AppendPart, _ signature: LastSignature?, _ transaction: borrowing some Transaction & ~Copyable,
        _ recorded: inout [AppendedEvent]
    ) throws(LogError) {
        let first = try streams.number(of: part.streams[0], transaction)
        var others: [Int] = []
        for stream in part.streams.dropFirst() { others.append(try streams.number(of: stream, transaction)) }
        let (fields, envelopes) = (part.fields, part.envelopes)
        for (position, item) in part.items.enumerated() {
            let stream = part.streams[item.stream]
            let number = item.stream == 0 ? first : others[item.stream - 1]
            let place = try streams.place(number, transaction)
            let index = builder.tail.next
            let signature = position == part.items.count - 1 ? try signature?.value() : nil
            let leaf = add(item, fields.span, to: stream, at: place, signature, envelopes.span)
            streams.advance(number, to: index, leaf: leaf, place)
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

/// The signature that an append's last entry carries, if any.
enum LastSignature {
    /// One that may still have to be made.
    case of(AppendRequest)
    case given(AppendSignature?)

    /// Throws ``LogError/Code/signingFailed``.
    func value() throws(LogError) -> AppendSignature? {
        switch self {
        case .of(let request): try request.signature()
        case .given(let signature): signature
        }
    }
}
