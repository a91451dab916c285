public import EventFormat
internal import StoreFormat

/// In which order a stream is read.
public enum ReadDirection: Hashable, Sendable {
    case forwards
    case backwards
}

/// A part of a stream.
public struct StreamPage: Sendable {
    public let events: [RecordedEvent]
    /// The revision at which the reading goes on; nil at the stream's end.
    public let next: Revision?
}

/// A stream and its newest entry.
public struct StreamSummary: Hashable, Sendable {
    public let stream: StreamName
    public let revision: Revision
    public let index: EntryIndex
}

extension EventLog {
    /// The revision of the newest entry of `stream` below the index `end`; nil when there is none. O(log n) steps.
    public func head(of stream: StreamName, below end: EntryIndex? = nil) throws(LogError) -> Revision? {
        try read { transaction throws(LogError) in
            try transaction.walk(stream, below: end)?.revision
        }
    }

    /// Entries of `stream` from the revision `start` on in `direction`, at most `limit` and what one transaction may
    /// do.
    ///
    /// `start` nil means the first one in that direction; `end` hides entries from that index on. O(log n + entries)
    /// steps.
    public func page(
        of stream: StreamName, from start: Revision? = nil, direction: ReadDirection = .forwards,
        below end: EntryIndex? = nil,
        limit: Int, withPayloads: Bool = true
    ) throws(LogError) -> StreamPage {
        let limit = max(1, min(limit, ReadLimit.entryCount / 8))
        return try read { transaction throws(LogError) in
            guard var walk = try transaction.walk(stream, below: end) else { return StreamPage(events: [], next: nil) }
            let newest = walk.revision.rawValue
            let first: UInt64
            let last: UInt64
            switch direction {
            case .forwards:
                first = start?.rawValue ?? 0
                guard first <= newest else { return StreamPage(events: [], next: nil) }
                last = min(newest, first + UInt64(limit - 1))
            case .backwards:
                last = min(newest, start?.rawValue ?? newest)
                first = last >= UInt64(limit) ? last - UInt64(limit) + 1 : 0
            }
            try transaction.move(&walk, to: Revision(last))
            var events: [RecordedEvent] = []
            var byteCount = 0
            var places: [EntryIndex] = [walk.index]
            while walk.revision.rawValue > first {
                try transaction.move(&walk, to: Revision(walk.revision.rawValue - 1))
                places.append(walk.index)
            }
            if direction == .forwards { places.reverse() }
            for place in places where byteCount < ReadLimit.byteCount {
                let event = try transaction.event(place, withPayload: withPayloads)
                guard event.stream == stream else {
                    throw LogError.damaged(
                        "the links of stream \"\(stream.text.escapingControls)\" lead to entry \(place) of another one")
                }
                byteCount += 512 + (event.envelope?.count ?? 0)
                events.append(event)
            }
            try checkRemovals(events, transaction)
            return StreamPage(events: events, next: next(after: events, direction, newest: newest))
        }
    }

    private func next(after events: [RecordedEvent], _ direction: ReadDirection, newest: UInt64) -> Revision? {
        guard let last = events.last?.revision.rawValue else { return nil }
        switch direction {
        case .forwards: return last < newest ? Revision(last + 1) : nil
        case .backwards: return last > 0 ? Revision(last - 1) : nil
        }
    }

    /// Streams in the order of their names' bytes, from `name` on; at most `limit`.
    public func streams(from name: StreamName? = nil, limit: Int) throws(LogError) -> [StreamSummary] {
        let limit = max(0, min(limit, ReadLimit.entryCount))
        return try read { transaction throws(LogError) in
            var found = try transaction.indexedStreams(from: name, limit: limit)
            for (stream, head) in try transaction.recent.heads(transaction) where name.map({ stream >= $0 }) ?? true {
                found[stream] = head
            }
            return found.sorted { $0.key < $1.key }.prefix(limit).map {
                StreamSummary(stream: $0.key, revision: $0.value.revision, index: $0.value.index)
            }
        }
    }
}

extension ReadTransaction {
    /// The first streams from `name` on that the index tables cover, at most `limit`.
    fileprivate borrowing func indexedStreams(
        from name: StreamName?, limit: Int
    ) throws(LogError) -> [StreamName: StreamHead] {
        let key = name.map { Array($0.text.utf8) } ?? []
        var found: [StreamName: StreamHead] = [:]
        try forEachRow(tables.streams, from: key.span) { key, value throws(LogError) in
            guard found.count < limit else { return false }
            let head = try LogError.wrapping { () throws(StoreError) in try StreamHead(value) }
            let text = unsafe key.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
            guard let text, let name = try? StreamName(text) else {
                throw LogError.damaged("the index of streams has a name that is none")
            }
            found[name] = head
            return true
        }
        return found
    }

    /// The number of streams.
    borrowing func streamCount() throws(LogError) -> Int {
        var count = try rowCount(tables.streams)
        for stream in try recent.heads(self).keys where try indexedHead(of: stream) == nil { count += 1 }
        return count
    }
}

/// A place in a stream.
struct StreamWalk {
    var revision: Revision
    var index: EntryIndex
}

extension ReadTransaction {
    /// The newest entry of `stream` below `end`; nil when there is none.
    borrowing func walk(_ stream: StreamName, below end: EntryIndex?) throws(LogError) -> StreamWalk? {
        guard let head = try head(of: stream) else { return nil }
        var walk = StreamWalk(revision: head.revision, index: head.index)
        guard let end else { return walk }
        while walk.index >= end {
            let link = try link(walk.index)
            guard let previous = link.previous, let jump = link.jump, let target = StreamJump.target(of: walk.revision)
            else {
                return nil
            }
            try step(&walk, link: link, jumping: jump >= end, previous: previous, jump: jump, target: target)
        }
        return walk
    }
}

extension Transaction where Self: ~Copyable {
    /// Goes back to `revision`, which is not above the walk's.
    borrowing func move(_ walk: inout StreamWalk, to revision: Revision) throws(LogError) {
        while walk.revision > revision {
            let link = try link(walk.index)
            guard let previous = link.previous, let jump = link.jump, let target = StreamJump.target(of: walk.revision)
            else {
                throw LogError.damaged("entry \(walk.index) has no link to its stream's entry before")
            }
            try step(&walk, link: link, jumping: target >= revision, previous: previous, jump: jump, target: target)
        }
    }

    fileprivate borrowing func step(
        _ walk: inout StreamWalk, link: StreamLink, jumping: Bool, previous: EntryIndex, jump: EntryIndex,
        target: Revision
    ) throws(LogError) {
        let next =
            jumping
            ? StreamWalk(revision: target, index: jump)
            : StreamWalk(revision: Revision(walk.revision.rawValue - 1), index: previous)
        guard next.index < walk.index else {
            throw LogError.damaged("entry \(walk.index) has a link that does not lead back")
        }
        walk = next
    }
}
