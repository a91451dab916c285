internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import Merkle

/// Reads bundles and recomputes what can be told of each entry by itself. Used by several threads at once.
struct BundleReader: Sendable {
    let source: any RecordSource
    let size: UInt64
    /// The bundles to look at, ascending; nil: all.
    var visited: [UInt64]?

    /// The number of bundles.
    var count: UInt64 { size / 256 + (size % 256 > 0 ? 1 : 0) }

    /// The bundles to look at, as ranges without gaps between them.
    var runs: [Range<UInt64>] {
        guard let visited else { return [0..<count] }
        var runs: [Range<UInt64>] = []
        for number in visited {
            if let last = runs.last, last.upperBound == number {
                runs[runs.count - 1] = last.lowerBound..<number + 1
            } else {
                runs.append(number..<number + 1)
            }
        }
        return runs
    }

    /// What the level-1 tile says of the bundles below it; kept while neighbours are read.
    struct Above: Sendable {
        fileprivate var number: UInt64?
        fileprivate var hashes: [Digest]?
    }

    /// Reads consecutive bundles.
    func read(_ numbers: Range<UInt64>) throws(AuditError) -> [BundleFacts] {
        var above = Above()
        var facts: [BundleFacts] = []
        for number in numbers { facts.append(try read(number, &above)) }
        return facts
    }

    /// Reads one bundle.
    func read(_ number: UInt64) throws(AuditError) -> BundleFacts {
        var above = Above()
        return try read(number, &above)
    }

    private func read(_ number: UInt64, _ above: inout Above) throws(AuditError) -> BundleFacts {
        let width = Int(min(256, size - number * 256))
        var facts = BundleFacts(number: number, entries: Array(repeating: EntryFacts(), count: width))
        facts.tile = try hashes(level: 0, number, width, &facts)
        if width == 256 { facts.stated = try stated(number, &above) }
        try readEntries(&facts, width)
        try readPayloads(&facts, width)
        return facts
    }

    /// The hashes of a tile; nil, and a finding, when it is not there or has another size.
    private func hashes(
        level: Int, _ number: UInt64, _ width: Int, _ facts: inout BundleFacts
    ) throws(AuditError) -> [Digest]? {
        guard let tile = Tile(.hashes(level: level), index: number, width: width) else { return nil }
        let answer = try source.read(tile)
        facts.findings += answer.findings
        facts.tilePath = answer.path
        guard let bytes = answer.bytes else {
            facts.isFaulty = true
            return nil
        }
        let count = answer.path.hasSuffix(tile.path) ? width : Tile.fullWidth
        guard bytes.count == count * Digest.byteCount else {
            facts.findings.append(
                GeneralFinding(.altered, at: answer.path, "it has \(bytes.count) bytes instead of \(count * 32)"))
            facts.isFaulty = true
            return nil
        }
        return (0..<width).map { Digest(copying: bytes.span, at: $0 * Digest.byteCount) }
    }

    /// What the level-1 tile says of a full bundle.
    private func stated(_ number: UInt64, _ above: inout Above) throws(AuditError) -> Digest? {
        let parent = number / 256
        if above.number != parent {
            let width = Int(min(256, size / 256 - parent * 256))
            // What is wrong with the tile itself is told when the upper tiles are checked.
            var other = BundleFacts(number: number, entries: [])
            above = Above(number: parent, hashes: try hashes(level: 1, parent, width, &other))
        }
        return above.hashes?[Int(number % 256)]
    }

    private func readEntries(_ facts: inout BundleFacts, _ width: Int) throws(AuditError) {
        guard let tile = Tile(.entries, index: facts.number, width: width) else { return }
        let answer = try source.read(tile)
        facts.findings += answer.findings
        guard let bytes = answer.bytes else {
            facts.isFaulty = true
            for place in facts.entries.indices { facts.entries[place].problem = "its entry bundle is not there" }
            return
        }
        let list = EntryList(bytes, width: width)
        if let fault = list.fault, answer.path.hasSuffix(tile.path) {
            facts.findings.append(GeneralFinding(.altered, at: answer.path, fault))
            facts.isFaulty = true
        }
        facts.bytes = bytes
        for place in 0..<width {
            guard place < list.ranges.count else {
                facts.entries[place].problem = "its bundle ends before it"
                continue
            }
            let entry = bytes.span.extracting(list.ranges[place])
            facts.entries[place].place = list.ranges[place]
            facts.entries[place].leaf = MerkleHash.leaf(entry)
            do throws(FormatError) {
                facts.entries[place].layout = try EntryLayout(entry)
            } catch {
                facts.entries[place].problem = "its bytes are not an entry: \(error)"
            }
        }
    }

    private func readPayloads(_ facts: inout BundleFacts, _ width: Int) throws(AuditError) {
        for place in 0..<width where facts.entries[place].layout?.payload != nil {
            facts.entries[place].payload = .missing("its bundle of payloads ends before it, or is not there")
        }
        var entries = facts.entries
        var envelopes: [Int: [UInt8]] = [:]
        let bytes = facts.bytes
        let ledger = Array(StreamName.ledger.text.utf8)
        let findings = try source.readPayloads(facts.number, width: width) { place, record, envelope in
            guard place < width, let layout = entries[place].layout, let range = entries[place].place else { return }
            let entry = bytes.span.extracting(range)
            entries[place].payload = BundleReader.state(layout, entry, record, envelope)
            if entries[place].payload == .intact {
                let names = ContentName.names(in: envelope.span, of: layout, entry: entry)
                entries[place].documentCount = names.count
                entries[place].documents = names.compactMap(fault)
            }
            if entries[place].payload == .intact, layout.matches(layout.stream, ledger, in: entry) {
                envelopes[place] = envelope
            }
        }
        guard let findings else {
            for place in 0..<width where facts.entries[place].layout?.payload != nil {
                facts.entries[place].payload = .notChecked
            }
            return
        }
        facts.findings += findings
        facts.entries = entries
        facts.trustEnvelopes = envelopes
    }

    private func fault(of name: ContentName) -> DocumentFault? {
        source.fault(ofDocument: name).map { DocumentFault(name: name, verdict: $0) }
    }

    private static func state(
        _ layout: EntryLayout, _ entry: Span<UInt8>, _ record: PayloadRecord, _ envelope: [UInt8]
    ) -> PayloadState {
        guard let payload = layout.payload, let digest = layout.payloadDigest(in: entry) else {
            return record == .none ? .none : .altered("a payload is kept for it, although it states none")
        }
        switch record {
        case .none where payload.size > 0: return .missing("it states a payload, and none is kept for it")
        case .removed: return .removed
        case .none, .envelope:
            guard UInt64(envelope.count) == payload.size else {
                return .altered("its payload has \(envelope.count) bytes; the entry states \(payload.size)")
            }
            guard Envelope.digest(envelope.span) == digest else {
                return .altered("its payload does not have the digest that the entry states")
            }
            guard payload.form != .clear || envelope.count >= Envelope.saltByteCount else {
                return .altered("its payload's envelope is too short to have its salt")
            }
            return .intact
        }
    }
}
