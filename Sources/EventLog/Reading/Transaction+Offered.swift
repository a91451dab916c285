internal import Digests
internal import EventFormat
internal import StoreFormat

extension Transaction where Self: ~Copyable {
    /// The answers to those of `requests` whose events stand, in this order, among the entries from `first` on: nil for
    /// the others, which whoever recorded these has left out. O(entries of the requests).
    ///
    /// An id is not enough: another append may have brought it, with other content or expectations.
    borrowing func answers(
        to requests: [AppendRequest], from first: UInt64
    ) throws(LogError) -> [Result<[AppendedEvent], LogError>?] {
        var search = OfferedSearch(requests)
        let end = min(try size(), first + requests.reduce(0) { $0 + UInt64($1.count) })
        var next = first
        guard next > 0, next < end else { return search.answers }
        let key = [UInt8](bigEndian: next)
        try forEachRow(tables.segments, from: key.span) { _, bytes throws(LogError) in
            let segment = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(bytes) }
            guard segment.contains(EntryIndex(next)) else { throw LogError.damaged("entry \(next) is in no segment") }
            while next < end, next <= segment.last.rawValue {
                let entry = try StoredEntry(Int(next - segment.first.rawValue), of: segment, in: bytes)
                guard search.take(entry.layout, in: bytes.extracting(entry.range)) else { return false }
                next += 1
            }
            return next < end
        }
        return search.answers
    }
}

/// Finds requests among entries that come one by one.
private struct OfferedSearch {
    let requests: [AppendRequest]
    private(set) var answers: [Result<[AppendedEvent], LogError>?]
    /// The request that is looked for, and the events of it that were found.
    private var current = 0
    private var found: [AppendedEvent] = []

    init(_ requests: [AppendRequest]) {
        self.requests = requests
        answers = requests.map { _ in nil }
    }

    /// Takes the next entry; false when nothing more can be found.
    mutating func take(_ layout: EntryLayout, in entry: Span<UInt8>) -> Bool {
        while current < requests.count {
            let request = requests[current]
            if let event = event(found.count, of: request, layout, in: entry) {
                found.append(event)
                guard found.count == request.count else { return true }
                answers[current] = .success(found)
                (current, found) = (current + 1, [])
                return true
            }
            // All events of a request are recorded or none.
            guard found.isEmpty else { return false }
            current += 1
        }
        return false
    }

    /// Where the request's event at `position` is recorded, when this entry is it.
    private func event(
        _ position: Int, of request: AppendRequest, _ layout: EntryLayout, in entry: Span<UInt8>
    ) -> AppendedEvent? {
        var position = position
        for part in request.parts {
            guard position >= part.items.count else {
                let (item, fields) = (part.items[position], part.fields)
                let stream = part.streams[item.stream]
                let name = entry.extracting(layout.stream.start..<layout.stream.end)
                guard item.fields.areRecorded(in: entry, layout, from: fields.span),
                    name.isSame(as: stream.text.utf8.span)
                else { return nil }
                return AppendedEvent(
                    id: item.id, stream: stream, revision: layout.revision, index: layout.index, repeated: false)
            }
            position -= part.items.count
        }
        return nil
    }
}
