import Digests
import EventFormat
import EventLog
import Foundation
import Synchronization

let origin = "records.example.gov/permits"

/// A log with a clock that goes on by a second with each look, closed by `body`'s end. Its index tables cover all
/// entries.
func withNewLog(at path: String, _ body: (EventLog) throws -> Void) throws {
    let moments = Moments(1_700_000_000)
    var options = LogOptions()
    options.clock = { moments.next() }
    options.mapSize = 4 << 30
    options.recentCount = 0
    let log = try EventLog.create(at: path, genesis: Genesis(origin: Origin(origin)).event, options: options)
    defer { log.close() }
    try body(log)
}

private final class Moments: Sendable {
    private let seconds: Atomic<Int64>

    init(_ start: Int64) { seconds = Atomic(start) }

    func next() -> Timestamp {
        let second = seconds.add(1, ordering: .relaxed).newValue
        return (try? Timestamp(microseconds: second * 1_000_000)) ?? .now
    }
}

/// An event with a payload of `size` bytes; nil: without.
func event(_ number: Int, payload size: Int? = nil) -> Event {
    Event(
        type: "case.step", source: "https://permits.example.gov",
        payload: size.map { size in
            Payload(bytes: Array(repeating: UInt8(truncatingIfNeeded: number), count: size), mediaType: "text/plain")
        })
}

extension EventLog {
    /// Appends events in one commit.
    func append(_ events: [(stream: StreamName, event: Event)]) throws {
        _ = try append(AppendRequest(.ofStreams(events.map { StreamEvent($0.event, to: $0.stream) })))
    }
}

/// A small ledger of 40 entries: eight segments, nodes of levels 4 and 5, three streams and the ledger's own; payloads
/// of none, no and a few bytes.
struct Sample: Sendable {
    static let shared = Result { try Sample() }

    static let streams: [StreamName] = ["case-a", "case-b", "permit-c"]
    /// The commits after the first, by how many entries they have.
    static let commits = [1, 2, 5, 1, 9, 14, 7]

    let store: Store
    let root: Digest

    init() throws {
        let folder = try Folder()
        var root = Digest.zero
        try withNewLog(at: folder.place()) { log in
            var number = 0
            for count in Sample.commits {
                let part = (number..<number + count).map { number in
                    (
                        stream: Sample.streams[number % 7 < 4 ? 0 : number % 3],
                        event: event(number, payload: [nil, 0, 5, 40, 12][number % 5])
                    )
                }
                number += count
                try log.append(part)
            }
            root = try log.root().root
        }
        guard let store = Store(reading: "\(folder.place())/data.mdb") else { throw CocoaError(.fileReadCorruptFile) }
        self.store = store
        self.root = root
    }

    /// A file of this ledger without free pages.
    func compactFile() throws -> Folder {
        let loose = try Folder()
        try store.write(to: loose.path)
        let folder = try Folder()
        try LMDBStore(loose.path).compact(into: folder.path)
        return folder
    }
}
