internal import Digests
public import EventFormat
public import Merkle

/// A file below an archive's `data/`, by what it holds (docs/archive.md, "The folder").
public enum ArchiveFile: Hashable, Sendable {
    /// The checkpoint of a tree size.
    case checkpoint(TreeSize)
    /// The request of its timestamp.
    case timestampRequest(TreeSize)
    /// The response of its timestamp.
    case timestampResponse(TreeSize)
    /// The history of keys up to a tree size.
    case keyHistory(TreeSize)
    /// The envelopes of the entries of one bundle; `width` is 1 ... 256.
    case payloads(index: UInt64, width: Int)
    /// Hashes or entries.
    case tile(Tile)
    /// A document that a payload names.
    case content(ContentName)

    /// The bundle of entries `index`, which has `width` of them.
    static func entries(index: UInt64, width: Int) -> ArchiveFile {
        .tile(ArchiveFile.tile(.entries, index, width))
    }

    /// The hash tile `index` of `level`, which has `width` hashes.
    static func hashes(level: Int, index: UInt64, width: Int) -> ArchiveFile {
        .tile(ArchiveFile.tile(.hashes(level: level), index, width))
    }

    private static func tile(_ content: Tile.Content, _ index: UInt64, _ width: Int) -> Tile {
        guard let tile = Tile(content, index: index, width: width) else {
            preconditionFailure("a tile of an archive has a level below 8 and a width of 1 to 256")
        }
        return tile
    }
}

// MARK: - Paths

extension ArchiveFile {
    private static let checkpointFolder = "data/checkpoints/"
    private static let keyFolder = "data/keys/"
    private static let payloadFolder = "data/payloads/"
    private static let entryFolder = "tile/entries/"
    private static let contentFolder = "data/contents/"

    /// The longest path: that of a content, or a partial bundle with a 20-digit index.
    static let maximumPathByteCount = 81

    /// The path from the archive's folder on.
    public var path: String {
        switch self {
        case .checkpoint(let size): "\(ArchiveFile.checkpointFolder)\(ArchiveFile.digits(size)).checkpoint"
        case .timestampRequest(let size): "\(ArchiveFile.checkpointFolder)\(ArchiveFile.digits(size)).tsq"
        case .timestampResponse(let size): "\(ArchiveFile.checkpointFolder)\(ArchiveFile.digits(size)).tsr"
        case .keyHistory(let size): "\(ArchiveFile.keyFolder)\(ArchiveFile.digits(size)).json"
        case .payloads(let index, let width):
            ArchiveFile.payloadFolder
                + ArchiveFile.tile(.entries, index, width).path.dropFirst(ArchiveFile.entryFolder.utf8.count)
        case .tile(let tile): "data/\(tile.path)"
        case .content(let name): ArchiveFile.contentPath(name.digest.hex)
        }
    }

    private static func contentPath(_ hex: String) -> String { "\(contentFolder)\(hex.prefix(2))/\(hex)" }

    /// Reads what ``path`` writes and nothing else; nil for everything else.
    public init?(path: String) {
        guard path.utf8.count <= ArchiveFile.maximumPathByteCount, let file = ArchiveFile.read(path),
            file.path.utf8.elementsEqual(path.utf8)
        else { return nil }
        self = file
    }

    /// Reads leniently; the caller compares with the one spelling.
    private static func read(_ path: String) -> ArchiveFile? {
        if path.hasPrefix(payloadFolder) {
            guard let tile = try? Tile(path: entryFolder + path.dropFirst(payloadFolder.utf8.count)),
                tile.content == .entries
            else { return nil }
            return .payloads(index: tile.index, width: tile.width)
        }
        if path.hasPrefix(keyFolder) { return size(path, behind: keyFolder, before: ".json").map { .keyHistory($0) } }
        if path.hasPrefix(checkpointFolder) {
            return size(path, behind: checkpointFolder, before: ".checkpoint").map { .checkpoint($0) }
                ?? size(path, behind: checkpointFolder, before: ".tsq").map { .timestampRequest($0) }
                ?? size(path, behind: checkpointFolder, before: ".tsr").map { .timestampResponse($0) }
        }
        if path.hasPrefix(contentFolder) {
            return Digest(hex: String(path.suffix(2 * Digest.byteCount))).map { .content(ContentName($0)) }
        }
        guard path.hasPrefix("data/tile/"), let tile = try? Tile(path: String(path.dropFirst("data/".utf8.count)))
        else { return nil }
        return .tile(tile)
    }

    private static func size(_ path: String, behind start: String, before end: String) -> TreeSize? {
        guard path.hasSuffix(end), path.utf8.count == start.utf8.count + 20 + end.utf8.count else { return nil }
        return UInt64(path.dropFirst(start.utf8.count).prefix(20)).map { TreeSize($0) }
    }

    /// A number of entries in 20 digits.
    private static func digits(_ size: TreeSize) -> String {
        let digits = String(size.rawValue)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }
}

// MARK: - Limits

extension ArchiveFile {
    /// The most bytes that the file may have (docs/archive.md, "Limits").
    public var maximumByteCount: Int {
        switch self {
        case .checkpoint, .timestampRequest, .timestampResponse: ArchiveLimits.checkpointByteCount
        case .keyHistory, .content: Int.max
        case .payloads(_, let width): width * (4 + ArchiveLimits.envelopeByteCount)
        case .tile(let tile):
            tile.content == .entries ? tile.width * (2 + ArchiveLimits.entryByteCount) : tile.width * 32
        }
    }
}
