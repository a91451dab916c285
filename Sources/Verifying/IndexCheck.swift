internal import Digests
internal import EventFormat
internal import LMDBFile
internal import StoreFormat

/// Subtracts the rows of the two index tables from the entries' sums, in slices.
struct IndexCheck {
    /// Rows of one view.
    static let rowCount = 20_000

    let file: LedgerFile
    /// The number of entries that are verified; rows of later ones are left out.
    let size: UInt64
    let key: SumKey
    let findings: FindingList

    /// The sum over the rows of `ids` (S2).
    func ids() throws(DataFileError) -> MultisetSum {
        var sum = MultisetSum()
        try scan(\.ids, "index of ids") { view, rowKey, value in
            guard let id = EventID(bytes: Array(collecting: rowKey)), let index = StoreLayout.index(ofIDRow: value)
            else {
                findings.add(.id, at: nil, "a row of the index of ids is none: \(Hex.encode(rowKey).prefix(64))")
                return
            }
            if index.rawValue < size {
                sum.add(key.hash(id: id, index: index.rawValue))
            } else if index.rawValue >= max(size, view.size ?? 0) {
                findings.add(.id, at: index, "the index of ids names it for \(id), but it is not recorded")
            }
        }
        return sum
    }

    /// The sum over the newest entries of the streams, from the rows of `streams` (S3).
    func streams() throws(DataFileError) -> MultisetSum {
        var sum = MultisetSum()
        try scan(\.streams, "index of streams") { view, rowKey, value in
            guard let head = try? StreamHead(value) else {
                findings.add(
                    .stream, at: nil, "a row of the index of streams is none: \(Hex.encode(rowKey).prefix(64))")
                return
            }
            guard head.index.rawValue < max(size, view.size ?? 0) else {
                findings.add(.stream, at: head.index, "the index of streams names it, but it is not recorded")
                return
            }
            guard let place = view.newest(of: head, below: size) else { return }
            guard let leaf = view.leaf(place.index) else {
                findings.add(
                    .stream, at: EntryIndex(place.index), "the index of streams names it, but it cannot be read")
                return
            }
            let stream = key.hash(stream: rowKey)
            sum.add(key.hash(stream: stream, revision: place.revision, leaf: leaf, index: place.index))
            checkJump(of: head, view)
        }
        return sum
    }

    /// The row repeats the jump of the stream's newest entry.
    private func checkJump(of head: StreamHead, _ view: LedgerView) {
        guard let link = view.link(head.index.rawValue), link.jump != head.jump else { return }
        findings.add(.link, at: head.index, "the index of streams states another jump than the entry's own")
    }

    private func scan(
        _ table: KeyPath<LedgerView, Table?>, _ name: String,
        _ row: (LedgerView, Span<UInt8>, Span<UInt8>) -> Void
    ) throws(DataFileError) {
        var next: [UInt8]? = nil
        var isDone = false
        var rows: UInt64 = 0
        var stated: Set<UInt64> = []
        while !isDone {
            isDone = try file.view { view in
                guard let table = view[keyPath: table] else { return true }
                stated.insert(table.entryCount)
                var count = 0
                var more = false
                table.forEach(
                    from: next, onDamage: { findings.add(.storage, at: nil, "the \(name) is damaged: \($0)") }
                ) { rowKey, value in
                    if count == IndexCheck.rowCount {
                        next = Array(collecting: rowKey)
                        more = true
                        return false
                    }
                    row(view, rowKey, value)
                    count += 1
                    return true
                }
                rows += UInt64(count)
                return !more
            }
        }
        // While the ledger grows, the number that is stated grows too, and no one view's can be compared.
        if stated.count == 1, !stated.contains(rows) {
            findings.add(.storage, at: nil, "the \(name) has \(rows) rows and states \(stated.first ?? 0)")
        }
    }
}
