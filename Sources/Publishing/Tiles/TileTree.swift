public import EventLog
internal import Files
public import Merkle
internal import Threading

/// A folder that holds a ledger's tree as C2SP tlog-tiles serves it: `tile/<L>/<N>`, `tile/entries/<N>`, partial tiles
/// behind `.p/<W>`. What names the tree's size, such as the file `checkpoint`, is not this type's.
///
/// What a crash leaves: every file that a smaller tree needs is as it was, for none of them is ever written again, and
/// the size that readers know is still the smaller one. Some files of the larger tree may be there, each whole. The
/// next ``grow(from:to:alsoServing:of:_:)`` from the same size stages each of them again, compares, and keeps what is
/// right.
public struct TileTree: Sendable {
    /// Bundles that get their places together.
    private static let batchSize: UInt64 = 512

    /// The folder.
    public let path: String

    public init(path: String) { self.path = path }

    /// Adds the files that a tree of `new` leaves has and one of `old` leaves had not, from `log`: first the entry
    /// bundles, then the hash tiles from the lowest level up. On return all of them would outlast a loss of power.
    ///
    /// `between` are sizes of which a checkpoint was signed: their partial tiles are written, too, where the full
    /// tile is not there yet (tlog-tiles: "MUST serve the partial tiles for every size for which a checkpoint was
    /// produced"). Full tiles of the old tree are neither read nor written. `progress` is called with the number of
    /// new entries done. The caller keeps other processes from doing the same. Blocks; uses all processors. O(new
    /// entries).
    public func grow(
        from old: TreeSize, to new: TreeSize, alsoServing between: [TreeSize] = [], of log: EventLog,
        _ progress: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) throws(PublishingError) {
        let source = TileSource(log)
        let runs = Tile.added(from: old, to: new)
        guard let leaves = runs.first else { return }
        let staging = try PublishingError.filing { () throws(FileError) in try Staging(below: path) }
        var drafts = try placeBundles(leaves, source, staging, progress)
        for run in runs.dropFirst() { drafts += try stage(run, source, staging) }
        drafts += try stagePartials(of: between.filter { $0 > old && $0 < new }, in: new, source, staging)
        try PublishingError.filing { () throws(FileError) in
            try staging.place(drafts)
            try staging.remove()
        }
        _ = try source.checkRoot(size: new)
    }

    /// Writes the bundles and gives them their places batch by batch; returns the drafts of the tiles of level 0.
    private func placeBundles(
        _ run: Tile.Run, _ source: TileSource, _ staging: Staging, _ progress: @escaping @Sendable (UInt64) -> Void
    ) throws(PublishingError) -> [Staging.Draft] {
        var tiles: [Staging.Draft] = []
        let end = run.full.upperBound + (run.partialWidth > 0 ? 1 : 0)
        var first = run.full.lowerBound
        while first < end {
            let start = first
            let count = Int(min(TileTree.batchSize, end - start))
            let pairs = try Workers.map(count, BlockingPool.processorCount) { number throws(PublishingError) in
                let index = start + UInt64(number)
                return try stageLeaves(
                    index, index < run.full.upperBound ? Tile.fullWidth : run.partialWidth, source, staging)
            }
            try PublishingError.filing { () throws(FileError) in try staging.place(pairs.map(\.bundle)) }
            tiles += pairs.map(\.tile)
            first += UInt64(count)
            progress((first - run.full.lowerBound) << UInt64(Tile.height))
        }
        return tiles
    }

    private func stageLeaves(
        _ index: UInt64, _ width: Int, _ source: TileSource, _ staging: Staging
    ) throws(PublishingError) -> (bundle: Staging.Draft, tile: Staging.Draft) {
        let leaves = try source.leaves(index: index, width: width)
        return try PublishingError.filing { () throws(FileError) in
            let bundle = try staging.stage(leaves.bundle.span, for: Tile.path(.entries, index, width))
            return (bundle, try staging.stage(leaves.hashes.span, for: Tile.path(.hashes(level: 0), index, width)))
        }
    }

    /// Writes the hash tiles of a level above 0.
    private func stage(
        _ run: Tile.Run, _ source: TileSource, _ staging: Staging
    ) throws(PublishingError) -> [Staging.Draft] {
        var drafts: [Staging.Draft] = []
        for index in run.full { drafts.append(try stage(run.level, index, Tile.fullWidth, source, staging)) }
        if run.partialWidth > 0 {
            drafts.append(try stage(run.level, run.full.upperBound, run.partialWidth, source, staging))
        }
        return drafts
    }

    private func stage(
        _ level: Int, _ index: UInt64, _ width: Int, _ source: TileSource, _ staging: Staging
    ) throws(PublishingError) -> Staging.Draft {
        let bytes = try source.hashes(level: level, index: index, width: width)
        return try PublishingError.filing { () throws(FileError) in
            try staging.stage(bytes.span, for: Tile.path(.hashes(level: level), index, width))
        }
    }

    /// Writes the partial tiles of `sizes` that are not full in the tree of `new` leaves.
    private func stagePartials(
        of sizes: [TreeSize], in new: TreeSize, _ source: TileSource, _ staging: Staging
    ) throws(PublishingError) -> [Staging.Draft] {
        var drafts: [Staging.Draft] = []
        for last in Tile.all(size: new) {
            var widths: Set<Int> = []
            for size in sizes {
                guard let run = Tile.all(size: size).first(where: { $0.level == last.level }),
                    run.full.upperBound == last.full.upperBound, run.partialWidth > 0,
                    run.partialWidth < last.partialWidth
                else { continue }
                widths.insert(run.partialWidth)
            }
            for width in widths.sorted() {
                if last.level == 0 {
                    let pair = try stageLeaves(last.full.upperBound, width, source, staging)
                    drafts += [pair.bundle, pair.tile]
                } else {
                    drafts.append(try stage(last.level, last.full.upperBound, width, source, staging))
                }
            }
        }
        return drafts
    }
}

extension Tile {
    /// The path of a tile that a tree has.
    fileprivate static func path(_ content: Content, _ index: UInt64, _ width: Int) -> String {
        guard let tile = Tile(content, index: index, width: width) else {
            preconditionFailure("a tree has no tile of level or width out of range")
        }
        return tile.path
    }
}
