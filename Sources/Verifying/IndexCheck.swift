internal import Digests
internal import EventFormat
internal import LMDBFile
internal import StoreFormat

/// The products over the rows of the two index tables, to be compared with those over the entries that they cover.
/// Read in slices.
struct IndexCheck {
    /// Rows of one view.
    static let rowCount = 20_000

    let file: LedgerFile
    let size: UInt64
    /// How many entries the tables cover; rows of later ones, added meanwhile, are left out.
    let indexed: UInt64
    let key: ProductKey
    let findings: FindingList

    /// The product over the rows of `ids` (S2).
    func ids() throws(DataFileError) -> MultisetProduct {
        var product = MultisetProduct()
        try scan(\.ids, "index of ids") { view, rowKey, value in
            guard rowKey.count == EventID.byteCount, let index = StoreLayout.index(ofIDRow: value) else {
                findings.add(.id, at: nil, "a row of the index of ids is none: \(Hex.encode(rowKey).prefix(64))")
                return
            }
            let id = EventID(copying: rowKey)
            if index.rawValue < indexed {
                product.multiply(by: key.factor(id: id, index: index.rawValue))
            } else if !view.mayBeIndexed(index.rawValue, knownSize: size) {
                findings.add(.id, at: index, "the index of ids names it for \(id), but does not cover it")
            }
        }
        return product
    }

    /// The product over the newest entries of the streams, from the rows of `streams` (S3).
    func streams() throws(DataFileError) -> MultisetProduct {
        var product = MultisetProduct()
        try scan(\.streams, "index of streams") { view, rowKey, value in
            guard let head = try? StreamHead(value) else {
                findings.add(
                    .stream, at: nil, "a row of the index of streams is none: \(Hex.encode(rowKey).prefix(64))")
                return
            }
            let index = head.index.rawValue
            guard index < indexed || view.mayBeIndexed(index, knownSize: size) else {
                findings.add(.stream, at: head.index, "the index of streams names it, but does not cover it")
                return
            }
            guard let place = view.newest(of: head, below: indexed) else { return }
            guard let (leaf, link) = view.leafAndLink(place.index) else {
                findings.add(
                    .stream, at: EntryIndex(place.index), "the index of streams names it, but it cannot be read")
                return
            }
            let standing = key.place(key.hash(stream: rowKey), place.revision)
            product.multiply(by: key.factor(standing, leaf: leaf, index: place.index))
            checkJump(of: head, place.index == head.index.rawValue ? link : view.link(head.index.rawValue))
        }
        return product
    }

    /// The row repeats the jump of the stream's newest entry.
    private func checkJump(of head: StreamHead, _ link: StreamLink?) {
        guard let link, link.jump != head.jump else { return }
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
