internal import EventFormat
internal import Interchange
internal import Threading

/// Items that a thread of its own produces, such as the lines of a slow input, handed over in batches.
///
/// The thread waits when it is far ahead, so memory stays small whatever the input's size.
final class ItemPump<Item: Sendable>: Sendable {
    private struct State: Sendable {
        var items: [Item] = []
        /// About how many bytes the items have.
        var byteCount = 0
        var end: Result<Void, any Error>?
        var isAbandoned = false

        func hasRoom(for size: Int) -> Bool {
            items.isEmpty || (items.count < capacity && byteCount + size <= byteCapacity)
        }
    }

    /// Items that may wait.
    private static var capacity: Int { 4096 }
    /// Bytes of the items that may wait, about, when there is more than one: 8 MiB.
    private static var byteCapacity: Int { 8 << 20 }

    private let state = Monitor(State())

    /// Starts a thread that runs `produce`; it hands each item to its argument, which says false when no more are
    /// wanted. `size` says about how many bytes an item has.
    init(
        size: @escaping @Sendable (Item) -> Int, _ produce: @escaping @Sendable (_ yield: (Item) -> Bool) throws -> Void
    ) {
        let state = state
        DedicatedThread.start {
            let end = Result {
                try produce { item in
                    let byteCount = size(item)
                    state.wait { $0.isAbandoned || $0.hasRoom(for: byteCount) ? () : nil }
                    return state.change { state in
                        state.items.append(item)
                        state.byteCount += byteCount
                        return !state.isAbandoned
                    }
                }
            }
            state.change { $0.end = end }
        }
    }

    deinit {
        state.change { $0.isAbandoned = true }
    }

    /// The items produced so far, at least one; nil behind the last. Throws what the producer threw, after its last
    /// item.
    func next() async throws -> [Item]? {
        let state = state
        return try await BlockingPool.shared.run { () throws(any Error) -> [Item]? in
            try ItemPump.take(state)
        }
    }

    private static func take(_ state: Monitor<State>) throws -> [Item]? {
        let (items, end) = state.wait { state -> ([Item], Result<Void, any Error>?)? in
            guard !state.items.isEmpty || state.end != nil else { return nil }
            defer { (state.items, state.byteCount) = ([], 0) }
            return (state.items, state.end)
        }
        state.change { _ in }
        if items.isEmpty, let end {
            try end.get()
            return nil
        }
        return items
    }
}

extension CloudEventReader {
    /// The CloudEvents of a file or of standard input (`-`).
    static func events(of path: String, subjectNamesStream: Bool) -> ItemPump<CloudEvent.Incoming> {
        ItemPump(size: \.event.roughByteCount) { yield in
            var reader = CloudEventReader(try InputFile(path: path), subjectNamesStream: subjectNamesStream)
            while let event = try reader.next() {
                guard yield(event) else { return }
            }
        }
    }
}

extension Event {
    /// About how much memory the event takes.
    var roughByteCount: Int { 512 + (payload?.bytes.count ?? 0) }
}
