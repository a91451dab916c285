internal import Digests
internal import EventFormat
internal import LMDBFile
internal import StoreFormat

/// Finds which entries are meant when the sums say that something is wrong. Slow, and run only then.
struct Localisation {
    let file: LedgerFile
    /// How many entries the index tables cover.
    let indexed: UInt64
    let findings: FindingList

    /// Looks up each entry in the index of ids, and each row's entry (S2).
    func ids() throws(DataFileError) {
        try forEachEntry { view, index, layout, entry in
            let id = layout.id(in: entry)
            let bytes = id.bytes
            let row = (try? view.ids?.value(for: bytes.span) { StoreLayout.index(ofIDRow: $0) }) ?? nil
            guard let found = row else {
                findings.add(.id, at: EntryIndex(index), "its id \(id) is not in the index of ids")
                return
            }
            if found.rawValue != index {
                findings.add(
                    .id, at: EntryIndex(index),
                    "its id \(id) is in the index of ids for entry \(found): the id is recorded twice, or the index was altered"
                )
            }
        }
        try checkIDRows()
    }

    private func checkIDRows() throws(DataFileError) {
        try file.view { view in
            view.ids?.forEach(onDamage: { _ in }) { rowKey, value in
                guard let id = EventID(bytes: Array(collecting: rowKey)), let index = StoreLayout.index(ofIDRow: value),
                    index.rawValue < indexed
                else { return true }
                if view.entry(index.rawValue, { layout, entry in layout.id(in: entry) == id }) != true {
                    findings.add(.id, at: index, "the index of ids names it for \(id), which is not its id")
                }
                return true
            }
        }
    }

    /// Checks each entry against its stream's entry before, and that each is reached from its stream's newest (S3, S5).
    func streams() throws(DataFileError) {
        var isNamed = Bitmap(count: indexed)
        try forEachEntry { view, index, layout, entry in
            guard layout.revision.rawValue > 0 else { return }
            checkPrevious(view, index, layout, entry, &isNamed)
        }
        try markHeads(&isNamed)
        try forEachEntry { _, index, _, _ in
            guard !isNamed[index] else { return }
            findings.add(
                .stream, at: EntryIndex(index),
                "neither a later entry of its stream nor the index of streams leads to it: another entry took its place"
            )
        }
    }

    private func checkPrevious(
        _ view: LedgerView, _ index: UInt64, _ layout: EntryLayout, _ entry: Span<UInt8>, _ isNamed: inout Bitmap
    ) {
        let place = EntryIndex(index)
        guard let previous = view.link(index)?.previous?.rawValue, previous < index else {
            findings.add(.stream, at: place, "it has no link to its stream's entry before")
            return
        }
        let name = entry.extracting(layout.stream.start..<layout.stream.end)
        let follows = view.entry(previous) { other, bytes in
            other.revision.rawValue + 1 == layout.revision.rawValue
                && bytes.extracting(other.stream.start..<other.stream.end).isSame(as: name)
        }
        guard follows == true else {
            findings.add(
                .stream, at: place, "its link leads to entry \(previous), which is not its stream's entry before")
            return
        }
        if view.leaf(previous) != layout.streamPrevious(in: entry) {
            findings.add(.stream, at: place, "it does not name the leaf hash of its stream's entry before, \(previous)")
        }
        if isNamed[previous] {
            findings.add(.stream, at: place, "a second entry follows entry \(previous) of its stream")
        }
        isNamed[previous] = true
    }

    private func markHeads(_ isNamed: inout Bitmap) throws(DataFileError) {
        try file.view { view in
            view.streams?.forEach(onDamage: { _ in }) { rowKey, value in
                guard let head = try? StreamHead(value), let newest = view.newest(of: head, below: indexed) else {
                    return true
                }
                let agrees = view.entry(newest.index) { layout, entry in
                    layout.revision.rawValue == newest.revision
                        && entry.extracting(layout.stream.start..<layout.stream.end).isSame(as: rowKey)
                }
                if agrees == true, !isNamed[newest.index] {
                    isNamed[newest.index] = true
                } else {
                    findings.add(
                        .stream, at: EntryIndex(newest.index),
                        "the index of streams names it as another stream's newest entry, or as another revision")
                }
                return true
            }
        }
    }

    private func forEachEntry(
        _ body: (LedgerView, UInt64, EntryLayout, Span<UInt8>) -> Void
    ) throws(DataFileError) {
        for start in stride(from: 0, to: indexed, by: Int(ChunkCheck.entryCount)) {
            try file.view { view in
                for index in start..<min(indexed, start + ChunkCheck.entryCount) {
                    _ = view.entry(index) { layout, entry in
                        body(view, index, layout, entry)
                        return ()
                    }
                }
            }
        }
    }
}

/// A bit for each entry.
private struct Bitmap {
    private var words: [UInt64]

    init(count: UInt64) {
        words = Array(repeating: 0, count: Int(count / 64 + 1))
    }

    subscript(index: UInt64) -> Bool {
        get { words[Int(index / 64)] >> (index % 64) & 1 == 1 }
        set {
            if newValue {
                words[Int(index / 64)] |= 1 << (index % 64)
            } else {
                words[Int(index / 64)] &= ~(1 << (index % 64))
            }
        }
    }
}
