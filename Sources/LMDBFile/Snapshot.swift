/// The tables as one committed transaction left them.
///
/// A snapshot keeps the file mapped as long as it lives, also after its `DataFile` is gone.
public struct Snapshot: Sendable {
    /// The id of the transaction.
    public let transactionID: UInt64
    /// The number of pages the transaction knows, used or free, meta pages included.
    public let pageCount: UInt64
    /// Bytes a page.
    public let pageSize: Int
    /// What is wrong with the two meta pages. Empty in a sound file; when it is not, an older transaction than the last
    /// committed one may have been chosen.
    public let metaDamage: [Damage]

    let meta: MetaPage
    let mapping: Mapping
    let layout: PageLayout

    init(meta: MetaPage, metaDamage: [Damage], mapping: Mapping) {
        self.meta = meta
        self.metaDamage = metaDamage
        self.mapping = mapping
        transactionID = meta.transactionID
        pageCount = meta.pageCount
        pageSize = meta.pageSize
        layout = PageLayout(meta: meta, fileSize: mapping.count)
    }

    /// Whether the snapshot's meta page is still in the file, unchanged.
    ///
    /// LMDB's writer reuses a transaction's pages only after its meta page has been replaced. So when this holds after
    /// reading, everything read before belonged to the snapshot; when it does not, and no read transaction of LMDB was
    /// held, damage that was seen may be a later transaction's pages.
    public var isPresent: Bool {
        mapping.withBytes { file in
            let start = meta.index == 0 ? 0 : meta.pageSize
            let now = try? MetaPage(index: meta.index, at: start, in: file)
            return now == meta
        }
    }

    /// The table that `name` names in the main table, or nil when there is none.
    ///
    /// - Throws: `.damaged` when a page on the way to the record is damaged, `.unsupported` when the table is of a kind
    ///   this reader refuses.
    public func table(named name: String) throws(DataFileError) -> Table? {
        let bytes = Array(name.utf8)
        return try mapping.withBytes { (file) throws(DataFileError) -> Table? in
            do throws(Flaw) {
                try meta.main.checkFlags(page: meta.index)
                let search = Search(record: meta.main, mainPage: meta.index, layout: layout)
                guard let found = try search.entry(atOrAfter: bytes.span, in: file), found.isEqual else { return nil }
                guard found.node.flags == Node.Flags.subData else { return nil }
                let record = TableRecord(at: found.node.payload.lowerBound, in: file)
                try record.checkFlags(page: found.page)
                return Table(name: name, record: record, recordPage: found.page, snapshot: self)
            } catch {
                throw DataFileError(error)
            }
        }
    }

    /// The names of all tables, in byte order; plain entries of the main table are left out.
    ///
    /// - Parameter onDamage: called for whatever is wrong with the main table; its names may then be missing.
    public func tableNames(onDamage: (Damage) -> Void) -> [String] {
        do throws(Flaw) {
            try meta.main.checkFlags(page: meta.index)
        } catch {
            onDamage(Damage(error))
            return []
        }
        var names: [String] = []
        mapping.withBytes { file in
            var walk = Walk(record: meta.main, recordPage: meta.index, layout: layout, holdsTables: true)
            walk.begin(in: file, report: onDamage)
            while let entry = walk.next(in: file, report: onDamage) {
                guard entry.isTable else { continue }
                let bytes = file.extracting(entry.key).copied
                guard let name = String(validating: bytes, as: UTF8.self) else {
                    let flaw = Flaw(.badNode, page: entry.page, "the name of a table is not UTF-8")
                    onDamage(Damage(flaw, key: bytes))
                    continue
                }
                names.append(name)
            }
            walk.checkCounts(in: file, report: onDamage)
        }
        return names
    }
}
