internal import EventFormat
internal import Keyring
internal import StoreFormat

extension AppendGroup {
    /// Whether the request's events are recorded already: nil when none is, their positions when all are and are the
    /// same, a refusal otherwise (promise 2).
    mutating func earlierRecording(
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

    mutating func failedChecks(
        _ checks: [StreamCheck], _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> [FailedCheck] {
        var failed: [FailedCheck] = []
        for check in checks {
            let number = try streams.number(of: check.stream, transaction)
            let revision = streams.revision(number)
            if !check.expectation.allows(revision) {
                failed.append(FailedCheck(stream: check.stream, expected: check.expectation, actual: revision))
            }
        }
        return failed
    }

    /// Where the id is recorded; nil when it is not.
    mutating func index(
        of id: EventID, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> EntryIndex? {
        if ids.isNew(id) { return nil }
        if let index = ids.index(of: id) {
            if index >= firstUncommitted, index < first { isUndecided = true }
            return index
        }
        if idsBeingIndexed.contains(id) { isUndecided = true }
        return ids.mayBeIndexed(id) ? try transaction.indexedIndex(of: id) : nil
    }

    private mutating func event(
        _ index: EntryIndex, _ transaction: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> RecordedEvent {
        guard index >= first else {
            let event = try transaction.event(index)
            if event.isPayloadRemoved { try trust?.history.checkRemoval(of: index) }
            return event
        }
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
        if recorded.isPayloadRemoved {
            // It can be compared with nothing but its size; the id and all else are the event's.
            let size = event.payload.map { UInt64($0.bytes.count + Envelope.saltByteCount) }
            return entry.payload?.size == size ? nil : "payload"
        }
        if recorded.payload?.bytes != event.payload?.bytes { return "payload" }
        return nil
    }

    /// Whether two texts have the same bytes; `==` would take canonically equivalent ones for equal.
    private func isSame(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.isSame(as: right)
    }
}
