public import Digests
public import EventFormat
public import Files
internal import Merkle

/// `manifest-sha256.txt`: the SHA-256 of every file below `data/`, in the order of ``ArchiveContents``, and behind them
/// the documents that payloads name, by ascending SHA-256.
///
/// Lines are looked up at the places that follow from the contents, those of documents by halves, so the file is not
/// held in memory, however many lines it has.
public struct Manifest: Sendable {
    /// The path of the file.
    public static let file = "manifest-sha256.txt"

    /// Which files the archive has beside documents.
    public let contents: ArchiveContents
    /// How many documents it has; 0 when the manifest is not in order.
    public let documentCount: UInt64
    /// Whether it names exactly these, each in its place. Of one that does not, no line is believed.
    public var isInOrder: Bool { reader != nil }
    private let reader: FileReader?

    /// Reads the manifest in `folder`, and gives its SHA-256, zeros if it cannot be read. The first thing that does not
    /// stand as it should is reported; then the checkpoints are those that any of its lines names, and those whose
    /// files are there. Throws what `report` throws, and `noArchive` when there is no checkpoint at all. O(files).
    public init(
        in folder: String, digest: inout Digest, _ report: ArchiveReport
    ) throws(ArchiveError) {
        do throws(ArchiveError) {
            let reader = try ArchiveError.wrapping(Manifest.file) { () throws(FileError) in
                try FileReader("\(folder)/\(Manifest.file)")
            }
            let (contents, documents, found) = try Manifest.read(in: folder)
            self.contents = contents
            documentCount = documents
            digest = found
            self.reader = reader
        } catch {
            try report(error)
            contents = try CheckpointNames(in: folder, &digest).contents()
            documentCount = 0
            reader = nil
        }
    }

    /// Reads a manifest that is in order.
    private static func read(in folder: String) throws(ArchiveError) -> (ArchiveContents, UInt64, Digest) {
        var stream = try HashedStream(Manifest.file, in: folder, atMost: .max)
        var line: [UInt8] = []
        var first: [UInt8]?
        let checkpoints = try Manifest.checkpoints(&stream, &line, &first)
        let contents: ArchiveContents
        do throws(ArchiveError) {
            contents = try ArchiveContents(checkpoints: checkpoints)
        } catch {
            throw ArchiveError(.malformed, file, error.reason)
        }
        if let fault = try Manifest.fault(&stream, &line, first, contents) { throw fault }
        let documents = try Manifest.countDocuments(&stream, &line)
        return (contents, documents, try stream.digest())
    }

    /// Reads the lines of checkpoints; `next` is the first that is none, or not where it should be.
    private static func checkpoints(
        _ stream: inout HashedStream, _ line: inout [UInt8], _ next: inout [UInt8]?
    ) throws(ArchiveError) -> [ArchiveContents.Checkpoint] {
        var checkpoints: [ArchiveContents.Checkpoint] = []
        // What must stand behind the request of a timestamp.
        var response: ArchiveFile?
        while try stream.line(into: &line, atMost: ArchiveLimits.lineByteCount) {
            let file = ManifestLine.parse(line).flatMap { ArchiveFile(path: $0.path) }
            switch file {
            case let file? where file == response: response = nil
            case .checkpoint(let size)? where response == nil:
                guard checkpoints.count < ArchiveLimits.checkpointCount else {
                    throw ArchiveError(.tooLarge, self.file, "names more than \(checkpoints.count) checkpoints")
                }
                checkpoints.append(.init(size: size, isTimestamped: false))
            case .timestampRequest(let size)? where checkpoints.last == .init(size: size, isTimestamped: false):
                checkpoints[checkpoints.count - 1] = .init(size: size, isTimestamped: true)
                response = .timestampResponse(size)
            default:
                next = line
                if let response {
                    throw ArchiveError(.malformed, self.file, "has no line for \(response.path) where it should be")
                }
                return checkpoints
            }
        }
        return checkpoints
    }

    /// Compares the lines behind the checkpoints with those that there should be; the first difference.
    private static func fault(
        _ stream: inout HashedStream, _ line: inout [UInt8], _ first: [UInt8]?, _ contents: ArchiveContents
    ) throws(ArchiveError) -> ArchiveError? {
        var number = contents.place(of: contents.keyHistory)?.line ?? 0
        var pending = first
        for file in contents {
            guard isBehindCheckpoints(file) else { continue }
            number += 1
            if let current = pending {
                line = current
                pending = nil
            } else if try !stream.line(into: &line, atMost: ArchiveLimits.lineByteCount) {
                return ArchiveError(.malformed, self.file, "has no line for \(file.path)")
            }
            guard let (_, path) = ManifestLine.parse(line), path.utf8.elementsEqual(file.path.utf8) else {
                return ArchiveError(
                    .malformed, self.file, "line \(number) of it is not the SHA-256 of \(file.path): \(shown(line))")
            }
        }
        return nil
    }

    private static func isBehindCheckpoints(_ file: ArchiveFile) -> Bool {
        switch file {
        case .checkpoint, .timestampRequest, .timestampResponse: false
        default: true
        }
    }

    /// Reads the lines of documents, which ascend, each with the SHA-256 that its path says.
    private static func countDocuments(
        _ stream: inout HashedStream, _ line: inout [UInt8]
    ) throws(ArchiveError) -> UInt64 {
        var count: UInt64 = 0
        var last: ContentName?
        while try stream.line(into: &line, atMost: ArchiveLimits.lineByteCount) {
            guard let (digest, path) = ManifestLine.parse(line), case .content(let name)? = ArchiveFile(path: path),
                name.digest == digest, last.map({ $0 < name }) ?? true
            else {
                throw ArchiveError(
                    .malformed, self.file,
                    "goes on behind the last file with what is not the next document: \(shown(line))")
            }
            last = name
            count += 1
        }
        return count
    }

    /// The beginning of a line, for people: whatever is no printable ASCII is shown as a question mark.
    private static func shown(_ line: [UInt8]) -> String {
        let bytes = line.prefix(200).map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: "?") }
        return "\"\(String(decoding: bytes, as: UTF8.self))\""
    }

    /// The SHA-256 stated for `file`; nil when the manifest is not in order.
    public func digest(of file: ArchiveFile) throws(ArchiveError) -> Digest? {
        if case .content(let name) = file { return try hasDocument(name) ? name.digest : nil }
        guard let reader, let place = contents.place(of: file) else { return nil }
        var line: [UInt8] = []
        let path = file.path
        let count = ManifestLine.byteCount(of: path)
        do throws(FileError) {
            guard try reader.read(count, at: place.offset, into: &line) == count else { return nil }
        } catch {
            throw ArchiveError(error, Manifest.file)
        }
        guard line.removeLast() == UInt8(ascii: "\n"), let (digest, found) = ManifestLine.parse(line),
            found.utf8.elementsEqual(path.utf8)
        else { return nil }
        return digest
    }
}

// MARK: - Documents

extension Manifest {
    /// The number of files.
    public var fileCount: UInt64 { contents.fileCount + documentCount }

    /// Whether the archive has the file. Of one whose manifest is not in order, each document may be its. O(log files).
    public func contains(_ file: ArchiveFile) throws(ArchiveError) -> Bool {
        guard case .content(let name) = file, reader != nil else {
            if case .content = file { return true }
            return contents.contains(file)
        }
        return try hasDocument(name)
    }

    /// The document `number`, 0 ..< ``documentCount``.
    public func document(_ number: UInt64) throws(ArchiveError) -> ContentName {
        precondition(number < documentCount, "there are \(documentCount) documents")
        let count = ManifestLine.documentByteCount
        var line: [UInt8] = []
        do throws(FileError) {
            try reader?.read(count, at: contents.lineByteCount + number * UInt64(count), into: &line)
        } catch {
            throw ArchiveError(error, Manifest.file)
        }
        guard line.popLast() == UInt8(ascii: "\n"), let digest = ManifestLine.parse(line)?.digest else {
            throw ArchiveError(.unreadable, Manifest.file, "was changed while it was read")
        }
        return ContentName(digest)
    }

    private func hasDocument(_ name: ContentName) throws(ArchiveError) -> Bool {
        var (low, high) = (UInt64(0), documentCount)
        while low < high {
            let middle = low + (high - low) / 2
            let found = try document(middle)
            if found == name { return true }
            if found < name { low = middle + 1 } else { high = middle }
        }
        return false
    }
}

/// A manifest that is being written, its lines in any order, those of documents last.
public struct ManifestDraft: ~Copyable {
    public let contents: ArchiveContents
    /// How many documents have been added.
    public private(set) var documentCount: UInt64 = 0
    private let writer: FileWriter

    /// Makes the file at `path`.
    public init(_ path: String, _ contents: ArchiveContents) throws(FileError) {
        self.contents = contents
        writer = try FileWriter(path)
    }

    /// Puts the line of `file`, which is one of the contents, in its place.
    public borrowing func set(_ digest: Digest, of file: ArchiveFile) throws(FileError) {
        guard let place = contents.place(of: file) else {
            preconditionFailure("the manifest has no place for \(file.path)")
        }
        var line: [UInt8] = []
        ManifestLine.append(digest, file.path, to: &line)
        try writer.write(line.span, at: place.offset)
    }

    /// Adds the line of a document, which is behind those that were added before.
    public mutating func add(_ name: ContentName) throws(FileError) {
        var line: [UInt8] = []
        ManifestLine.append(name.digest, ArchiveFile.content(name).path, to: &line)
        try writer.write(
            line.span, at: contents.lineByteCount + documentCount * UInt64(ManifestLine.documentByteCount))
        documentCount += 1
    }
}
