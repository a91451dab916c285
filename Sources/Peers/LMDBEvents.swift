/// Events as rows of bare LMDB, unhashed: a row an event by its index, an index of ids, and one of streams and
/// revisions.
public struct LMDBEvents: ~Copyable {
    private let store: BareLMDB
    private var next: UInt64 = 0

    public init(directory: String) throws(PeerError) {
        store = try BareLMDB(directory: directory, tables: ["events", "ids", "revisions"])
    }

    /// Inserts the events in one transaction, which is on disk when the call returns.
    public mutating func insert(_ events: [PeerEvent]) throws(PeerError) {
        var index = next
        try store.commit { transaction throws(PeerError) in
            for event in events {
                let key = BareLMDB.key(index)
                try transaction.put(0, key, LMDBEvents.row(event), isLast: true)
                try transaction.put(1, event.id, key)
                try transaction.put(
                    2, Array(event.stream.utf8) + BareLMDB.key(UInt64(bitPattern: event.revision)), key)
                index += 1
            }
        }
        next = index
    }

    private static func row(_ event: PeerEvent) -> [UInt8] {
        var row: [UInt8] = []
        row.reserveCapacity(64 + event.stream.utf8.count + event.type.utf8.count + event.payload.count)
        row += event.id
        row += BareLMDB.key(UInt64(bitPattern: event.revision))
        for text in [event.stream, event.type, event.source] {
            row.append(UInt8(truncatingIfNeeded: text.utf8.count))
            row += text.utf8
        }
        row += event.payload
        return row
    }
}
