internal import ArchiveFormat
internal import Digests
internal import Merkle

/// Compares the hash tiles of an archive with leaf hashes as they come, level by level (A8).
struct TileCheck {
    private let reader: ArchiveReader
    /// The hashes of the tile that is under way at each level.
    private var hashes: [[Digest]]
    /// The number of tiles compared at each level.
    private var done: [UInt64]

    init(_ reader: ArchiveReader) {
        self.reader = reader
        hashes = Array(repeating: [], count: reader.contents.levelCount)
        done = Array(repeating: 0, count: reader.contents.levelCount)
    }

    /// Takes the next leaf hash. Throws when a tile that it completes is another in the archive.
    mutating func add(_ leaf: Digest) throws(ArchiveError) {
        var hash = leaf
        for level in hashes.indices {
            hashes[level].append(hash)
            guard hashes[level].count == Tile.fullWidth else { return }
            try compare(level)
            var range = CompactRange()
            for hash in hashes[level] { range.append(hash) }
            hash = range.root
            hashes[level].removeAll(keepingCapacity: true)
            done[level] += 1
        }
    }

    /// Compares the partial tiles, when all leaf hashes have come.
    func finish() throws(ArchiveError) {
        for level in hashes.indices where !hashes[level].isEmpty { try compare(level) }
    }

    private func compare(_ level: Int) throws(ArchiveError) {
        let (index, expected) = (done[level], hashes[level])
        let stated = try reader.hashes(level: level, index: index) { error throws(ArchiveError) in throw error }
        guard let stated else { return }
        for position in expected.indices where Digest(copying: stated.span, at: position * 32) != expected[position] {
            let number = index * 256 + UInt64(position)
            throw ArchiveError(
                .contradiction, reader.contents.tile(level: level, index: index).path,
                level == 0
                    ? "does not have the leaf hash of entry \(number) (\(reader.contents.entries(index).path))"
                    : "does not have the root of the tile \(number) of level \(level - 1)")
        }
    }
}
