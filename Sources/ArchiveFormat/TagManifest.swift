public import Digests

/// What `tagmanifest-sha256.txt` says: the SHA-256 of the files beside `data/` (docs/archive.md, "Tag files").
public struct TagManifest: Hashable, Sendable {
    /// A file and its SHA-256.
    public struct Item: Hashable, Sendable {
        /// The path below the archive's folder, as it is in the file system.
        public let file: String
        public let digest: Digest

        public init(file: String, digest: Digest) {
            self.file = file
            self.digest = digest
        }
    }

    /// The path of the file.
    public static let file = "tagmanifest-sha256.txt"
    /// The files that each archive has, in the order of their lines.
    public static let requiredFiles = [Bag.readMe, BagInfo.file, Bag.declarationFile, Manifest.file]

    /// The required files in their order, then those that archivists have added.
    public let items: [Item]

    public init(items: [Item]) { self.items = items }

    /// The digest of the manifest.
    public var manifest: Digest { items[TagManifest.requiredFiles.count - 1].digest }

    /// The bytes of the file.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for item in items { ManifestLine.append(item.digest, TagManifest.encode(item.file), to: &bytes) }
        return bytes
    }

    /// Reads the file's bytes. Throws `malformed`, saying which line.
    public init(parsing bytes: [UInt8]) throws(ArchiveError) {
        guard bytes.count <= ArchiveLimits.tagByteCount else {
            throw ArchiveError(
                .tooLarge, TagManifest.file, "has \(bytes.count) bytes; at most \(ArchiveLimits.tagByteCount) are read")
        }
        var stream = HashedStream(TagManifest.file, bytes: bytes)
        var line: [UInt8] = []
        var items: [Item] = []
        while try stream.line(into: &line, atMost: ArchiveLimits.lineByteCount) {
            let number = items.count + 1
            guard let (digest, path) = ManifestLine.parse(line), let file = TagManifest.decode(path),
                TagManifest.isAllowed(file), !items.contains(where: { $0.file.utf8.elementsEqual(file.utf8) })
            else {
                throw ArchiveError(
                    .malformed, TagManifest.file,
                    "line \(number) is not a SHA-256, two spaces and the path of a file beside data/, none twice")
            }
            items.append(Item(file: file, digest: digest))
        }
        guard items.count >= TagManifest.requiredFiles.count,
            zip(items, TagManifest.requiredFiles).allSatisfy({ $0.file.utf8.elementsEqual($1.utf8) })
        else {
            throw ArchiveError(
                .malformed, TagManifest.file,
                "does not begin with lines for \(TagManifest.requiredFiles.joined(separator: ", "))")
        }
        self.items = items
    }

    /// Whether a tag manifest may name the file: a path that stays in the folder, and outside `data/`.
    private static func isAllowed(_ file: String) -> Bool {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else { return false }
        if parts[0] == "data" || parts[0] == Bag.incoming { return false }
        return !(parts.count == 1 && parts[0].hasPrefix("tagmanifest-"))
    }
}

// MARK: - Percent-encoding

extension TagManifest {
    /// Writes a line feed, a carriage return and a percent sign as RFC 8493 §2.1.3 says, and nothing else.
    static func encode(_ file: String) -> String {
        guard file.utf8.contains(where: { $0 == 0x0a || $0 == 0x0d || $0 == 0x25 }) else { return file }
        var bytes: [UInt8] = []
        for byte in file.utf8 {
            switch byte {
            case 0x0a: bytes.append(contentsOf: "%0A".utf8)
            case 0x0d: bytes.append(contentsOf: "%0D".utf8)
            case 0x25: bytes.append(contentsOf: "%25".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads what ``encode(_:)`` writes; nil for any other use of the percent sign.
    static func decode(_ path: String) -> String? {
        guard path.utf8.contains(0x25) else { return path.utf8.contains(0x0d) ? nil : path }
        let bytes = Array(path.utf8)
        var decoded: [UInt8] = []
        var place = 0
        while place < bytes.count {
            guard bytes[place] == 0x25 else {
                decoded.append(bytes[place])
                place += 1
                continue
            }
            switch bytes[place...].prefix(3) {
            case [0x25, 0x30, 0x41]: decoded.append(0x0a)
            case [0x25, 0x30, 0x44]: decoded.append(0x0d)
            case [0x25, 0x32, 0x35]: decoded.append(0x25)
            default: return nil
            }
            place += 3
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
