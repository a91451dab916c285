internal import Digests
internal import Files

/// A file of an archive as it is read from its beginning to its end, hashed on the way, in bounded memory.
struct HashedStream: ~Copyable {
    private static let partByteCount = 1 << 18

    /// The path below the archive's folder, for errors.
    let file: String
    private let reader: FileReader?
    private var hash = RunningSHA256()
    /// What has been read and not yet taken.
    private var buffer: [UInt8] = []
    private var start = 0
    /// Where the next part is read.
    private var offset: UInt64 = 0

    /// Opens `file` below `folder`. Throws `missing`, `unexpected` when it is no regular file or lies behind a symbolic
    /// link, `tooLarge` when it has more than `limit` bytes, `unreadable`.
    init(_ file: String, in folder: String, atMost limit: Int) throws(ArchiveError) {
        try ArchiveReader.checkFolders(above: file, in: folder)
        let reader = try ArchiveError.wrapping(file) { () throws(FileError) in try FileReader("\(folder)/\(file)") }
        guard reader.size <= UInt64(limit) else {
            throw ArchiveError(.tooLarge, file, "has \(reader.size) bytes; at most \(limit) are read")
        }
        self.file = file
        self.reader = reader
    }

    /// Reads `bytes` as if they were those of `file`.
    init(_ file: String, bytes: [UInt8]) {
        self.file = file
        reader = nil
        buffer = bytes
        hash.add(bytes.span)
    }

    /// The number of bytes in the file when it was opened.
    var size: UInt64 { reader?.size ?? UInt64(buffer.count) }

    /// Reads on; false at the end.
    private mutating func refill() throws(ArchiveError) -> Bool {
        guard let size = reader?.size, offset < size else { return false }
        buffer.removeFirst(start)
        start = 0
        let count = Int(min(UInt64(HashedStream.partByteCount), size - offset))
        let before = buffer.count
        let got: Int?
        do throws(FileError) { got = try reader?.read(count, at: offset, into: &buffer) } catch {
            throw ArchiveError(error, file)
        }
        guard got == count else { throw ArchiveError(.unreadable, file, "became shorter while it was read") }
        offset += UInt64(count)
        let bytes = buffer
        hash.add(bytes.span.extracting(before..<bytes.count))
        return true
    }

    /// Appends the next `count` bytes to `output`; false, with what there is, when the file ends before.
    mutating func take(_ count: Int, into output: inout [UInt8]) throws(ArchiveError) -> Bool {
        var missing = count
        while true {
            let part = min(missing, buffer.count - start)
            output.append(contentsOf: buffer[start..<start + part])
            start += part
            missing -= part
            if missing == 0 { return true }
            guard try refill() else { return false }
        }
    }

    /// How a line stands in the file.
    enum Line {
        case whole
        /// It has more bytes, its end included, than was asked for.
        case tooLong
        /// The file ends before it does.
        case unended
    }

    /// Puts the next line, without its end, into `line`; false when the file is at its end. Throws `malformed` for a
    /// line that has more than `limit` bytes, its end included, or does not end.
    mutating func line(into line: inout [UInt8], atMost limit: Int) throws(ArchiveError) -> Bool {
        switch try next(into: &line, atMost: limit, skipsRest: false) {
        case .whole?: return true
        case nil: return false
        case .tooLong?: throw ArchiveError(.malformed, file, "has a line of more than \(limit) bytes, its end included")
        case .unended?: throw ArchiveError(.malformed, file, "does not end with a line feed")
        }
    }

    /// Puts the next line, without its end, into `line`, of one that is too long its beginning; nil at the file's end.
    /// `skipsRest`: whether a line that is too long is read to its end, so that the one behind it can be read.
    mutating func next(
        into line: inout [UInt8], atMost limit: Int, skipsRest: Bool = true
    ) throws(ArchiveError) -> Line? {
        line.removeAll(keepingCapacity: true)
        var count = 0
        while true {
            var end = start
            while end < buffer.count, buffer[end] != UInt8(ascii: "\n") { end += 1 }
            count += end - start
            line.append(contentsOf: buffer[start..<end].prefix(max(0, limit - line.count)))
            if end < buffer.count {
                start = end + 1
                return count < limit ? .whole : .tooLong
            }
            start = end
            if count >= limit, !skipsRest { return .tooLong }
            guard try refill() else {
                if count == 0 { return nil }
                return count < limit ? .unended : .tooLong
            }
        }
    }

    /// Whether everything has been taken.
    mutating func isAtEnd() throws(ArchiveError) -> Bool {
        guard start == buffer.count else { return false }
        return try !refill()
    }

    /// The SHA-256 of the whole file, of which what is left is read.
    consuming func digest() throws(ArchiveError) -> Digest {
        start = buffer.count
        while try refill() { start = buffer.count }
        return hash.digest()
    }
}
