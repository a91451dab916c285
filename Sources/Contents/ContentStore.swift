internal import Digests
public import EventFormat
public import Files

/// The contents of a ledger: files beside its data file, each named by the SHA-256 of its bytes.
///
/// `LEDGER/contents/ab/abcdef…` (64 hexadecimal digits). A file is written under `contents/drafts`, where it is locked
/// as long as its writer lives, and gets its name when its bytes are on the disk. When the name is, too, its owner
/// loses the permission to write it: that is how a content that will stay is told from one that a loss of power may
/// undo. So a crash leaves the content, or nothing that counts; what it leaves among the drafts, the next storing
/// removes. A file of other bytes than its name says is damage, which storing the same content again mends. Every call
/// blocks.
///
/// Who may read and write contents is who may read and write the ledger's directory: folders and files take its
/// permissions over.
public struct ContentStore: Sendable {
    /// The folder's name in the ledger's directory.
    public static let folderName = "contents"
    /// Where files stand until they are whole; two digits name every other folder.
    private static let draftFolderName = "drafts"
    private static let partByteCount = 1 << 20

    /// `LEDGER/contents`.
    public let folder: String
    private let ledger: String

    /// The contents of the ledger in the directory `path`. Nothing is made before something is stored.
    public init(ledger path: String) {
        ledger = path
        folder = "\(path)/\(ContentStore.folderName)"
    }

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

    /// Whether the content is there and will stay, whenever the power fails. Not whether its bytes are whole. O(1).
    public func isDurable(_ name: ContentName) throws(FileError) -> Bool {
        guard try byteCount(of: name) != nil else { return false }
        do throws(FileError) { return try Folder.mode(of: path(of: name)) & 0o200 == 0 } catch {
            guard error == FileError(.notFound, "") else { throw error }
            return false
        }
    }

    /// Whether the bytes of the file are those that its name says; nil when there is none. O(bytes).
    public func isWhole(_ name: ContentName) throws(FileError) -> Bool? {
        guard try byteCount(of: name) != nil else { return nil }
        do throws(FileError) {
            return try ContentStore.digest(of: FileReader(path(of: name))) == name.digest
        } catch {
            // It was removed meanwhile.
            guard error == FileError(.notFound, "") else { throw error }
            return nil
        }
    }

    /// The name that the regular file at `path` has as a content, and its size. Stores nothing. O(bytes).
    public static func measure(file path: String) throws(FileError) -> (name: ContentName, byteCount: UInt64) {
        let reader = try FileReader(Folder.resolved(path))
        return (ContentName(try digest(of: reader)), reader.size)
    }

    /// The SHA-256 of a whole file. O(bytes), in bounded memory.
    private static func digest(of reader: FileReader) throws(FileError) -> Digest {
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
        part.removeAll(keepingCapacity: true)
        guard try reader.read(1, at: offset, into: &part) == 0 else {
            throw FileError(.inputOutput, "\(reader.path) became longer while it was read; store it when it is whole")
        }
    }
}

// MARK: - Storing

extension ContentStore {
    /// Whether a content may be stored: asked while no removal can come between.
    public typealias Admission = (ContentName) throws(FileError) -> Bool

    /// Stores the bytes of the regular file at `path`. Returns when they are on the disk, or were; nil when `mayStore`
    /// denied it. O(bytes).
    public func store(file path: String, _ mayStore: Admission) throws(FileError) -> Stored? {
        let reader = try FileReader(Folder.resolved(path))
        let name = ContentName(try ContentStore.digest(of: reader))
        return try store(name, of: reader.size, mayStore) { draft throws(FileError) in
            guard try ContentStore.copy(reader, into: &draft) == name.digest else {
                throw FileError(.inputOutput, "\(path) was changed while it was stored; store it again")
            }
        }
    }

    /// As ``store(file:_:)``, for bytes in memory.
    public func store(_ bytes: Span<UInt8>, _ mayStore: Admission) throws(FileError) -> Stored? {
        try store(ContentName(of: bytes), of: UInt64(bytes.count), mayStore) { draft throws(FileError) in
            try draft.append(bytes)
        }
    }

    /// Stores the content `name`, which `other` has in a file of its own. Throws `damaged` when its bytes are others.
    public func store(_ name: ContentName, from other: FileReader) throws(FileError) {
        _ = try store(name, of: other.size, { _ in true }) { draft throws(FileError) in
            guard try ContentStore.copy(other, into: &draft) == name.digest else {
                throw FileError(
                    .damaged, "\(other.path) is damaged: its bytes are not \(name); store the document again")
            }
        }
    }

    private static func copy(_ reader: FileReader, into draft: inout LockedDraft) throws(FileError) -> Digest {
        var hash = RunningSHA256()
        try forEachPart(of: reader) { part throws(FileError) in
            hash.add(part)
            try draft.append(part)
        }
        return hash.digest()
    }

    private func store(
        _ name: ContentName, of byteCount: UInt64, _ mayStore: Admission,
        _ write: (inout LockedDraft) throws(FileError) -> Void
    ) throws(FileError) -> Stored? {
        let place = path(of: name)
        let drafts = "\(folder)/\(ContentStore.draftFolderName)"
        for folder in [folder, drafts, Folder.parent(of: place)] { try make(folder) }
        try LockedDraft.removeAbandoned(in: drafts)
        // What cannot be read is written anew.
        let isWhole = ((try? self.isWhole(name)) ?? nil) ?? false
        if isWhole, try isDurable(name) {
            guard try excluding({ () throws(FileError) in try mayStore(name) }) else { return nil }
            return Stored(name: name, byteCount: byteCount, isNew: false)
        }
        var draft = try LockedDraft(in: drafts)
        try write(&draft)
        // Before the lock, for it takes long: what is flushed already costs nothing more.
        try draft.flush()
        // Contents are never changed: nobody needs to write them.
        let mode = try Folder.mode(of: ledger) & 0o444
        let isStored = try excluding { () throws(FileError) in
            guard try mayStore(name) else { return false }
            try draft.place(at: place, mode: mode, flushing: [Folder.parent(of: place), folder, ledger])
            return true
        }
        return isStored ? Stored(name: name, byteCount: byteCount, isNew: !isWhole) : nil
    }

    /// Removes what crashes have left among the drafts.
    public func removeAbandonedDrafts() throws(FileError) {
        let drafts = "\(folder)/\(ContentStore.draftFolderName)"
        if try Folder.kind(of: drafts) == .folder { try LockedDraft.removeAbandoned(in: drafts) }
    }

    /// Makes a folder, for those who may use the ledger's directory.
    private func make(_ path: String) throws(FileError) {
        if let kind = try Folder.kind(of: path) {
            guard kind != .folder else { return }
            throw FileError(.notAFile, "\(path) is no folder, but contents stand there: move it away")
        }
        try Folder.make(path, mode: 0o770)
        // Another process may have made it meanwhile, for another user: then it has its mode.
        try? Folder.setMode(Folder.mode(of: ledger), of: path)
    }

    /// Runs `body` while no other process stores or removes a content.
    private func excluding<R>(_ body: () throws(FileError) -> R) throws(FileError) -> R {
        try make(folder)
        let lock = try FileLock(waitingFor: "\(folder)/lock")
        let result = try body()
        withExtendedLifetime(lock) {}
        return result
    }
}

// MARK: - Removing and reading

extension ContentStore {
    /// Removes contents, and returns how many there were, when that outlasts a loss of power. `record` is called first,
    /// while nobody can store one of them.
    public func remove(
        _ names: [ContentName], recording record: () throws(FileError) -> Void
    ) throws(FileError) -> Int {
        try excluding { () throws(FileError) in
            try record()
            try removeAbandonedDrafts()
            var count = 0
            for name in names where try Folder.kind(of: path(of: name)) != nil {
                try DurableFile.remove(path(of: name))
                try Folder.flush(Folder.parent(of: path(of: name)))
                count += 1
            }
            return count
        }
    }

    /// Removes everything: of a ledger that is not to be. As far as that goes.
    public func discard() {
        for part in (try? Folder.names(in: folder)) ?? [] {
            for name in (try? Folder.names(in: "\(folder)/\(part)")) ?? [] {
                try? DurableFile.remove("\(folder)/\(part)/\(name)")
            }
            if (try? Folder.removeIfEmpty("\(folder)/\(part)")) != true { try? DurableFile.remove("\(folder)/\(part)") }
        }
        _ = try? Folder.removeIfEmpty(folder)
    }

    /// Writes the content to `place`, for its owner alone, whole or not at all. Throws `damaged` when its bytes are not
    /// those that its name says.
    public func copy(_ name: ContentName, to place: String) throws(FileError) {
        let parent = Folder.parent(of: place)
        var draft = try LockedDraft(in: parent)
        try read(name) { part throws(FileError) in try draft.append(part) }
        try draft.place(at: place, mode: 0o600, flushing: [parent])
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
        if let kind = try Folder.kind(of: folder), kind != .folder { return try body(.foreign(folder)) }
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
