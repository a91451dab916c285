import EventFormat
import Ledger
import Threading

/// Makes a ledger of `size` entries, its first included, and returns it open.
func makeLedger(at path: String, size: UInt64, origin: String = "records.example.gov/tests") async throws -> Ledger {
    var options = LogOptions()
    options.mapSize = 4 << 30
    let ledger = try await Ledger.create(at: path, origin: Origin(origin), options: options)
    try await grow(ledger, to: size)
    return ledger
}

/// Appends events until the ledger has `size` entries; every seventh has no payload.
func grow(_ ledger: Ledger, to size: UInt64) async throws {
    var next = try await ledger.size()
    while next < size {
        let count = min(2000, size - next)
        let events = (next..<next + count).map { number in
            StreamEvent(
                Event(
                    type: "note.made", source: "urn:test",
                    payload: number % 7 == 0 ? nil : .json("{\"secret\":\"payload \(number)\"}")),
                to: StreamName(checking: "note-\(number % 50)"))
        }
        try await ledger.append(events)
        next += count
    }
}

extension StreamName {
    init(checking text: String) {
        guard let name = try? StreamName(text) else { preconditionFailure("a test's stream name is none") }
        self = name
    }
}
