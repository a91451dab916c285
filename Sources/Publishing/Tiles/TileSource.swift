package import Digests
internal import EventFormat
package import EventLog
package import Merkle
internal import Transparency

/// Makes the tiles and entry bundles of a ledger's tree (C2SP tlog-tiles, "Merkle tree"), each compared with what its
/// neighbours say before anybody gets it.
///
/// - An entry's hash is the leaf hash that is recorded of it.
/// - The root of a full tile is the node of the level above.
/// - ``checkRoot(size:)`` recomputes the root from the partial tiles at the right edge.
///
/// Together, what is new in a tree is recomputed from the entries' bytes up to the root. Throws ``PublishingError``:
/// `damaged` when a comparison fails, `ledger` when the ledger cannot be read.
package struct TileSource: Sendable {
    private let log: EventLog

    package init(_ log: EventLog) { self.log = log }

    /// The first `width` entries of a tile of level 0.
    package struct Leaves: Sendable {
        /// What `tile/entries/N` holds: each entry behind its length, two bytes.
        package let bundle: [UInt8]
        /// What `tile/0/N` holds.
        package let hashes: [UInt8]
    }

    /// The entry bundle and the hash tile of `width` entries, 1 ... 256, from 256·`index` on. At most about 16 MiB.
    package func leaves(index: UInt64, width: Int) throws(PublishingError) -> Leaves {
        let first = index << UInt64(Tile.height)
        var bundle: [UInt8] = []
        var hashes: [UInt8] = []
        hashes.reserveCapacity(width * Digest.byteCount)
        var range = CompactRange()
        var wrong: UInt64?
        try PublishingError.reading { () throws(LogError) in
            try log.forEachStoredEntry(from: EntryIndex(first), below: EntryIndex(first + UInt64(width))) {
                leaf, entry in
                let isBundled = (try? EntryBundle.append(entry, to: &bundle)) != nil
                if !isBundled || MerkleHash.leaf(entry) != leaf { wrong = wrong ?? first + range.size.rawValue }
                leaf.append(to: &hashes)
                range.append(leaf)
            }
        }
        if let wrong { throw .damaged("entry \(wrong) does not have the leaf hash that is recorded for it") }
        if width == Tile.fullWidth { try check(range.root, level: 0, index: index) }
        return Leaves(bundle: bundle, hashes: hashes)
    }

    /// The hash tile of the first `width` nodes, 1 ... 256, of tile `index` of tile level `level`, 0 ... 7.
    package func hashes(level: Int, index: UInt64, width: Int) throws(PublishingError) -> [UInt8] {
        let nodes = try nodes(level: level, index: index, width: width)
        if width == Tile.fullWidth { try check(nodes.treeRoot, level: level, index: index) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(nodes.count * Digest.byteCount)
        for node in nodes { node.append(to: &bytes) }
        return bytes
    }

    /// The root of the tree of `size` leaves, recomputed from its partial tiles and compared with the one that the
    /// nodes between them give.
    package func checkRoot(size: TreeSize) throws(PublishingError) -> Digest {
        let stored = try PublishingError.reading { () throws(LogError) in try log.root(size: size).root }
        var edge: Digest?
        for run in Tile.all(size: size) {
            var row = try nodes(level: run.level, index: run.full.upperBound, width: run.partialWidth)
            if let edge { row.append(edge) }
            if !row.isEmpty { edge = row.treeRoot }
        }
        guard edge ?? MerkleHash.emptyRoot == stored else {
            throw .damaged("the tree of \(size) entries has another root than its tiles have together")
        }
        return stored
    }

    private func check(_ root: Digest, level: Int, index: UInt64) throws(PublishingError) {
        let above = try PublishingError.reading { () throws(LogError) in
            try log.nodes(level: (level + 1) * Tile.height, index..<index + 1)
        }
        guard above == [root] else {
            throw .damaged("tile \(index) of level \(level) has another root than the tree's node over it")
        }
    }

    private func nodes(level: Int, index: UInt64, width: Int) throws(PublishingError) -> [Digest] {
        let first = index << UInt64(Tile.height)
        return try PublishingError.reading { () throws(LogError) in
            try log.nodes(level: level * Tile.height, first..<first + UInt64(width))
        }
    }
}

extension [Digest] {
    /// MTH over these as if they were leaves' hashes: what subtrees of one size have as their root, the last of which
    /// may be smaller (RFC 6962 §2.1 splits at a power of two of them).
    fileprivate var treeRoot: Digest {
        var range = CompactRange()
        for hash in self { range.append(hash) }
        return range.root
    }
}

extension PublishingError {
    static func damaged(_ what: String) -> PublishingError {
        PublishingError(.damaged, "\(what); nothing is published; run mohur verify to learn what is damaged")
    }
}
