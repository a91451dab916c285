internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import Keyring
internal import Merkle
internal import Transparency

/// Checks an archive's content while it is read from the first entry to the last (A7–A11, A13): hashes of the tree,
/// roots of checkpoints, payloads, the key history, the signatures of appends, and that documents are there. The order
/// and links of entries are checked by the ledger that they go into.
struct ArchiveCheck {
    let reader: ArchiveReader
    private var tiles: TileCheck
    private var tree = CompactRange()
    /// The checkpoints not yet reached, the next one last.
    private var checkpoints: [TreeSize]
    private var audit = SignatureAudit()
    private var historyFile = KeyHistoryFile()
    private var historyBytes: [UInt8] = []
    /// Documents that payloads name and that the archive does not have, with the first entry that names each.
    private var missing: [ContentName: UInt64] = [:]
    /// Entries whose payloads the archive marks as removed.
    private var removed: [EntryIndex] = []
    /// The entry 0.
    private(set) var genesis: Genesis?

    init(_ reader: ArchiveReader) {
        self.reader = reader
        tiles = TileCheck(reader)
        checkpoints = reader.contents.checkpoints.map(\.size).reversed()
    }

    /// Takes the next entry with what the bundle of payloads has for it, and returns its leaf hash. `envelope` is empty
    /// when there is none, and afterwards also for a payload that was removed.
    mutating func add(
        _ bytes: Span<UInt8>, _ record: PayloadRecord, _ envelope: inout [UInt8]
    ) throws(ArchivingError) -> Digest {
        let index = tree.size.rawValue
        let place = reader.contents.entries(index / 256).path
        let layout: EntryLayout
        do throws(FormatError) { layout = try EntryLayout(bytes) } catch {
            throw fault(.malformed, place, "entry \(index) breaks the format: \(error)")
        }
        guard layout.index.rawValue == index else {
            throw fault(.contradiction, place, "entry \(index) states the index \(layout.index)")
        }
        try check(record, &envelope, of: layout, in: bytes)
        if index == 0 { try begin(bytes, layout, place) }
        let leaf = MerkleHash.leaf(bytes)
        tree.append(leaf)
        do throws(ArchiveError) { try tiles.add(leaf) } catch { throw ArchivingError(error, in: reader.folder) }
        let stored = layout.payload == nil || record == .removed ? nil : envelope
        if layout.matches(layout.stream, Array(StreamName.ledger.text.utf8), in: bytes) {
            historyBytes += historyFile.line(of: Entry(layout, in: bytes), envelope: stored)
        }
        if let stored { try checkDocuments(stored, layout, bytes) }
        audit.add(layout, in: bytes) { stored }
        try checkSignatures()
        if checkpoints.last == tree.size { try checkRoot(checkpoints.removeLast()) }
        return leaf
    }

    /// Ends the check, when all entries have come. Returns what is known of keys.
    mutating func finish() throws(ArchivingError) -> KeyHistory? {
        try inArchive { () throws(ArchiveError) in try tiles.finish() }
        audit.finish()
        try checkSignatures()
        historyBytes += historyFile.end
        let file = reader.contents.keyHistory
        let digest = try inArchive { () throws(ArchiveError) in
            try reader.checkDigest(of: file) { error throws(ArchiveError) in throw error }
            return try ArchiveReader.digest(of: file, in: reader.folder)
        }
        guard SHA256.hash(historyBytes.span) == digest else {
            throw fault(.contradiction, file.path, "is not the history of the ledger's own events")
        }
        if let info = reader.info, info.root != tree.root {
            throw fault(.contradiction, BagInfo.file, "Mohur-Root is not the root of the tree")
        }
        try checkMissing()
        try checkRemoved()
        return audit.history
    }

    /// What is known of keys and removals so far.
    var history: KeyHistory? { audit.history }

    /// The entries, ascending, whose payloads the archive has though an event says that they were removed.
    var unremoved: [EntryIndex] {
        let marked = Set(removed)
        return (history?.removedPayloads ?? [:]).keys.filter { !marked.contains($0) }.sorted()
    }

    /// The checkpoint of `size`, as the archive has it.
    func checkpoint(_ size: TreeSize) throws(ArchivingError) -> SignedCheckpoint {
        let file = ArchiveFile.checkpoint(size)
        let bytes = try inArchive { () throws(ArchiveError) in
            try reader.bytes(of: file) { error throws(ArchiveError) in throw error }
        }
        do throws(TransparencyError) { return try SignedCheckpoint(bytes ?? []) } catch {
            throw fault(.malformed, file.path, "is not a checkpoint: \(error)")
        }
    }
}

// MARK: - Parts

extension ArchiveCheck {
    private func fault(_ code: ArchiveError.Code, _ file: String, _ reason: String) -> ArchivingError {
        ArchivingError(ArchiveError(code, file, reason), in: reader.folder)
    }

    private func inArchive<R>(_ body: () throws(ArchiveError) -> R) throws(ArchivingError) -> R {
        try ArchivingError.archive(in: reader.folder, body)
    }

    private mutating func begin(
        _ bytes: Span<UInt8>, _ layout: EntryLayout, _ place: String
    ) throws(ArchivingError) {
        let found: Genesis
        do throws(FormatError) { found = try Genesis(Entry(layout, in: bytes)) } catch {
            throw fault(.malformed, place, "\(error)")
        }
        if let info = reader.info {
            guard info.origin == found.origin.text, info.incarnation == "\(found.incarnation)" else {
                throw fault(.contradiction, BagInfo.file, "names another origin or incarnation than entry 0")
            }
        }
        genesis = found
        historyBytes = historyFile.head(origin: found.origin, size: reader.size)
    }

    private mutating func check(
        _ record: PayloadRecord, _ envelope: inout [UInt8], of layout: EntryLayout, in bytes: Span<UInt8>
    ) throws(ArchivingError) {
        let place = reader.contents.payloads(layout.index.rawValue / 256).path
        if record == .removed {
            guard let payload = layout.payload, payload.size > 0 else {
                throw fault(.contradiction, place, "marks as removed a payload that entry \(layout.index) cannot have")
            }
            removed.append(layout.index)
            envelope.removeAll()
            return
        }
        guard let digest = layout.payloadDigest(in: bytes) else {
            guard envelope.isEmpty else {
                throw fault(.contradiction, place, "has a payload for entry \(layout.index), which states none")
            }
            return
        }
        guard layout.payload?.size == UInt64(envelope.count), Envelope.digest(envelope.span) == digest else {
            throw fault(.contradiction, place, "does not have the payload that entry \(layout.index) states")
        }
    }

    private mutating func checkDocuments(
        _ envelope: [UInt8], _ layout: EntryLayout, _ entry: Span<UInt8>
    ) throws(ArchivingError) {
        for name in ContentName.names(in: envelope.span, of: layout, entry: entry) where missing[name] == nil {
            let isThere = try inArchive { () throws(ArchiveError) in try reader.manifest.contains(.content(name)) }
            if !isThere { missing[name] = layout.index.rawValue }
        }
    }

    /// What is not there must have been removed under a recorded event.
    private func checkMissing() throws(ArchivingError) {
        let faults = missing.filter { history?.removal(of: $0.key) == nil }
        guard let (name, index) = faults.min(by: { $0.value < $1.value }) else { return }
        throw fault(
            .missing, ArchiveFile.content(name).path,
            "is not there, although the payload of entry \(index) names it and no recorded event authorises that")
    }

    /// Payloads are removed under a recorded event only.
    private func checkRemoved() throws(ArchivingError) {
        guard let index = removed.first(where: { history?.removal(of: $0) == nil }) else { return }
        throw fault(
            .missing, reader.contents.payloads(index.rawValue / 256).path,
            "does not have the payload of entry \(index), and no recorded event authorises its removal")
    }

    private func checkRoot(_ size: TreeSize) throws(ArchivingError) {
        let checkpoint = try checkpoint(size).checkpoint
        let file = ArchiveFile.checkpoint(size).path
        guard let genesis, checkpoint.origin == LogOrigin(genesis.origin) else {
            throw fault(.contradiction, file, "is of \(checkpoint.origin), another origin than the ledger's")
        }
        guard checkpoint.size == size, checkpoint.root == tree.root else {
            throw fault(.contradiction, file, "does not state the root of the first \(size) entries")
        }
        guard reader.contents.contains(.timestampRequest(size)) else { return }
        try inArchive { () throws(ArchiveError) in
            for file in [ArchiveFile.timestampRequest(size), .timestampResponse(size)] {
                try reader.checkDigest(of: file) { error throws(ArchiveError) in throw error }
            }
        }
    }

    private mutating func checkSignatures() throws(ArchivingError) {
        for verdict in audit.takeVerdicts() {
            switch verdict.judgement {
            case .signed, .unsigned: continue
            case .faulty(let error):
                throw ArchivingError(.notTrusted, "the archive in \(reader.folder): \(error.reason)")
            case .unproven(let reason), .unverifiable(let reason):
                throw ArchivingError(.notTrusted, "the archive in \(reader.folder): \(reason)")
            }
        }
    }
}
