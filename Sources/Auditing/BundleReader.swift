internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import Merkle
internal import Transparency

/// Reads bundles and recomputes what can be told of each entry by itself. Used by several threads at once.
struct BundleReader: Sendable {
    let source: any RecordSource
    let size: UInt64
    /// Whether there are payloads to be checked.
    let hasPayloads: Bool

    /// The number of bundles.
    var count: UInt64 { (size + 255) / 256 }

    func read(_ number: UInt64) throws(AuditError) -> BundleFacts {
        let width = Int(min(256, size - number * 256))
        var facts = BundleFacts(number: number, entries: Array(repeating: EntryFacts(), count: width))
        facts.tile = try tile(level: 0, number, width, &facts)
        if width == 256 { facts.stated = try stated(number, &facts) }
        try readEntries(&facts, width)
        if hasPayloads { try readPayloads(&facts, width) }
        return facts
    }

    /// The hashes of a tile; nil, and a finding, when it is not there or has another size.
    private func tile(
        level: Int, _ number: UInt64, _ width: Int, _ facts: inout BundleFacts
    ) throws(AuditError) -> [Digest]? {
        guard let tile = Tile(.hashes(level: level), index: number, width: width) else { return nil }
        guard let (path, bytes) = try file(tile, atMost: 8192) else {
            facts.findings.append(GeneralFinding(.missing, at: tile.path, "the tile is not there"))
            return nil
        }
        guard bytes.count >= width * Digest.byteCount, bytes.count % Digest.byteCount == 0 else {
            facts.findings.append(
                GeneralFinding(.altered, at: path, "the tile has \(bytes.count) bytes instead of \(width * 32)"))
            return nil
        }
        return (0..<width).map { Digest(copying: bytes.span, at: $0 * Digest.byteCount) }
    }

    /// What the level-1 tile says of a full bundle.
    private func stated(_ number: UInt64, _ facts: inout BundleFacts) throws(AuditError) -> Digest? {
        let parent = number / 256
        let width = Int(min(256, size / 256 - parent * 256))
        // The tile's own findings are those of the first bundle below it.
        var other = BundleFacts(number: number, entries: [])
        let hashes = try tile(level: 1, parent, width, &other)
        if number % 256 == 0 { facts.findings += other.findings }
        return hashes?[Int(number % 256)]
    }

    /// A file of the tree: the partial one or, when a server has dropped it, the full one (tlog-tiles).
    private func file(_ tile: Tile, atMost limit: Int) throws(AuditError) -> (path: String, bytes: [UInt8])? {
        if let bytes = try source.file(tile.path, atMost: limit) { return (tile.path, bytes) }
        guard !tile.isFull, let full = Tile(tile.content, index: tile.index) else { return nil }
        return try source.file(full.path, atMost: limit).map { (full.path, $0) }
    }

    private func readEntries(_ facts: inout BundleFacts, _ width: Int) throws(AuditError) {
        guard let tile = Tile(.entries, index: facts.number, width: width) else { return }
        guard let (path, bytes) = try file(tile, atMost: EntryBundle.maximumByteCount) else {
            facts.findings.append(GeneralFinding(.missing, at: tile.path, "the entry bundle is not there"))
            for place in facts.entries.indices { facts.entries[place].problem = "its entry bundle is not there" }
            return
        }
        facts.bytes = bytes
        let (places, end) = EntryBundle.places(in: bytes.span)
        if end != bytes.count || places.count < width {
            facts.findings.append(
                GeneralFinding(
                    .altered, at: path,
                    "the entry bundle holds \(places.count) whole entries and \(bytes.count - end) bytes more; "
                        + "it should hold \(width) entries"))
        }
        for place in 0..<width {
            guard place < places.count else {
                facts.entries[place].problem = "its bundle ends before it"
                continue
            }
            let entry = bytes.span.extracting(places[place])
            facts.entries[place].place = places[place]
            facts.entries[place].leaf = MerkleHash.leaf(entry)
            do throws(FormatError) {
                facts.entries[place].layout = try EntryLayout(entry)
            } catch {
                facts.entries[place].problem = "its bytes are not an entry: \(error)"
            }
        }
    }

    private func readPayloads(_ facts: inout BundleFacts, _ width: Int) throws(AuditError) {
        let path = PayloadBundle.path(number: facts.number, width: width)
        guard let bytes = try source.file(path, atMost: PayloadBundle.maximumByteCount) else {
            facts.findings.append(GeneralFinding(.missing, at: path, "the payload bundle is not there"))
            for place in 0..<width where facts.entries[place].layout?.payload != nil {
                facts.entries[place].payload = .missing("its payload bundle \(path) is not there")
            }
            return
        }
        let (records, end) = PayloadBundle.records(in: bytes.span)
        if end != bytes.count || records.count != width {
            facts.findings.append(
                GeneralFinding(
                    .altered, at: path,
                    "the payload bundle holds \(records.count) whole records and \(bytes.count - end) bytes more; "
                        + "it should hold \(width) records"))
        }
        for place in 0..<width {
            guard let layout = facts.entries[place].layout, let range = facts.entries[place].place else { continue }
            let entry = facts.bytes.span.extracting(range)
            let record = place < records.count ? records[place] : nil
            facts.entries[place].payload = state(of: layout, entry, record, bytes.span, path)
            if let record, case .envelope(let range) = record, facts.entries[place].payload == .intact,
                layout.matches(layout.stream, Array(StreamName.ledger.text.utf8), in: entry)
            {
                facts.trustEnvelopes[place] = Array(collecting: bytes.span.extracting(range))
            }
        }
    }

    private func state(
        of layout: EntryLayout, _ entry: Span<UInt8>, _ record: PayloadBundle.Record?, _ bytes: Span<UInt8>,
        _ path: String
    ) -> PayloadState {
        guard let payload = layout.payload, let digest = layout.payloadDigest(in: entry) else {
            guard let record, record != .none else { return .none }
            return .altered("a payload is kept for it in \(path), although it states none")
        }
        switch record {
        case nil: return .missing("\(path) ends before its payload")
        case .some(.none): return .missing("it states a payload, and \(path) has none for it")
        case .removed: return .removed
        case .envelope(let range):
            guard UInt64(range.count) == payload.size else {
                return .altered("its payload has \(range.count) bytes; the entry states \(payload.size)")
            }
            guard Envelope.digest(bytes.extracting(range)) == digest else {
                return .altered("its payload does not have the digest that the entry states")
            }
            guard payload.form != .clear || range.count >= Envelope.saltByteCount else {
                return .altered("its payload's envelope is too short to have its salt")
            }
            return .intact
        }
    }
}
