internal import Digests
internal import EventFormat
internal import LMDBFile
internal import StoreFormat

/// The entries that the index tables do not cover (S8), at most ``StoreLayout/recentCount``.
///
/// They are in no product: each is looked up by itself, after the entries before it.
struct RecentCheck: Sendable {
    /// How many entries the index tables cover.
    let indexed: UInt64
    private let size: UInt64
    private let findings: FindingList
    /// The newest of these entries of each stream, by the stream's name.
    private(set) var newest: [[UInt8]: Place] = [:]

    struct Place: Sendable {
        let index: UInt64
        let revision: UInt64
    }

    /// Reads which entries these are in a view of `size` entries, and what they say of streams. Where the store does
    /// not say it, the tables may cover any of the last ones; where it says more than there are, all of them.
    init(_ view: LedgerView, size: UInt64, version: UInt8?, _ findings: FindingList) {
        self.size = size
        self.findings = findings
        let stated = view.indexed(size: size)
        if stated == nil, version != nil {
            findings.add(.storage, at: nil, "the store does not say how many entries its index tables cover")
        }
        if let version, version < StoreLayout.firstVersionWithRecent,
            (try? view.about(StoreLayout.indexedKey) { _ in () }) != nil
        {
            findings.add(
                .storage, at: nil,
                "the store is of version \(version) and says how many entries its index tables cover")
        }
        let isMore = try? view.about(StoreLayout.indexedKey) { $0.count == 8 && $0.bigEndian(at: 0) > size }
        indexed = stated ?? (isMore == true ? size : size - min(size, UInt64(StoreLayout.recentCount)))
        for index in indexed..<size {
            _ = view.entry(index) { layout, entry in newest[RecentCheck.name(layout, entry)] = Place(layout, index) }
        }
    }

    private static func name(_ layout: EntryLayout, _ entry: Span<UInt8>) -> [UInt8] {
        Array(collecting: entry.extracting(layout.stream.start..<layout.stream.end))
    }

    /// Checks that no id of these entries is recorded twice, and that each follows its stream's entry before (S2, S3).
    func check(_ file: LedgerFile) throws(DataFileError) {
        guard indexed < size else { return }
        try file.view { view in
            var ids: [EventID: UInt64] = [:]
            var streams: [[UInt8]: Place] = [:]
            for index in indexed..<size {
                _ = view.entry(index) { layout, entry in
                    check(layout.id(in: entry), at: index, view, &ids)
                    check(layout, entry, at: index, view, &streams)
                }
            }
        }
    }

    private func check(_ id: EventID, at index: UInt64, _ view: LedgerView, _ ids: inout [EventID: UInt64]) {
        let bytes = id.bytes
        let row = (try? view.ids?.value(for: bytes.span) { StoreLayout.index(ofIDRow: $0)?.rawValue }) ?? nil
        if let other = ids[id] ?? row, other != index {
            findings.add(.id, at: EntryIndex(index), "its id \(id) is recorded twice: entry \(other) has it too")
        }
        ids[id] = index
    }

    private func check(
        _ layout: EntryLayout, _ entry: Span<UInt8>, at index: UInt64, _ view: LedgerView,
        _ streams: inout [[UInt8]: Place]
    ) {
        let name = RecentCheck.name(layout, entry)
        let before = streams[name] ?? indexedPlace(of: name, view)
        streams[name] = Place(layout, index)
        let place = EntryIndex(index)
        guard layout.revision.rawValue == before.map({ $0.revision + 1 }) ?? 0 else {
            let last = before.map { "revision \($0.revision)" } ?? "none"
            findings.add(
                .stream, at: place,
                "it is revision \(layout.revision) of its stream, whose newest entry before it is \(last)")
            return
        }
        guard let before else { return }
        if view.link(index)?.previous?.rawValue != before.index {
            findings.add(
                .stream, at: place, "it has no link to its stream's entry before, \(before.index)")
        } else if view.leaf(before.index) != layout.streamPrevious(in: entry) {
            findings.add(
                .stream, at: place, "it does not name the leaf hash of its stream's entry before, \(before.index)")
        }
    }

    /// The newest entry of a stream that the index covers.
    private func indexedPlace(of name: [UInt8], _ view: LedgerView) -> Place? {
        let row = (try? view.streams?.value(for: name.span) { try? StreamHead($0) }) ?? nil
        guard let head = row ?? nil, let place = view.newest(of: head, below: indexed) else { return nil }
        return Place(index: place.index, revision: place.revision)
    }
}

extension RecentCheck.Place {
    fileprivate init(_ layout: EntryLayout, _ index: UInt64) {
        self.init(index: index, revision: layout.revision.rawValue)
    }
}
