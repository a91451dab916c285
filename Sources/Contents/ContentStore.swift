internal import Digests
public import EventFormat
public import Files

/// The contents of a ledger: files beside its data file, each named by the SHA-256 of its bytes.
///
/// `LEDGER/contents/ab/abcdef…` (64 hexadecimal digits). A file gets its name when it is whole and on the disk, so a
/// crash leaves it there or not; what it leaves under `contents/drafts` the next ``store(file:)`` removes. A file of
/// other bytes than its name says is damage, which storing the same content again mends. Every call blocks.
public struct ContentStore: Sendable {
    /// The folder's name in the ledger's directory.
    public static let folderName = "contents"
    /// Where files stand until they are whole; two characters longer than those that hold contents.
    private static let draftFolderName = "drafts"
    private static let partByteCount = 1 << 20

    /// `LEDGER/contents`.
    public let folder: String

    /// The contents of the ledger in the directory `path`. Nothing is made before something is stored.
    public init(ledger path: String) { folder = "\(path)/\(ContentStore.folderName)" }

    /// A content and its size in bytes.
    public struct Stored: Hashable, Sendable {
        public let name: ContentName
        public let byteCount: UInt64
        /// Whether it was not there before.
        public let isNew: Bool
    }

    /// Where the content lies, if it is there.
    public func path(of name: ContentName) -> String {
        let hex = name.digest.hex
        return "\(folder)/\(hex.prefix(2))/\(hex)"
    }

    /// The content's size in bytes; nil when there is no file of its name. O(1).
    public func byteCount(of name: ContentName) throws(FileError) -> UInt64? {
        let path = path(of: name)
        return switch try Folder.kind(of: path) {
        case .file(let size): size
        case nil: nil
        default: throw FileError(.notAFile, "\(path) is not a regular file; move it away, then store the content again")
        }
    }

    /// Whether the bytes of the file are those that its name says. False when there is none. O(bytes).
    public func isWhole(_ name: ContentName) throws(FileError) -> Bool {
        guard try byteCount(of: name) != nil else { return false }
        return try ContentStore.digest(of: FileReader(path(of: name))) == name.digest
    }

    /// The name that the regular file at `path` has as a content, and its size. Stores nothing. O(bytes).
    public static func measure(file path: String) throws(FileError) -> (name: ContentName, byteCount: UInt64) {
        let reader = try FileReader(Folder.resolved(path))
        return (ContentName(try digest(of: reader)), reader.size)
    }

    /// The SHA-256 of a whole file. O(bytes), in bounded memory.
    static func digest(of reader: FileReader) throws(FileError) -> Digest {
        var hash = RunningSHA256()
        try forEachPart(of: reader) { part in hash.add(part) }
        return hash.digest()
    }

    /// Lends the bytes of `reader` to `body`, a part at a time, to the size that the file had when it was opened.
    private static func forEachPart(
        of reader: FileReader, _ body: (Span<UInt8>) throws(FileError) -> Void
    ) throws(FileError) {
        var offset: UInt64 = 0
        var part: [UInt8] = []
        while offset < reader.size {
            part.removeAll(keepingCapacity: true)
            let count = try reader.read(
                Int(min(UInt64(partByteCount), reader.size - offset)), at: offset, into: &part)
            guard count > 0 else { throw FileError(.inputOutput, "\(reader.path) became shorter while it was read") }
            try body(part.span)
            offset += UInt64(count)
        }
    }
}

// MARK: - Writing

extension ContentStore {
    /// Stores the bytes of the regular file at `path`. Returns when they are on the disk, or were. O(bytes).
    public func store(file path: String) throws(FileError) -> Stored {
        let reader = try FileReader(Folder.resolved(path))
        let name = ContentName(try ContentStore.digest(of: reader))
        return try store(name, of: reader.size) { draft throws(FileError) in
            var hash = RunningSHA256()
            try ContentStore.forEachPart(of: reader) { part throws(FileError) in
                hash.add(part)
                try draft.append(part)
            }
            guard hash.digest() == name.digest else {
                throw FileError(.inputOutput, "\(path) was changed while it was stored; store it again")
            }
        }
    }

    /// Stores `bytes`. Returns when they are on the disk, or were. O(bytes).
    public func store(_ bytes: Span<UInt8>) throws(FileError) -> Stored {
        try store(ContentName(of: bytes), of: UInt64(bytes.count)) { draft throws(FileError) in
            try draft.append(bytes)
        }
    }

    /// Stores a content that `other` has under its name. Throws `damaged` when its bytes are others.
    public func store(_ name: ContentName, from other: FileReader) throws(FileError) -> Stored {
        try store(name, of: other.size) { draft throws(FileError) in
            var hash = RunningSHA256()
            try ContentStore.forEachPart(of: other) { part throws(FileError) in
                hash.add(part)
                try draft.append(part)
            }
            guard hash.digest() == name.digest else {
                throw FileError(.damaged, "\(other.path) does not have the bytes that its name says")
            }
        }
    }

    private func store(
        _ name: ContentName, of byteCount: UInt64, _ write: (inout LockedDraft) throws(FileError) -> Void
    ) throws(FileError) -> Stored {
        if try self.byteCount(of: name) == byteCount, try isWhole(name) {
            // A run that was killed may have renamed the file without flushing its folder.
            try Folder.flush(Folder.parent(of: path(of: name)))
            return Stored(name: name, byteCount: byteCount, isNew: false)
        }
        let drafts = "\(folder)/\(ContentStore.draftFolderName)"
        try Folder.make(drafts, mode: 0o770)
        try LockedDraft.removeAbandoned(in: drafts)
        try Folder.make(Folder.parent(of: path(of: name)), mode: 0o770)
        var draft = try LockedDraft(in: drafts)
        try write(&draft)
        // Contents are never changed, so nobody needs to write them; who may read them is who may read the ledger.
        try draft.place(at: path(of: name), mode: 0o440)
        return Stored(name: name, byteCount: byteCount, isNew: true)
    }

    /// Removes the content, and returns when that outlasts a loss of power. False when there was none.
    @discardableResult
    public func remove(_ name: ContentName) throws(FileError) -> Bool {
        guard try Folder.kind(of: path(of: name)) != nil else { return false }
        try DurableFile.remove(path(of: name))
        try Folder.flush(Folder.parent(of: path(of: name)))
        return true
    }

    /// Writes the content to `place`, whole or not at all. Throws `damaged` when its bytes are not those that its name
    /// says.
    public func copy(_ name: ContentName, to place: String) throws(FileError) {
        var draft = try LockedDraft(in: Folder.parent(of: place))
        try read(name) { part throws(FileError) in try draft.append(part) }
        try draft.place(at: place, mode: 0o644)
    }

    /// Lends the bytes of the content to `body`, a part at a time. Throws `damaged` behind the last when they are not
    /// those that its name says.
    public func read(
        _ name: ContentName, _ body: (Span<UInt8>) throws(FileError) -> Void
    ) throws(FileError) {
        let reader = try FileReader(path(of: name))
        var hash = RunningSHA256()
        try ContentStore.forEachPart(of: reader) { part throws(FileError) in
            hash.add(part)
            try body(part)
        }
        guard hash.digest() == name.digest else {
            throw FileError(
                .damaged, "\(reader.path) is damaged: its bytes are not \(name); store the document again")
        }
    }
}

extension ContentStore {
    /// Removes the folder with all contents, as far as that goes: of a ledger that is not to be.
    public func discard() {
        for part in (try? Folder.names(in: folder)) ?? [] {
            for name in (try? Folder.names(in: "\(folder)/\(part)")) ?? [] {
                try? DurableFile.remove("\(folder)/\(part)/\(name)")
            }
            _ = try? Folder.removeIfEmpty("\(folder)/\(part)")
        }
        _ = try? Folder.removeIfEmpty(folder)
    }
}

// MARK: - Listing

extension ContentStore {
    /// What stands in the folder beside drafts.
    public enum Item: Hashable, Sendable {
        case content(ContentName, byteCount: UInt64)
        /// What is not the file of a content: its path.
        case foreign(String)
    }

    /// Shows `body` every content, by ascending digest, without reading it. O(files).
    public func forEach(_ body: (Item) throws(FileError) -> Void) throws(FileError) {
        for number in 0..<ContentStore.partCount { try forEach(inPart: number, body) }
    }

    /// Contents stand in so many folders, by the first byte of their digests.
    public static let partCount = 256

    /// As ``forEach(_:)``, for the contents whose digests begin with the byte `number`.
    public func forEach(inPart number: Int, _ body: (Item) throws(FileError) -> Void) throws(FileError) {
        let part = "\(folder)/\(Hex.encode([UInt8(number)]))"
        guard let kind = try Folder.kind(of: part) else { return }
        guard kind == .folder else { return try body(.foreign(part)) }
        for name in try Folder.names(in: part) { try body(try item("\(part)/\(name)", name)) }
    }

    private func item(_ path: String, _ name: String) throws(FileError) -> Item {
        guard case .file(let size)? = try Folder.kind(of: path), let digest = Digest(hex: name),
            path == self.path(of: ContentName(digest))
        else { return .foreign(path) }
        return .content(ContentName(digest), byteCount: size)
    }
}
