internal import ArchiveFormat
internal import EventFormat
internal import Files
internal import Merkle

/// Files by their paths below the prefix of a tree of tiles: those of a folder, or of a web server.
public protocol FileSource: Sendable {
    /// The bytes of the file at `path`, nil when there is none. Blocks. Throws ``AuditError``: `unfit` when it has more
    /// than `limit` bytes or is no file, `withheld` when it alone cannot be read, and otherwise when none can.
    func file(_ path: String, atMost limit: Int) throws(AuditError) -> [UInt8]?
}

/// The files of a folder.
public struct FolderSource: FileSource {
    private let path: String

    /// The files below the folder `path`.
    public init(_ path: String) {
        self.path = path
    }

    public func file(_ path: String, atMost limit: Int) throws(AuditError) -> [UInt8]? {
        do throws(FileError) {
            return try DurableFile.readIfPresent("\(self.path)/\(path)", atMost: limit)
        } catch {
            let isUnfit = [.tooLarge, .notAFile].contains(error.code)
            throw AuditError(isUnfit ? .unfit : .withheld, error.reason)
        }
    }
}

/// A tree of tiles (C2SP tlog-tiles).
struct TilesSource: RecordSource {
    let files: any FileSource

    func read(_ tile: Tile) throws(AuditError) -> SourceAnswer {
        do throws(AuditError) { return try find(tile) } catch {
            guard error.code == .unfit || error.code == .withheld else { throw error }
            let verdict: Verdict = error.code == .unfit ? .altered : .unverifiable
            return SourceAnswer(path: tile.path, findings: [GeneralFinding(verdict, at: tile.path, error.reason)])
        }
    }

    private func find(_ tile: Tile) throws(AuditError) -> SourceAnswer {
        if let bytes = try files.file(tile.path, atMost: TilesSource.limit(tile)) {
            return SourceAnswer(path: tile.path, bytes: bytes)
        }
        // A log may drop a partial tile once the full one exists.
        if !tile.isFull, let full = Tile(tile.content, index: tile.index),
            let bytes = try files.file(full.path, atMost: TilesSource.limit(full))
        {
            return SourceAnswer(path: full.path, bytes: bytes)
        }
        return SourceAnswer(path: tile.path, findings: [GeneralFinding(.missing, at: tile.path, "it is not there")])
    }

    func readPayloads(
        _ number: UInt64, width: Int, _ take: (Int, PayloadRecord, [UInt8]) -> Void
    ) throws(AuditError) -> [GeneralFinding]? { nil }

    func fault(ofDocument name: ContentName) -> Verdict? { nil }

    private static func limit(_ tile: Tile) -> Int {
        tile.content == .entries ? Tile.fullWidth * (2 + 65_535) : Tile.fullWidth * 32
    }
}
