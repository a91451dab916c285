/// The lines of a file, one at a time, in memory of one line and one chunk.
public struct LineReader: ~Copyable {
    /// One line without its ending.
    public struct Line: Hashable, Sendable {
        /// From 1.
        public let number: Int
        public let bytes: [UInt8]
    }

    /// The most bytes of a line: 4 MiB.
    public static let maximumByteCount = 4 << 20

    private var reader: ByteReader

    public init(_ input: consuming InputFile) {
        reader = ByteReader(input)
    }

    /// The next line, which ends in LF, CRLF or the file's end, or nil behind the last.
    ///
    /// A file that ends in a line ending has no empty line behind it. Throws ``InterchangeError`` naming a line of
    /// more than 4 MiB, of which the rest would be taken for the next line: stop there.
    public mutating func next() throws(InterchangeError) -> Line? {
        let number = reader.line
        guard let bytes = try reader.nextLine(maximum: LineReader.maximumByteCount) else { return nil }
        return Line(number: number, bytes: bytes)
    }
}
