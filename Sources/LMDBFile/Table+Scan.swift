extension Table {
    /// Calls `body` with every entry in key order, the spans being those of the mapped file, valid during the call.
    ///
    /// What is damaged is reported and passed over; the scan goes on with the next node or page. The keys that `body`
    /// gets ascend strictly in any case. A scan of the whole table ends with a comparison against the table's record.
    /// No page is visited twice, so the work is at most that of reading every page of the snapshot once.
    ///
    /// - Parameters:
    ///   - from: begin at the first key not less than this; nil for all entries. A scan with a beginning does not
    ///     compare counts.
    ///   - onDamage: called for each damage when it is met, at most 20 times a page.
    ///   - body: gets key and value; returns whether to go on. A value in overflow pages is not touched before.
    public func forEach<E: Error>(
        from: [UInt8]? = nil, onDamage: (Damage) -> Void,
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) throws(E) -> Bool
    ) throws(E) {
        try snapshot.mapping.withBytes { (file) throws(E) -> Void in
            var walk = Walk(record: record, recordPage: recordPage, layout: snapshot.layout, holdsTables: false)
            walk.from = from
            walk.begin(in: file, report: onDamage)
            while let entry = walk.next(in: file, report: onDamage) {
                guard try body(file.extracting(entry.key), file.extracting(entry.value)) else { return }
            }
            if from == nil { walk.checkCounts(in: file, report: onDamage) }
        }
    }
}
