extension Table {
    /// Calls `body` with the value of `key`, or returns nil when the table has no such key. O(depth) pages.
    ///
    /// - Throws: `.damaged` when a page on the way, or the value's overflow run, is damaged.
    public func value<R>(
        for key: Span<UInt8>, _ body: (_ value: Span<UInt8>) -> R
    ) throws(DataFileError) -> R? {
        try read(
            { (search, file) throws(Flaw) -> Search.Found? in
                guard let found = try search.entry(atOrAfter: key, in: file), found.isEqual else { return nil }
                return found
            }, { _, value in body(value) })
    }

    /// Calls `body` with the entry of the smallest key not less than `key`, or returns nil when there is none.
    /// O(depth) pages.
    ///
    /// - Throws: `.damaged` when a page on the way, or the value's overflow run, is damaged.
    public func lookup<R>(
        atOrAfter key: Span<UInt8>, _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> R
    ) throws(DataFileError) -> R? {
        try read(
            { (search, file) throws(Flaw) -> Search.Found? in try search.entry(atOrAfter: key, in: file) }, body)
    }

    /// Calls `body` with the entry of the smallest key, or returns nil when the table is empty. O(depth) pages.
    ///
    /// - Throws: `.damaged` when a page on the way, or the value's overflow run, is damaged.
    public func first<R>(
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> R
    ) throws(DataFileError) -> R? {
        try read({ (search, file) throws(Flaw) -> Search.Found? in try search.edge(last: false, in: file) }, body)
    }

    /// Calls `body` with the entry of the greatest key, or returns nil when the table is empty. O(depth) pages.
    ///
    /// - Throws: `.damaged` when a page on the way, or the value's overflow run, is damaged.
    public func last<R>(
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> R
    ) throws(DataFileError) -> R? {
        try read({ (search, file) throws(Flaw) -> Search.Found? in try search.edge(last: true, in: file) }, body)
    }

    private func read<R>(
        _ find: (Search, Span<UInt8>) throws(Flaw) -> Search.Found?,
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> R
    ) throws(DataFileError) -> R? {
        try snapshot.mapping.withBytes { (file) throws(DataFileError) -> R? in
            let search = Search(record: record, mainPage: recordPage, layout: snapshot.layout)
            let place: (key: Range<Int>, value: Range<Int>)
            do throws(Flaw) {
                guard let found = try find(search, file) else { return nil }
                place = (found.node.key, try search.value(of: found, in: file))
            } catch {
                throw DataFileError(error)
            }
            return body(file.extracting(place.key), file.extracting(place.value))
        }
    }
}
