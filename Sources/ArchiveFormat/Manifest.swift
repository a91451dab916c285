public import Digests
public import Files
internal import Merkle

/// `manifest-sha256.txt`: the SHA-256 of every file below `data/`, in the order of ``ArchiveContents``.
///
/// Lines are looked up at the places that follow from the contents, so the file is not held in memory, however many
/// lines it has.
public struct Manifest: Sendable {
    /// The path of the file.
    public static let file = "manifest-sha256.txt"

    /// Which files the archive has.
    public let contents: ArchiveContents
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
            let (contents, found) = try Manifest.read(in: folder)
            self.contents = contents
            digest = found
            self.reader = reader
        } catch {
            try report(error)
            contents = try CheckpointNames(in: folder, &digest).contents()
            reader = nil
        }
    }

    /// Reads a manifest that is in order.
    private static func read(in folder: String) throws(ArchiveError) -> (ArchiveContents, Digest) {
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
        return (contents, try stream.digest())
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
        guard try stream.isAtEnd() else {
            _ = try stream.line(into: &line, atMost: ArchiveLimits.lineByteCount)
            return ArchiveError(.malformed, self.file, "goes on behind the last file: \(shown(line))")
        }
        return nil
    }

    private static func isBehindCheckpoints(_ file: ArchiveFile) -> Bool {
        switch file {
        case .checkpoint, .timestampRequest, .timestampResponse: false
        default: true
        }
    }

    /// The beginning of a line, for people: whatever is no printable ASCII is shown as a question mark.
    private static func shown(_ line: [UInt8]) -> String {
        let bytes = line.prefix(200).map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: "?") }
        return "\"\(String(decoding: bytes, as: UTF8.self))\""
    }

    /// The SHA-256 stated for `file`; nil when the manifest is not in order.
    public func digest(of file: ArchiveFile) throws(ArchiveError) -> Digest? {
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

/// A manifest that is being written, its lines in any order.
public struct ManifestDraft: ~Copyable {
    public let contents: ArchiveContents
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
}
