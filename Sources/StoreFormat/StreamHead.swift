public import Digests
public import EventFormat

/// The newest entry of a stream, as the `streams` table holds it: 24 bytes.
public struct StreamHead: Hashable, Sendable {
    static let byteCount = 24

    public var revision: Revision
    public var index: EntryIndex
    /// The entry to which the newest one jumps back (``StreamJump``); nil at revision 0.
    public var jump: EntryIndex?

    public init(revision: Revision, index: EntryIndex, jump: EntryIndex?) {
        self.revision = revision
        self.index = index
        self.jump = jump
    }

    /// Throws ``StoreError`` when `value` is no such row: its revision is at most its index, and its jump lies before
    /// it.
    public init(_ value: Span<UInt8>) throws(StoreError) {
        guard value.count == StreamHead.byteCount else {
            throw StoreError(.damaged, "a stream's row has \(value.count) bytes instead of \(StreamHead.byteCount)")
        }
        revision = Revision(value.bigEndian(at: 0))
        index = EntryIndex(value.bigEndian(at: 8))
        jump = StreamLink.index(value.bigEndian(at: 16))
        guard revision.rawValue <= index.rawValue, index.rawValue != .max else {
            throw StoreError(.damaged, "a stream's row names revision \(revision) at index \(index)")
        }
        guard revision == 0 ? jump == nil : jump.map({ $0 < index }) ?? false else {
            throw StoreError(.damaged, "a stream's row of revision \(revision) has the wrong jump")
        }
    }

    /// The row's bytes.
    public var bytes: [UInt8] {
        [UInt8](capacity: StreamHead.byteCount) { output in
            output.append(bigEndian: revision.rawValue)
            output.append(bigEndian: index.rawValue)
            output.append(bigEndian: StreamLink.number(jump))
        }
    }
}

/// Where an entry's stream goes on towards the past, stored beside the entry: 16 bytes.
public struct StreamLink: Hashable, Sendable {
    @inlinable static var byteCount: Int { 16 }

    /// The stream's entry before; nil at revision 0.
    public var previous: EntryIndex?
    /// The stream's entry of revision ``StreamJump/target(of:)``; nil at revision 0.
    public var jump: EntryIndex?

    @inlinable
    public init(previous: EntryIndex?, jump: EntryIndex?) {
        self.previous = previous
        self.jump = jump
    }

    @inlinable static func index(_ number: UInt64) -> EntryIndex? { number == .max ? nil : EntryIndex(number) }
    static func number(_ index: EntryIndex?) -> UInt64 { index?.rawValue ?? .max }
}

/// Where an entry goes in its stream.
public struct StreamPlace: Hashable, Sendable {
    public var revision: Revision
    /// The leaf hash of the stream's entry before; nil at revision 0.
    public var previousLeaf: Digest?
    public var link: StreamLink

    public init(revision: Revision, previousLeaf: Digest?, link: StreamLink) {
        self.revision = revision
        self.previousLeaf = previousLeaf
        self.link = link
    }
}

/// Which older revision an entry jumps to, so that any revision is found in O(log n) steps without an index of
/// revisions.
///
/// The jumps form the skew-binary skip list of E. W. Myers ("An applicative random-access stack", 1983): the jump of
/// revision r skips the smallest term in the decomposition of r into terms of the form 2ᵏ−1, largest first.
public enum StreamJump {
    /// The revision that `revision` jumps to; nil at revision 0.
    public static func target(of revision: Revision) -> Revision? {
        var rest = revision.rawValue
        guard rest > 0 else { return nil }
        var term: UInt64 = 0
        while rest > 0 {
            let width = UInt64(64 - (rest &+ 1).leadingZeroBitCount)
            term = rest == .max ? .max : (1 << (width - 1)) - 1
            rest -= term
        }
        return Revision(revision.rawValue - term)
    }

    /// Whether the entry after `head` in its stream jumps to where `head`'s jump jumps, rather than to `head`.
    public static func skips(after head: Revision) -> Bool {
        target(of: Revision(head.rawValue + 1)) != head
    }
}
