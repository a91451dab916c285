internal import ArchiveFormat
internal import Digests
internal import Files

/// Takes the payloads of a bundle, which may be 256 times one MiB: small ones stay in memory, large ones go to the disk
/// as they come.
struct PayloadSink: ~Copyable {
    private static let limit = 8 << 20

    private var bytes: [UInt8] = []
    private var size: UInt64 = 0
    private var hash = RunningSHA256()
    private var spill: Spill?

    private final class Spill {
        var writer: FileWriter
        init(_ writer: consuming FileWriter) { self.writer = writer }
    }

    /// Adds an entry's envelope, empty for none. `draft` is where it is written when there is too much of it.
    mutating func append(_ envelope: Span<UInt8>, to update: ArchiveUpdate, draft: String) throws(ArchivingError) {
        bytes.append(bigEndian: UInt32(envelope.count))
        bytes.append(collecting: envelope)
        if bytes.count >= PayloadSink.limit { try flush(update, draft) }
    }

    /// Adds what stands for the payload of an entry that was removed.
    mutating func appendRemoved() { bytes.append(bigEndian: UInt32.max) }

    private mutating func flush(_ update: ArchiveUpdate, _ draft: String) throws(ArchivingError) {
        if spill == nil {
            try update.writer.beforeChange("writing \(draft)")
            spill = try ArchivingError.filing { () throws(FileError) in
                try Folder.make(Folder.parent(of: draft))
                return Spill(try FileWriter(draft))
            }
        }
        let part = bytes
        hash.add(part.span)
        size += UInt64(part.count)
        try ArchivingError.filing { () throws(FileError) in try spill?.writer.append(part.span) }
        bytes.removeAll(keepingCapacity: true)
    }

    /// Has the archive hold what was added as `file`.
    mutating func close(
        _ file: ArchiveFile, _ update: ArchiveUpdate, _ manifest: borrowing ManifestDraft
    ) throws(ArchivingError) {
        guard let path = spill?.writer.path else { return try update.produce(file, bytes, manifest) }
        try flush(update, path)
        spill = nil
        let isThere = try update.take(file, takeDigest(), size, manifest)
        let place = try update.draftPath(file)
        try ArchivingError.filing { () throws(FileError) in
            if isThere { try DurableFile.remove(path) } else { try Folder.move(path, to: place) }
        }
    }

    private mutating func takeDigest() -> Digest {
        var taken = RunningSHA256()
        swap(&taken, &hash)
        return taken.digest()
    }
}
