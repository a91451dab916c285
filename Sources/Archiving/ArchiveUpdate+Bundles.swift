internal import ArchiveFormat
internal import Digests
internal import EventFormat
internal import EventLog
internal import Files
internal import Keyring
internal import Merkle
internal import Publishing

// Entries, payloads and hashes.

extension ArchiveUpdate {
    /// Makes the bundles from `first` on, and the hash tiles of level 0 that go with them; those below `end` when that
    /// is given.
    func stageBundles(
        from first: UInt64, below end: UInt64? = nil, _ draft: borrowing ManifestDraft
    ) throws(ArchivingError) {
        let total = draft.contents.size.rawValue
        let size = end.map { min(total, $0 * 256) } ?? total
        var next = first * 256
        var bundle = Bundle(first)
        while next < size {
            let start = EntryIndex(next)
            let slice = try ArchivingError.reading { () throws(LogError) in
                try log.slice(from: start, below: EntryIndex(size))
            }
            guard !slice.ends.isEmpty else {
                throw ArchivingError(.damaged, "entry \(next) is in no segment; run mohur verify")
            }
            for position in slice.ends.indices {
                try add(slice, position, to: &bundle)
                next += 1
                if next % 256 == 0 || next == size {
                    try close(&bundle, draft)
                    bundle = Bundle(bundle.index + 1)
                    if end == nil { progress(CopyProgress(done: next, total: size)) }
                }
            }
        }
    }

    /// What is gathered for one bundle: at most 16 MiB of entries, and of payloads what ``PayloadSink`` holds.
    struct Bundle: ~Copyable {
        let index: UInt64
        var entries: [UInt8] = []
        var hashes: [UInt8] = []
        var tree = CompactRange()
        var payloads = PayloadSink()

        init(_ index: UInt64) { self.index = index }
    }

    private func add(_ slice: RawSlice, _ position: Int, to bundle: inout Bundle) throws(ArchivingError) {
        let index = slice.first.rawValue + UInt64(position)
        let (start, end) = (slice.start(of: position), slice.ends[position])
        let bytes = slice.bytes
        let entry = bytes.span.extracting(start..<end.entry)
        let envelope = bytes.span.extracting(end.entry..<end.envelope)
        let leaf = MerkleHash.leaf(entry)
        guard leaf == slice.leaves[position], entry.count <= Entry.maximumByteCount else {
            throw damaged("entry \(index) does not have the leaf hash that is stored for it")
        }
        let layout: EntryLayout
        do throws(FormatError) { layout = try EntryLayout(entry) } catch {
            throw damaged("entry \(index) breaks the format: \(error)")
        }
        guard layout.index.rawValue == index else { throw damaged("entry \(index) does not state its index") }
        let isGone = layout.payload != nil && isRemoved(layout.index)
        guard isGone || isRight(envelope, of: layout, in: entry) else { throw wrongPayload(layout, envelope) }
        bundle.entries.append(bigEndian: UInt16(entry.count))
        bundle.entries.append(collecting: entry)
        leaf.append(to: &bundle.hashes)
        bundle.tree.append(leaf)
        if isGone {
            bundle.payloads.appendRemoved()
        } else {
            for name in ContentName.names(in: envelope, of: layout, entry: entry) { try stage(name, named: index) }
            try bundle.payloads.append(envelope, to: self, draft: payloadDraft(bundle.index))
        }
    }

    /// Whether an event before the checkpoint says that the entry's payload was removed.
    private func isRemoved(_ index: EntryIndex) -> Bool {
        history?.removal(of: index).map { $0.event.rawValue < size.rawValue } ?? false
    }

    /// The old bundles that hold payloads whose removal was recorded since, ascending: they are made anew.
    var outdatedBundles: [UInt64] {
        guard let old, !writer.rehash, let history else { return [] }
        let recent = history.removedPayloads.filter { entry, removal in
            entry.rawValue / 256 < old.size.rawValue / 256
                && (old.size.rawValue..<size.rawValue).contains(removal.event.rawValue)
        }
        return Set(recent.keys.map { $0.rawValue / 256 }).sorted()
    }

    private func wrongPayload(_ layout: EntryLayout, _ envelope: Span<UInt8>) -> ArchivingError {
        // It may have been removed since this run began.
        let known = (try? log.keyHistory()) ?? history
        guard Envelope.isRemoved(envelope, size: layout.payload?.size ?? 0),
            let removal = known?.removal(of: layout.index)
        else {
            return damaged("the payload of entry \(layout.index) is not what the entry states")
        }
        return ArchivingError(
            .damaged,
            "the payload of entry \(layout.index) was removed under event \(removal.event), which stands behind the "
                + "checkpoint of \(size) entries: sign a newer one (--key)")
    }

    private func isRight(_ envelope: Span<UInt8>, of layout: EntryLayout, in entry: Span<UInt8>) -> Bool {
        guard let digest = layout.payloadDigest(in: entry) else { return envelope.isEmpty }
        return Envelope.digest(envelope) == digest && UInt64(envelope.count) == layout.payload?.size
    }

    private func damaged(_ what: String) -> ArchivingError {
        ArchivingError(.damaged, "\(what); nothing was added to the archive; run mohur verify")
    }

    private func payloadDraft(_ index: UInt64) -> String {
        "\(folder)/\(Bag.incoming)/\(ArchiveFile.payloads(index: index, width: 256).path).draft"
    }

    private func close(_ bundle: inout Bundle, _ draft: borrowing ManifestDraft) throws(ArchivingError) {
        let (index, contents) = (bundle.index, draft.contents)
        if bundle.tree.size == 256 {
            let node = try ArchivingError.reading { () throws(LogError) in
                try log.nodes(level: Tile.height, index..<index + 1)
            }
            guard node == [bundle.tree.root] else {
                throw damaged("entries \(index * 256) to \(index * 256 + 255) have another root than the tree's node")
            }
        }
        try produce(contents.entries(index), bundle.entries, draft)
        try produce(contents.tile(level: 0, index: index), bundle.hashes, draft)
        try bundle.payloads.close(contents.payloads(index), self, draft)
    }

    /// Makes the hash tiles of a level above 0 that are new, or all when the archive is compared with the ledger.
    func stageTiles(of level: Int, _ draft: borrowing ManifestDraft) throws(ArchivingError) {
        let contents = draft.contents
        var index = firstTile(of: level)
        while index < contents.tileCount(level: level) {
            let file = contents.tile(level: level, index: index)
            guard case .tile(let tile) = file else { preconditionFailure("a hash tile is a tile") }
            let bytes = try ArchivingError.publishing { () throws(PublishingError) in
                try TileSource(log).hashes(level: level, index: index, width: tile.width)
            }
            try produce(file, bytes, draft)
            index += 1
        }
    }

    /// Takes over the full bundles and tiles that the archive has and that were not made anew.
    func keepOthers(before first: UInt64, _ draft: borrowing ManifestDraft) throws(ArchivingError) {
        guard let old, !writer.rehash else { return }
        for index in 0..<first where !remade.contains(index) {
            try keep(draft.contents.payloads(index), old, draft)
            try keep(draft.contents.tile(level: 0, index: index), old, draft)
            try keep(draft.contents.entries(index), old, draft)
        }
        for level in 1..<max(1, draft.contents.levelCount) {
            for index in 0..<firstTile(of: level) {
                try keep(draft.contents.tile(level: level, index: index), old, draft)
            }
        }
    }
}
