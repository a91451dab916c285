import Digests
import EventFormat
import StoreFormat
import TestSupport

/// Makes stores whose hashes are right, by a writer that may break the other rules: what someone with the ledger's own
/// code could write.
struct Forger {
    private(set) var store = Store()
    private var builder = SegmentBuilder(after: LogTail())
    private var heads: [StreamName: StreamHead] = [:]
    private var links: [StreamLink] = []
    private var leaves: [Digest] = []
    private var recorded: Int64 = 1_700_000_000_000_000

    init() throws {
        store.version = StoreLayout.version
        let genesis = Genesis(origin: try Origin("records.example.gov/permits")).event
        let envelope = [UInt8](repeating: 7, count: 16) + (genesis.payload?.bytes ?? [])
        try add(to: .ledger, envelope: envelope) { entry, _ in
            (entry.type, entry.source, entry.id) = (genesis.type, genesis.source, genesis.id)
            entry.payload = PayloadCommitment(
                form: .clear, digest: Envelope.digest(envelope.span), size: UInt64(envelope.count),
                mediaType: genesis.payload?.mediaType ?? "")
        }
        finishSegment()
    }

    /// The index of the next entry.
    var next: UInt64 { UInt64(leaves.count) }

    func leaf(_ index: UInt64) -> Digest { leaves[Int(index)] }

    func link(_ index: UInt64) -> StreamLink { links[Int(index)] }

    /// Adds the entry that a sound ledger would add to `stream`, after `change` has altered it. `isHead`: whether its
    /// stream's row is to name it.
    mutating func add(
        to stream: StreamName, isHead: Bool = true, envelope: [UInt8] = [],
        _ change: (inout Entry, inout StreamLink) -> Void = { _, _ in }
    ) throws {
        recorded += 1_000_000
        let head = heads[stream]
        let index = EntryIndex(next)
        let time = try Timestamp(microseconds: recorded)
        var link = StreamLink(previous: head?.index, jump: head?.index)
        if let head, StreamJump.skips(after: head.revision), let middle = head.jump, middle < index {
            link.jump = links[Int(middle.rawValue)].jump ?? middle
        }
        var entry = Entry(
            index: index, previous: builder.tail.leaf, recorded: time, stream: stream,
            revision: Revision(head.map { $0.revision.rawValue + 1 } ?? 0),
            streamPrevious: head.map { leaves[Int($0.index.rawValue)] }, id: EventID(), type: "case.step",
            source: "https://permits.example.gov", occurred: time)
        change(&entry, &link)
        leaves.append(try builder.add(entry, envelope: envelope.span, link: link))
        links.append(link)
        if isHead { heads[stream] = StreamHead(revision: entry.revision, index: index, jump: link.jump) }
        store.ids.append(.init(key: entry.id.bytes, value: [UInt8](bigEndian: index.rawValue)))
    }

    /// Adds sound entries.
    mutating func add(_ count: Int, to stream: StreamName) throws {
        for _ in 0..<count { try add(to: stream) }
    }

    /// Ends a commit.
    mutating func finishSegment() {
        guard !builder.isEmpty else { return }
        store.segments.append(.init(key: builder.key, value: builder.bytes))
        builder = SegmentBuilder(after: builder.tail)
    }

    /// The store with all that was added.
    mutating func finished() -> Store {
        finishSegment()
        store.indexed = next
        store.streams = heads.map { .init(key: Array($0.key.text.utf8), value: $0.value.bytes) }
        return store
    }
}
