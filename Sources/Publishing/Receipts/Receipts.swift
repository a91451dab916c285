public import EventFormat
internal import EventLog
public import Ledger
public import Merkle
public import Transparency

/// Makes receipts of a ledger: texts that show without the ledger that something is in it.
///
/// Each is of a kept checkpoint (``CheckpointStore``) and is verified before it is handed out.
public struct Receipts: Sendable {
    /// How many checkpoints are looked at for one that was cosigned.
    private static let lookBack = 64

    private let ledger: Ledger
    private let store: CheckpointStore

    public init(of ledger: Ledger) {
        self.ledger = ledger
        store = CheckpointStore(ledger: ledger.path)
    }

    /// The checkpoint of `size`, or, for nil, the newest of more entries than `index` that witnesses have cosigned;
    /// where none has cosignatures, the newest. Throws `noCheckpoint`.
    public func checkpoint(
        _ size: TreeSize? = nil, covering index: EntryIndex
    ) throws(PublishingError) -> SignedCheckpoint {
        let sizes = try store.sizes()
        if let size {
            guard size.rawValue > index.rawValue else {
                throw PublishingError(.noCheckpoint, "a tree of \(size) entries has no entry \(index)")
            }
            guard let found = try store.checkpoint(size) else {
                let newest = sizes.last.map { "the newest is of \($0)" } ?? "there is none yet"
                throw PublishingError(
                    .noCheckpoint,
                    "\(ledger.path) has no checkpoint of \(size) entries; \(newest) (mohur checkpoint --list)")
            }
            return found
        }
        let covering = sizes.suffix(from: { $0.rawValue > index.rawValue })
        guard let last = covering.last, let newest = try store.checkpoint(last) else {
            throw PublishingError(
                .noCheckpoint, "no checkpoint has entry \(index) yet: mohur publish, or mohur checkpoint, makes one")
        }
        if newest.note.signatures.count > 1 { return newest }
        for size in covering.dropLast().suffix(Receipts.lookBack).reversed() {
            if let older = try store.checkpoint(size), older.note.signatures.count > 1 { return older }
        }
        return newest
    }

    /// The receipt of entry `index` under the checkpoint of `size`, nil: see ``checkpoint(_:covering:)``. The entry's
    /// bytes are in `extra` when there is room for them, so that the receipt stands alone.
    ///
    /// Throws `noCheckpoint`, `ledger`, and `damaged` when what would be handed out does not hold.
    public func proof(of index: EntryIndex, size: TreeSize? = nil) async throws(PublishingError) -> TlogProof {
        let signed = try checkpoint(size, covering: index)
        return try await ledger.blocking { log throws(PublishingError) in
            let event = try PublishingError.reading { () throws(LogError) in try log.event(at: index) }
            return try Receipts.proof(of: event, under: signed, log)
        }
    }

    /// The history of `stream` as of the checkpoint of `size`; nil: of the newest checkpoint that has its first entry,
    /// as ``checkpoint(_:covering:)`` chooses. Says how many entries of the stream are newer and not in it.
    ///
    /// Throws `notRecorded` when there is no such stream, and otherwise as ``proof(of:size:)``.
    public func history(
        of stream: StreamName, size: TreeSize? = nil
    ) async throws(PublishingError) -> (history: RecordHistory, newerCount: UInt64) {
        let first = try await ledger.blocking { log throws(PublishingError) in
            try PublishingError.reading { () throws(LogError) in
                try log.page(of: stream, limit: 1, withPayloads: false).events.first?.index
            }
        }
        guard let first else {
            throw PublishingError(.notRecorded, "there is no stream \"\(stream.text.escapingControls)\"")
        }
        let signed = try checkpoint(size, covering: first)
        return try await ledger.blocking { log throws(PublishingError) in
            let items = try Receipts.items(of: stream, below: EntryIndex(signed.checkpoint.size.rawValue), log)
            guard let newest = items.last else {
                throw PublishingError(.noCheckpoint, "no checkpoint has the stream's first entry, \(first), yet")
            }
            let (event, head) = try PublishingError.reading { () throws(LogError) in
                (try log.event(at: newest.entry.index), try log.head(of: stream))
            }
            let proof = try Receipts.proof(of: event, under: signed, log)
            let history = try PublishingError.proving { () throws(TransparencyError) in
                try RecordHistory(stream: stream, items: items, proof: proof)
            }
            return (history, (head?.rawValue ?? 0) - event.revision.rawValue)
        }
    }

    /// The proof that the checkpoint of `new` entries continues that of `old`; nil: the newest checkpoint.
    public func consistency(
        from old: TreeSize, to new: TreeSize? = nil
    ) async throws(PublishingError) -> ConsistencyReceipt {
        let first = try checkpoint(old, covering: EntryIndex(max(1, old.rawValue) - 1))
        let second = try checkpoint(new, covering: EntryIndex(max(1, old.rawValue) - 1))
        return try await ledger.blocking { log throws(PublishingError) in
            let proof = try PublishingError.reading { () throws(LogError) in
                try log.consistencyProof(from: old, to: second.checkpoint.size)
            }
            return try PublishingError.proving { () throws(TransparencyError) in
                try ConsistencyReceipt(old: first, new: second, hashes: proof.hashes)
            }
        }
    }
}

extension Receipts {
    fileprivate static func proof(
        of event: RecordedEvent, under signed: SignedCheckpoint, _ log: EventLog
    ) throws(PublishingError) -> TlogProof {
        let path = try PublishingError.reading { () throws(LogError) in
            try log.inclusionProof(of: event.index, size: signed.checkpoint.size)
        }
        let bytes = try entryBytes(event)
        return try PublishingError.proving { () throws(TransparencyError) in
            let proof = try TlogProof(
                index: path.index, hashes: path.hashes,
                extra: bytes.count <= TlogProof.maximumExtraByteCount ? bytes : nil, checkpoint: signed)
            try proof.verifyInclusion(of: event.leaf, in: signed.checkpoint)
            return proof
        }
    }

    /// The entries of a stream below `end`, oldest first, as many as a history may have.
    fileprivate static func items(
        of stream: StreamName, below end: EntryIndex, _ log: EventLog
    ) throws(PublishingError) -> [RecordHistory.Item] {
        var items: [RecordHistory.Item] = []
        var byteCount = 0
        var next: Revision? = 0
        while let start = next {
            let page = try PublishingError.reading { () throws(LogError) in
                try log.page(of: stream, from: start, below: end, limit: 512)
            }
            for event in page.events {
                let bytes = try entryBytes(event)
                byteCount += bytes.count + (event.envelope?.count ?? 0)
                items.append(
                    try PublishingError.proving { () throws(TransparencyError) in
                        try RecordHistory.Item(bytes: bytes, envelope: event.envelope)
                    })
            }
            guard byteCount <= RecordHistory.maximumByteCount / 4 * 3 else {
                throw PublishingError(
                    .notProved,
                    "the history of \"\(stream.text.escapingControls)\" is larger than a file of one may be, "
                        + "\(RecordHistory.maximumByteCount >> 20) MiB; prove its newest entry instead (--index)")
            }
            next = page.next
        }
        return items
    }

    /// The bytes of an entry, which are those of its leaf hash.
    private static func entryBytes(_ event: RecordedEvent) throws(PublishingError) -> [UInt8] {
        guard let bytes = try? event.entry.encoded(), MerkleHash.leaf(bytes.span) == event.leaf else {
            throw .damaged("entry \(event.index) does not have the leaf hash that is recorded for it")
        }
        return bytes
    }
}

extension PublishingError {
    /// Turns a proof's refusal into an error of publishing: nothing that does not hold is handed out.
    fileprivate static func proving<R>(_ body: () throws(TransparencyError) -> R) throws(PublishingError) -> R {
        do throws(TransparencyError) { return try body() } catch {
            if error.code == .tooLarge { throw PublishingError(.notProved, error.description) }
            throw .damaged("the receipt does not hold: \(error)")
        }
    }
}

extension [TreeSize] {
    /// The sizes from the first that fulfils `isIn`, which every one behind it does, too.
    fileprivate func suffix(from isIn: (TreeSize) -> Bool) -> ArraySlice<TreeSize> {
        self[(firstIndex(where: isIn) ?? endIndex)...]
    }
}
