public import Digests

/// A projection as its author wrote it: plain SQL with comments that say what each statement is for.
///
/// ```sql
/// -- projection: visits
/// -- version: 1
/// -- categories: case
///
/// -- schema
/// CREATE TABLE visits (stream TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
///
/// -- on visit.*
/// INSERT INTO visits VALUES ($stream, 1) ON CONFLICT (stream) DO UPDATE SET count = count + 1;
/// ```
///
/// A value of this type has been checked: its SQL compiles, touches no tables but its own, and gives the same rows for
/// the same events.
public struct Definition: Hashable, Sendable {
    /// The most bytes of a definition: 1 MiB.
    public static let maximumByteCount = 1 << 20

    /// The file's name, for errors.
    public let file: String
    /// 1 to 64 lower-case letters, digits and `-`, a letter first.
    public let name: String
    /// From 1.
    public let version: Int64
    /// The stream categories whose events it sees; nil: all.
    public let categories: Set<String>?
    /// The stream categories whose events it does not see.
    public let excludedCategories: Set<String>
    /// SHA-256 of the file's bytes.
    public let digest: Digest

    let text: [UInt8]
    let schema: [Range<Int>]
    let handlers: [Handler]

    /// The statements for some types of events.
    struct Handler: Hashable, Sendable {
        let patterns: [TypePattern]
        let range: Range<Int>
    }

    /// Reads and checks the definition `text`. Throws ``ProjectionError/Code/invalidDefinition`` naming file, line and
    /// remedy.
    public init(file: String, text: [UInt8]) throws(ProjectionError) {
        var reader = try DefinitionReader(file: file, text: text)
        try reader.read()
        self.file = file
        self.text = text
        digest = SHA256.hash(text.span)
        guard let name = reader.name else {
            throw .invalid(file, line: 1, "the name is missing; write a line such as \"-- projection: case-register\"")
        }
        guard let version = reader.version else {
            throw .invalid(file, line: 1, "the version is missing; write the line \"-- version: 1\"")
        }
        self.name = name
        self.version = version
        categories = reader.categories
        excludedCategories = reader.excludedCategories
        schema = reader.schema
        handlers = reader.handlers
        guard !handlers.isEmpty else {
            throw .invalid(file, line: 1, "no statement is for any event; write a section \"-- on TYPE\"")
        }
        try ProjectionCompiler.check(self)
    }

    /// Reads and checks the definition `text`.
    public init(file: String, text: String) throws(ProjectionError) {
        try self.init(file: file, text: Array(text.utf8))
    }

    /// The line of the byte at `offset`, from 1.
    func line(at offset: Int) -> Int {
        text[..<min(offset, text.count)].count { $0 == UInt8(ascii: "\n") } + 1
    }

    func invalid(at offset: Int, _ reason: String) -> ProjectionError {
        .invalid(file, line: line(at: offset), reason)
    }
}
