internal import Digests
public import EventFormat
public import Files
public import Merkle
internal import Transparency

// What is in the files below data/. Each call reads its file anew, hashes it and reports what is not as it should be.

extension ArchiveReader {
    /// The bytes of `file`, which is not a bundle of payloads; nil when it cannot be read. A file that is not the one
    /// the manifest states is reported and its bytes are given all the same.
    public func bytes(of file: ArchiveFile, _ report: ArchiveReport) throws(ArchiveError) -> [UInt8]? {
        let path = file.path
        let expected = try manifest.digest(of: file)
        return try ArchiveReader.reporting(report) { () throws(ArchiveError) in
            let bytes = try ArchiveReader.bytes(path, folder, file.maximumByteCount)
            if let expected, SHA256.hash(bytes.span) != expected { try report(.altered(path)) }
            return bytes
        }
    }

    /// The hashes of the tile `index` of `level`, 32 bytes each; nil when the file cannot be read or is not of the
    /// right size.
    public func hashes(level: Int, index: UInt64, _ report: ArchiveReport) throws(ArchiveError) -> [UInt8]? {
        let file = contents.tile(level: level, index: index)
        guard let bytes = try bytes(of: file, report) else { return nil }
        guard bytes.count == file.maximumByteCount else {
            try report(
                ArchiveError(
                    .malformed, file.path,
                    "has \(bytes.count) bytes; its name says \(file.maximumByteCount / 32) hashes"))
            return nil
        }
        return bytes
    }

    /// The entries of the bundle `index`; nil when the file cannot be read. When it is not as it should be, the entries
    /// before the fault.
    public func entries(bundle index: UInt64, _ report: ArchiveReport) throws(ArchiveError) -> EntryList? {
        let file = contents.entries(index)
        guard let bytes = try bytes(of: file, report) else { return nil }
        let list = EntryList(bytes, width: contents.width(ofBundle: index))
        if let fault = list.fault { try report(ArchiveError(.malformed, file.path, fault)) }
        return list
    }

    /// The payloads of the bundle `index`, to be read one after the other; nil when the file cannot be opened.
    public func payloads(bundle index: UInt64, _ report: ArchiveReport) throws(ArchiveError) -> PayloadBundle? {
        let file = contents.payloads(index)
        let expected = try manifest.digest(of: file)
        do throws(ArchiveError) {
            return try PayloadBundle(
                file, width: contents.width(ofBundle: index), in: folder, expected: expected)
        } catch {
            try report(error)
            return nil
        }
    }

    /// The envelope of the entry `index`; nil when it has none, or it cannot be read. Reads the bundle up to there, of
    /// which the digest is not compared: the entry states that of its envelope. O(bytes before it in the bundle).
    public func envelope(of index: LeafIndex, _ report: ArchiveReport) throws(ArchiveError) -> [UInt8]? {
        guard var bundle = try payloads(bundle: index.rawValue / 256, report) else { return nil }
        var envelope: [UInt8] = []
        var record: PayloadRecord?
        do throws(ArchiveError) {
            for _ in 0...index.rawValue % 256 { record = try bundle.next(&envelope) }
        } catch {
            try report(error)
            return nil
        }
        guard case .envelope = record else { return nil }
        return envelope
    }

    /// The document of this name, to be read. Throws `missing`, `unexpected` for what is no regular file, `unreadable`.
    public func document(_ name: ContentName) throws(ArchiveError) -> FileReader {
        let path = ArchiveFile.content(name).path
        try ArchiveReader.checkFolders(above: path, in: folder)
        return try ArchiveError.wrapping(path) { () throws(FileError) in try FileReader("\(folder)/\(path)") }
    }

    /// The entry `index`; nil when it cannot be read.
    public func entry(_ index: LeafIndex, _ report: ArchiveReport) throws(ArchiveError) -> [UInt8]? {
        guard let list = try entries(bundle: index.rawValue / 256, report),
            list.ranges.count > Int(index.rawValue % 256)
        else { return nil }
        return Array(list.bytes[list.ranges[Int(index.rawValue % 256)]])
    }
}

/// The entries of a bundle: for each two bytes of length, and the entry (C2SP tlog-tiles).
public struct EntryList: Sendable {
    /// The bundle.
    public let bytes: [UInt8]
    /// Where the entries lie in it.
    public let ranges: [Range<Int>]
    /// What is wrong with the bundle behind the last of ``ranges``; nil when nothing is.
    public let fault: String?

    /// Reads `bytes` as a bundle of `width` entries.
    public init(_ bytes: [UInt8], width: Int) {
        let (ranges, end) = EntryBundle.ranges(in: bytes, atMost: width)
        var fault: String?
        if ranges.count < width {
            fault = "ends in the middle of entry \(ranges.count + 1) of its \(width)"
        } else if end < bytes.count {
            fault = "goes on behind the last of its \(width) entries"
        }
        self.bytes = bytes
        self.ranges = ranges
        self.fault = fault
    }
}
