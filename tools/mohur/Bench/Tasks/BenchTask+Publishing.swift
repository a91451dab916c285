internal import Files
internal import Ledger
internal import Merkle
internal import Processes
internal import Publishing
internal import Threading

extension BenchTask {
    /// Writes the tree of a whole ledger into a folder; reports the entries a second.
    static func publish(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let ledger = try await ledger(words)
        let size = try await ledger.size()
        let tree = TileTree(path: try words.text("into"))
        await ready()
        let start = MonotonicTime.now
        try await ledger.blocking { log throws(PublishingError) in try tree.grow(from: 0, to: TreeSize(size), of: log) }
        let seconds = MonotonicTime.seconds(since: start)
        await ledger.close()
        var figures = Figures()
        figures.add("rate", Double(size) / seconds)
        return figures
    }

    /// Writes as many bytes into as many files as ``publish(_:_:)`` of `events` entries of `entry` bytes, flushed as
    /// seldom; reports the entries a second.
    static func writeFiles(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let count = try words.number("events")
        let bundle = [UInt8](repeating: 1, count: (try words.number("entry") + 2) * Tile.fullWidth)
        let tile = [UInt8](repeating: 2, count: 32 * Tile.fullWidth)
        let folder = try words.text("into")
        await ready()
        let start = MonotonicTime.now
        try await BlockingPool.shared.run { () throws(FileError) in
            let staging = try Staging(below: folder)
            var drafts: [Staging.Draft] = []
            for number in 0..<(count + Tile.fullWidth - 1) / Tile.fullWidth {
                drafts.append(try staging.stage(bundle.span, for: "entries/\(number)"))
                drafts.append(try staging.stage(tile.span, for: "0/\(number)"))
            }
            try staging.place(drafts)
        }
        var figures = Figures()
        figures.add("rate", Double(count) / MonotonicTime.seconds(since: start))
        return figures
    }
}
