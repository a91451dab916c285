public import Digests
public import Merkle

/// What `bag-info.txt` says (docs/archive.md, "Tag files").
public struct BagInfo: Hashable, Sendable {
    /// `YYYY-MM-DD`.
    public var date: String
    /// The bytes of all files below `data/`.
    public var byteCount: UInt64
    /// The number of files below `data/`.
    public var fileCount: UInt64
    /// The ledger's origin.
    public var origin: String
    /// The ledger's incarnation, a UUID.
    public var incarnation: String
    /// A sentence for people.
    public var description: String
    /// The program that wrote the archive.
    public var agent: String
    /// The number of entries.
    public var size: TreeSize
    /// The root of the tree of these entries.
    public var root: Digest
    /// Further lines, each with its end.
    public var furtherLines: [UInt8]

    /// The version of the layout that this code knows.
    public static let version = "1"

    private static let labels = [
        "Bagging-Date", "Payload-Oxum", "External-Identifier", "Internal-Sender-Identifier", "External-Description",
        "Bag-Software-Agent", "Mohur-Archive-Version", "Mohur-Entries", "Mohur-Root",
    ]

    public init(
        date: String, byteCount: UInt64, fileCount: UInt64, origin: String, incarnation: String, description: String,
        agent: String, size: TreeSize, root: Digest, furtherLines: [UInt8] = []
    ) {
        self.date = date
        self.byteCount = byteCount
        self.fileCount = fileCount
        self.origin = origin
        self.incarnation = incarnation
        self.description = description
        self.agent = agent
        self.size = size
        self.root = root
        self.furtherLines = furtherLines
    }

    /// The bytes of the file.
    public var bytes: [UInt8] {
        let values = [
            date, "\(byteCount).\(fileCount)", origin, incarnation, description, agent, BagInfo.version, "\(size)",
            root.hex,
        ]
        var bytes: [UInt8] = []
        for (label, value) in zip(BagInfo.labels, values) { bytes.append(contentsOf: "\(label): \(value)\n".utf8) }
        return bytes + furtherLines
    }
}

// MARK: - Reading

extension BagInfo {
    /// The path below the archive's folder.
    public static let file = "bag-info.txt"

    /// Reads the file's bytes. Throws `malformed`, saying which line.
    public init(parsing bytes: [UInt8]) throws(ArchiveError) {
        guard bytes.count <= ArchiveLimits.tagByteCount else {
            throw ArchiveError(
                .tooLarge, BagInfo.file, "has \(bytes.count) bytes; at most \(ArchiveLimits.tagByteCount) are read")
        }
        var stream = HashedStream(BagInfo.file, bytes: bytes)
        var line: [UInt8] = []
        var values: [String] = []
        var length = 0
        for label in BagInfo.labels {
            guard try stream.line(into: &line, atMost: bytes.count), let value = BagInfo.value(of: label, in: line)
            else { throw BagInfo.malformed("line \(values.count + 1) is not \"\(label): …\"") }
            values.append(value)
            length += line.count + 1
        }
        while try stream.line(into: &line, atMost: bytes.count) { try BagInfo.check(further: line) }
        guard let oxum = BagInfo.oxum(values[1]) else {
            throw BagInfo.malformed("Payload-Oxum is not a number of bytes, a dot and a number of files")
        }
        guard values[6] == BagInfo.version else {
            throw BagInfo.malformed("the archive is of version \(values[6].prefix(20)); this program knows version 1")
        }
        guard let size = BagInfo.number(values[7][...]), let digits = Hex.decode(values[8]),
            let root = Digest(bytes: digits), root.hex.utf8.elementsEqual(values[8].utf8)
        else { throw BagInfo.malformed("Mohur-Entries or Mohur-Root is not as it should be") }
        guard BagInfo.isDate(values[0]) else { throw BagInfo.malformed("Bagging-Date is not a day, YYYY-MM-DD") }
        self.init(
            date: values[0], byteCount: oxum.0, fileCount: oxum.1, origin: values[2], incarnation: values[3],
            description: values[4], agent: values[5], size: TreeSize(size), root: root,
            furtherLines: Array(bytes[length...]))
    }

    private static func malformed(_ reason: String) -> ArchiveError { ArchiveError(.malformed, file, reason) }

    private static func value(of label: String, in line: [UInt8]) -> String? {
        let start = label.utf8.count + 2
        guard line.count > start, line[..<start].elementsEqual("\(label): ".utf8) else { return nil }
        return text(line[start...])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 9 }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A line behind the known ones: another label, or the continuation of one.
    private static func check(further line: [UInt8]) throws(ArchiveError) {
        guard let text = text(line[...]), let first = line.first else {
            throw malformed("it has a line that is empty or not text")
        }
        if first == 0x20 || first == 9 { return }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex else {
            throw malformed("it has a line without a label")
        }
        let label = text[..<colon].lowercased()
        guard !labels.contains(where: { $0.lowercased() == label }) else {
            throw malformed("the label \(text[..<colon]) stands twice")
        }
    }

    private static func oxum(_ text: String) -> (UInt64, UInt64)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = number(parts[0]), let files = number(parts[1]) else { return nil }
        return (bytes, files)
    }

    /// A decimal number without zeros in front.
    private static func number(_ text: Substring) -> UInt64? {
        guard let value = UInt64(text), String(value) == text else { return nil }
        return value
    }

    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 10
            && bytes.enumerated().allSatisfy { place, byte in
                place == 4 || place == 7
                    ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
