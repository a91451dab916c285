public import Merkle

/// Which files an archive has: given its checkpoints, all other paths follow (docs/archive.md, "Which files are in
/// data"), but for those of the documents that payloads name, which only ``Manifest`` knows.
///
/// The files are numbered in the order of the manifest. As a sequence it gives them in that order, without holding
/// them.
public struct ArchiveContents: Hashable, Sendable {
    /// A stored checkpoint.
    public struct Checkpoint: Hashable, Sendable {
        public let size: TreeSize
        /// Whether the two files of a timestamp stand beside it.
        public let isTimestamped: Bool

        public init(size: TreeSize, isTimestamped: Bool) {
            self.size = size
            self.isTimestamped = isTimestamped
        }
    }

    /// Bundles or tiles of one kind: full ones and perhaps a partial one behind them.
    struct Run: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            case payloads
            case hashes(level: Int)
            case entries
        }

        let kind: Kind
        let full: UInt64
        let partialWidth: Int

        /// The run of `kind` that holds `items`, 256 a file.
        init(_ kind: Kind, items: UInt64) {
            self.kind = kind
            full = items / 256
            partialWidth = Int(items % 256)
        }

        var count: UInt64 { full + (partialWidth > 0 ? 1 : 0) }

        func file(_ index: UInt64) -> ArchiveFile {
            let width = index < full ? Tile.fullWidth : partialWidth
            return switch kind {
            case .payloads: .payloads(index: index, width: width)
            case .hashes(let level): .hashes(level: level, index: index, width: width)
            case .entries: .entries(index: index, width: width)
            }
        }
    }

    /// Ascending, none twice; the last is of ``size``.
    public let checkpoints: [Checkpoint]
    /// How many checkpoints before each one are timestamped.
    private let timestampsBefore: [Int]
    /// Behind the checkpoints and the key history.
    let runs: [Run]

    /// The number of entries.
    public var size: TreeSize { checkpoints[checkpoints.count - 1].size }

    /// `checkpoints` ascend, none is of size 0, and there is at least one. Throws otherwise.
    public init(checkpoints: [Checkpoint]) throws(ArchiveError) {
        guard let last = checkpoints.last else {
            throw ArchiveError(.missing, "data/checkpoints", "there is no checkpoint")
        }
        guard checkpoints[0].size > 0, last.size.rawValue <= ArchiveLimits.entryCount,
            checkpoints.count <= ArchiveLimits.checkpointCount,
            zip(checkpoints, checkpoints.dropFirst()).allSatisfy({ $0.size < $1.size })
        else {
            throw ArchiveError(
                .malformed, "data/checkpoints",
                "sizes of checkpoints must ascend from 1 to at most 2^63, and be at most "
                    + "\(ArchiveLimits.checkpointCount)")
        }
        self.checkpoints = checkpoints
        var before = 0
        timestampsBefore = checkpoints.map { checkpoint in
            defer { before += checkpoint.isTimestamped ? 1 : 0 }
            return before
        }
        runs = ArchiveContents.runs(size: last.size.rawValue)
    }

    private static func runs(size: UInt64) -> [Run] {
        var runs = [Run(.payloads, items: size)]
        var items = size
        var level = 0
        while items > 0 {
            runs.append(Run(.hashes(level: level), items: items))
            items >>= 8
            level += 1
        }
        runs.append(Run(.entries, items: size))
        return runs
    }

    /// The number of tile levels, 1 ... 8.
    public var levelCount: Int { runs.count - 2 }

    /// The number of bundles of entries, and of payloads.
    public var bundleCount: UInt64 { runs[0].count }

    /// How many entries the bundle `index` has.
    public func width(ofBundle index: UInt64) -> Int {
        index < runs[0].full ? Tile.fullWidth : runs[0].partialWidth
    }

    /// The bundle of entries `index`.
    public func entries(_ index: UInt64) -> ArchiveFile { .entries(index: index, width: width(ofBundle: index)) }

    /// The bundle of payloads `index`.
    public func payloads(_ index: UInt64) -> ArchiveFile { .payloads(index: index, width: width(ofBundle: index)) }

    /// The number of hash tiles of `level`.
    public func tileCount(level: Int) -> UInt64 { runs[level + 1].count }

    /// The hash tile `index` of `level`.
    public func tile(level: Int, index: UInt64) -> ArchiveFile { runs[level + 1].file(index) }

    /// The number of hash tiles of `level` that are full; 0 where there is no such level.
    public func fullTileCount(level: Int) -> UInt64 { level < levelCount ? runs[level + 1].full : 0 }

    /// The key history.
    public var keyHistory: ArchiveFile { .keyHistory(size) }

    /// Checkpoints, timestamps and the key history: the files whose number does not follow from ``size``.
    var filesBeforeBundles: PrefixSequence<ArchiveContents> { prefix(Int(checkpointFileCount) + 1) }
}

// MARK: - The numbering

extension ArchiveContents: Sequence {
    private var checkpointFileCount: UInt64 {
        UInt64(checkpoints.count + 2 * (timestampsBefore[checkpoints.count - 1] + (isLastTimestamped ? 1 : 0)))
    }

    private var isLastTimestamped: Bool { checkpoints[checkpoints.count - 1].isTimestamped }

    /// The number of files.
    public var fileCount: UInt64 { runs.reduce(checkpointFileCount + 1) { $0 + $1.count } }

    /// Whether the archive has the file. O(log checkpoints).
    public func contains(_ file: ArchiveFile) -> Bool { place(of: file) != nil }

    /// The number of files, and of bytes of manifest lines, that stand before `file`; nil when it is none of the
    /// archive's. O(log checkpoints).
    func place(of file: ArchiveFile) -> (line: UInt64, offset: UInt64)? {
        switch file {
        case .checkpoint(let size): place(of: size, 0)
        case .timestampRequest(let size): place(of: size, 1)
        case .timestampResponse(let size): place(of: size, 2)
        case .keyHistory(let size): size == self.size ? (checkpointFileCount, checkpointByteCount) : nil
        case .payloads(let index, _): place(of: file, index, in: 0)
        case .content: nil
        case .tile(let tile):
            switch tile.content {
            case .entries: place(of: file, tile.index, in: runs.count - 1)
            case .hashes(let level): level < levelCount ? place(of: file, tile.index, in: level + 1) : nil
            }
        }
    }

    private func place(of size: TreeSize, _ part: Int) -> (line: UInt64, offset: UInt64)? {
        var (low, high) = (0, checkpoints.count)
        while low < high {
            let middle = (low + high) / 2
            if checkpoints[middle].size < size { low = middle + 1 } else { high = middle }
        }
        guard low < checkpoints.count, checkpoints[low].size == size, part == 0 || checkpoints[low].isTimestamped
        else { return nil }
        let stamped = timestampsBefore[low]
        let line = low + 2 * stamped + part
        let offset =
            low * ManifestLine.checkpointByteCount + 2 * stamped * ManifestLine.timestampByteCount
            + (part > 0 ? ManifestLine.checkpointByteCount : 0)
            + (part > 1 ? ManifestLine.timestampByteCount : 0)
        return (UInt64(line), UInt64(offset))
    }

    private var checkpointByteCount: UInt64 {
        let stamped = timestampsBefore[checkpoints.count - 1] + (isLastTimestamped ? 1 : 0)
        return UInt64(
            checkpoints.count * ManifestLine.checkpointByteCount + 2 * stamped * ManifestLine.timestampByteCount)
    }

    private func place(of file: ArchiveFile, _ index: UInt64, in number: Int) -> (line: UInt64, offset: UInt64)? {
        guard index < runs[number].count, runs[number].file(index) == file else { return nil }
        var line = checkpointFileCount + 1
        var offset = checkpointByteCount + UInt64(ManifestLine.keyHistoryByteCount)
        for run in runs.prefix(number) {
            line += run.count
            offset += ManifestLine.byteCount(run, before: run.full)
            if run.partialWidth > 0 { offset += UInt64(ManifestLine.byteCount(of: run.file(run.full).path)) }
        }
        return (line + index, offset + ManifestLine.byteCount(runs[number], before: index))
    }

    /// The number of bytes of all their lines in the manifest.
    var lineByteCount: UInt64 {
        let last = entries(bundleCount - 1)
        return (place(of: last)?.offset ?? 0) + UInt64(ManifestLine.byteCount(of: last.path))
    }

    /// The files in the order of the manifest.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Goes through the files in the order of the manifest.
    public struct Iterator: IteratorProtocol, Sendable {
        private let contents: ArchiveContents
        private var checkpoint = 0
        private var part = 0
        private var run = -1
        private var index: UInt64 = 0

        init(_ contents: ArchiveContents) { self.contents = contents }

        public mutating func next() -> ArchiveFile? {
            if checkpoint < contents.checkpoints.count { return nextOfCheckpoints() }
            if run < 0 {
                run = 0
                return contents.keyHistory
            }
            while run < contents.runs.count {
                guard index < contents.runs[run].count else {
                    run += 1
                    index = 0
                    continue
                }
                defer { index += 1 }
                return contents.runs[run].file(index)
            }
            return nil
        }

        private mutating func nextOfCheckpoints() -> ArchiveFile {
            let (current, size) = (contents.checkpoints[checkpoint], contents.checkpoints[checkpoint].size)
            let file: ArchiveFile =
                part == 0 ? .checkpoint(size) : part == 1 ? .timestampRequest(size) : .timestampResponse(size)
            part += 1
            if part == (current.isTimestamped ? 3 : 1) {
                checkpoint += 1
                part = 0
            }
            return file
        }
    }
}
