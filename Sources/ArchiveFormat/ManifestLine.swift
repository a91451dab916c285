internal import Digests
internal import EventFormat
internal import Merkle

/// A line of `manifest-sha256.txt` or `tagmanifest-sha256.txt`: 64 hexadecimal digits, two spaces, a path.
///
/// Since the paths are known, so is the place of each line: what ``byteCount(of:)`` and its companions compute.
enum ManifestLine {
    private static let pathOffset = 66

    /// Appends the line, with its end.
    static func append(_ digest: Digest, _ path: String, to output: inout [UInt8]) {
        output.append(contentsOf: digest.hex.utf8)
        output.append(contentsOf: "  ".utf8)
        output.append(contentsOf: path.utf8)
        output.append(UInt8(ascii: "\n"))
    }

    /// What a line, without its end, says; nil when it is not exactly of that form. The path's bytes are not checked
    /// but for being UTF-8.
    static func parse(_ line: [UInt8]) -> (digest: Digest, path: String)? {
        guard line.count > pathOffset, line[64] == UInt8(ascii: " "), line[65] == UInt8(ascii: " ") else { return nil }
        let digits = line[..<64]
        guard digits.allSatisfy({ isLowerHex($0) }), let bytes = Hex.decode(String(decoding: digits, as: UTF8.self)),
            let digest = Digest(bytes: bytes), let path = String(validating: line[pathOffset...], as: UTF8.self)
        else { return nil }
        return (digest, path)
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

// MARK: - Places

extension ManifestLine {
    static let checkpointByteCount = byteCount(of: ArchiveFile.checkpoint(1).path)
    static let timestampByteCount = byteCount(of: ArchiveFile.timestampRequest(1).path)
    static let keyHistoryByteCount = byteCount(of: ArchiveFile.keyHistory(1).path)
    static let documentByteCount = byteCount(of: ArchiveFile.content(ContentName(.zero)).path)

    /// The bytes of the line of `path`, with its end.
    static func byteCount(of path: String) -> Int { pathOffset + path.utf8.count + 1 }

    /// The bytes of the lines of the first `count` files of `run`, all of them full. O(1).
    static func byteCount(_ run: ArchiveContents.Run, before count: UInt64) -> UInt64 {
        let prefix = UInt64(byteCount(of: ArchiveContents.Run(run.kind, items: 256).file(0).path) - 3)
        var bytes = count * prefix
        // Numbers of one group of three digits, of two, …: each group more costs x, three digits and a slash.
        var (first, end, digits): (UInt64, UInt64, UInt64) = (0, 1000, 3)
        while first < count {
            bytes += (min(count, end) - first) * digits
            (first, digits) = (end, digits + 5)
            let (product, overflowed) = end.multipliedReportingOverflow(by: 1000)
            end = overflowed ? .max : product
        }
        return bytes
    }
}
