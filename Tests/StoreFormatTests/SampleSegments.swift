import Digests
import EventFormat
import StoreFormat
import TestSupport

/// A valid log of `count` entries in one stream, some with envelopes, and what went into it.
struct SampleLog {
    var builder: SegmentBuilder
    private(set) var entries: [[UInt8]] = []
    private(set) var envelopes: [[UInt8]] = []
    private(set) var links: [StreamLink] = []

    init(after tail: LogTail = LogTail()) { builder = SegmentBuilder(after: tail) }

    mutating func add(_ count: Int) throws {
        for _ in 0..<count { try add() }
    }

    private mutating func add() throws {
        let index = builder.tail.next
        let number = index.rawValue
        var envelope: [UInt8] = []
        var commitment: PayloadCommitment?
        if number % 3 != 1 {
            let payload = Payload(bytes: Array(repeating: 7, count: Int(number % 50)), mediaType: "a/b")
            let salt = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 16)
            commitment = Envelope.seal(clear: payload, salt: salt.span, into: &envelope)
        }
        let entry = Entry(
            index: index, previous: builder.tail.leaf, recorded: try Timestamp(microseconds: Int64(number)),
            stream: "sample", revision: Revision(number), streamPrevious: number == 0 ? nil : builder.tail.leaf,
            id: EventID(), type: "t", source: "s", occurred: .epoch, payload: commitment)
        let jump = StreamJump.target(of: Revision(number)).map { EntryIndex($0.rawValue) }
        let link = StreamLink(previous: number == 0 ? nil : EntryIndex(number - 1), jump: jump)
        try builder.add(entry, envelope: envelope.span, link: link)
        entries.append(try entry.encoded())
        envelopes.append(envelope)
        links.append(link)
    }

    /// Bytes of all entries and envelopes.
    var byteCount: Int { (entries + envelopes).reduce(0) { $0 + $1.count } }

    var segment: [UInt8] {
        builder.bytes
    }
}
